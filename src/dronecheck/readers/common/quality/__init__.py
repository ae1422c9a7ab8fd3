"""What every reader's flight is asked, whatever its format: idleness, fixes that cannot be, simulators."""
