"""Zones as the airspace question asks of them: what the files speak for, each zone's visits, and what all say."""
