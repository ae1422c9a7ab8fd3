"""The proof that nothing of a source is left in its copy."""
