"""KML 2.2 and 2.3 (OGC 12-007r2), and KMZ: zones as Placemarks with Polygons."""

from dronecheck.airspace.kml.read import NAME, TITLE, read, sniff

__all__ = ["NAME", "TITLE", "read", "sniff"]
