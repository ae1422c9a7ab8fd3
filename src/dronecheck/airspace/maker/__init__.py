"""Zones of manufacturers, in JSON: they bind nobody in law."""
