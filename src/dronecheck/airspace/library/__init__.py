"""The zone library: editions kept with their dates, and the zones for one flight."""
