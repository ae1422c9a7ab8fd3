"""What the readers share about time: which dates can be, satellite time, and what it makes of an autopilot's clock."""
