"""What the fields of a file mean together: when, where, how high, which way, by which device."""
