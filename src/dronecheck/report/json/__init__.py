"""The JSON documents and their types."""
