"""The geofence: (Flight, ZoneSet, Rules) in, Result out; pure.

path -> profile (signed distance along the path) -> encounter (visits, approaches) -> findings -> result.
"""
