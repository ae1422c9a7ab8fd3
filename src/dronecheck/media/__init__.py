"""Photos and films as they were written: bytes to items, each value with its place in the file."""
