"""Files into shots: what was named is walked, files of one shot are put together, and each shot is answered."""
