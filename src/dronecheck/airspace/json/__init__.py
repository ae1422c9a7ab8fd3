"""Zone files in JSON: GeoJSON, ED-269, ED-318, DJI GEO, Autel."""
