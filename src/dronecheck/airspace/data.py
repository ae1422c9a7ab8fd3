"""Where the data that ships with dronecheck lies (for the airspace layer)."""

from __future__ import annotations

from dronecheck.packaged import data_dir

__all__ = ["data_dir"]
