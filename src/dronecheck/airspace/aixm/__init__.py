"""AIXM, the aeronautical information exchange model (XML): versions 5.1 and 4.5."""
