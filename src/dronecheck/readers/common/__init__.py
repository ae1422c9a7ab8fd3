"""What the readers share: scanning, accuracy, order in time, plausibility."""
