"""Reports: the same result for the terminal, as JSON, as pictures, and tracks for other tools."""
