"""The questions of a check: border, airspace, height."""
