"""IGC files of flight recorders (FAI/IGC technical specification of GNSS flight recorders, appendix A)."""

from dronecheck.readers.igc.read import IS_TEXT, NAME, TITLE, read, sniff

__all__ = ["IS_TEXT", "NAME", "TITLE", "read", "sniff"]
