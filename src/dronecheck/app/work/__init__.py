"""What the processes of the pool do: flights judged, footage looked at, fleets audited; and what a row says of it."""
