"""Grammars of metadata that stand in several kinds of files: EXIF, XMP, maker notes, camera tracks of films."""
