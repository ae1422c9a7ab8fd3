"""How the keys of an encrypted record are asked for: what the record holds for that, and the service that is asked."""
