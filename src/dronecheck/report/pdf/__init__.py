"""The document of --pdf, set by Typst."""
