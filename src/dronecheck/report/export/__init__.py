"""Tracks and results as files for other tools."""
