"""What is said of the log itself: its format, its notes, what tests of it against itself found."""
