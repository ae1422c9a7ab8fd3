"""A case: what was found of a log, with everything that others need to verify it, in one file."""
