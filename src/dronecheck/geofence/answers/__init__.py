"""What an answer is made of: why it is open and what would settle it, and what the rules of a place say."""
