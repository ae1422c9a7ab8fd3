"""Heights: vertical datums, the geoid, terrain."""
