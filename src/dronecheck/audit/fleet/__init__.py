"""The fleet page, and a flight's own page made from its log when it is asked for."""
