"""Where data lies: what ships with dronecheck, and the user's own zone library."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

__all__ = ["data_dir", "library_folder"]


@cache
def data_dir() -> Path:
    """Return the folder `airspace_data`: inside an installed package, or at the top of a source checkout."""
    package = Path(__file__).resolve().parents[1]
    candidates = [package / "airspace_data", package.parents[1] / "airspace_data"]
    for candidate in candidates:
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(
        "dronecheck's airspace_data folder is missing; looked at "
        + " and ".join(map(str, candidates))
        + "; reinstall the package"
    )


def library_folder() -> Path:
    """Return the folder of the library: `DRONECHECK_HOME`, else the user's data folder by the rules of the system."""
    given = os.environ.get("DRONECHECK_HOME")
    if given:
        return Path(given)
    import platformdirs

    return Path(platformdirs.user_data_path("dronecheck", appauthor=False))
