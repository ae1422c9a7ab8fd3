"""What the zone readers share: features, areas, properties, notes."""
