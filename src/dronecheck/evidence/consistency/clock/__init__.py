"""Whether a log's times agree: gaps, clocks against each other, the date in the file's name, the file's own times."""
