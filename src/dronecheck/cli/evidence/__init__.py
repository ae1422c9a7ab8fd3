"""The commands for evidence: cases that are written, signed and verified."""
