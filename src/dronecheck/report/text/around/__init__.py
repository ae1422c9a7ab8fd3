"""What is said of the surroundings of a flight: aerodromes, official zones, the local time. Nothing of it decides."""
