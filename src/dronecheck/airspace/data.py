"""Where data lies: what ships with dronecheck, and the user's own zone library."""

from __future__ import annotations

import os
from pathlib import Path

from dronecheck.safe.data_files import data_dir

__all__ = ["data_dir", "library_folder"]


def library_folder() -> Path:
    """The folder of the library: `DRONECHECK_HOME`, else the user's data folder by the rules of the system."""
    given = os.environ.get("DRONECHECK_HOME")
    if given:
        return Path(given)
    import platformdirs

    return Path(platformdirs.user_data_path("dronecheck", appauthor=False))
