"""Where the data that ships with dronecheck lies."""

from __future__ import annotations

from functools import cache
from pathlib import Path

__all__ = ["data_dir"]


@cache
def data_dir() -> Path:
    """The folder `airspace_data`: inside an installed package, or at the top of a source checkout."""
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
