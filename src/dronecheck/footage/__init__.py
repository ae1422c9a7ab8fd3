"""What footage says beside borders, airspace and flight logs."""
