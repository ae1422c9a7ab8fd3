"""Footage against borders and zones: what a camera knows of itself, where it looked, and what that is of a place.

camera -> draws -> view -> relation; the camera's own place is judged by the geofence.
"""
