"""The commands that open a page in the browser: of files that are named, or to drop files on."""
