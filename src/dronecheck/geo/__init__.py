"""Geometry on the WGS 84 ellipsoid. No domain words: points, edges, polygons, paths and distances only."""
