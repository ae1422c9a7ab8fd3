"""A report without verdicts: what the record places where and when, how sure that is, and what it cannot tell."""
