"""The geofence: (Flight, ZoneSet, Settings) in, Result out; pure.

path -> profile (signed distance along the path) -> encounter (visits, approaches) -> findings -> result.
"""
