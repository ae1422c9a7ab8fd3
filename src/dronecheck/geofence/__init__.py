"""The geofence: (Flight, ZoneSet, Settings) in, Result out; pure.

trajectory -> distance profile -> visits and approaches -> findings -> result; each question asks its own.
"""
