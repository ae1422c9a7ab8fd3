"""Tests of how a file is written: its framing, its ends, copies in it, whose records they are, and their order."""
