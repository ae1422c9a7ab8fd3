"""The country borders that ship with dronecheck."""
