"""Walkers of containers that log readers and footage both need: bytes in, named spans out, no meaning.

None of them recurses, loads what it walks over, or follows a place twice; what a file claims of itself is held against
the bytes that are there.
"""
