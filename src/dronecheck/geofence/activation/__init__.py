"""When a zone is active, and the visits within that time."""
