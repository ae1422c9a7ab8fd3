"""Quantities of a flight held against a limit that they should not pass."""
