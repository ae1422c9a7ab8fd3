"""Kinds of files: each finds the metadata in its container and hands it to the grammars of `tags`."""
