"""ED-269 and ED-318 (EUROCAE, JSON): what both share, and what each has."""
