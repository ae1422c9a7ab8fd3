"""What was flown, from records of positions: tracks, and the witnesses that they are held against."""
