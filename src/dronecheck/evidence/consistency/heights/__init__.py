"""Whether heights agree: receiver, estimate, barometer, above take-off, above the sea, and the ground."""
