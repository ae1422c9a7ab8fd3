"""Positions as all readers make them: fixes of records, how well they are known, and which track is judged."""
