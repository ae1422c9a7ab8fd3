"""What can be said of a flight of which only the header of its record could be read: bounds, and never a verdict."""
