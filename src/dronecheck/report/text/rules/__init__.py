"""What is said of the rules of a place and day."""
