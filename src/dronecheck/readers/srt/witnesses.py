"""What cues say beside positions: distances, speeds, satellites and the camera's figures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

import numpy as np

from dronecheck.arrays import Floats, Ints
from dronecheck.flight import Deferred, Track, Witness
from dronecheck.readers.common.clock.time_order import UNTIMED
from dronecheck.readers.common.witnesses import instants, of_columns
from dronecheck.readers.srt.cues import Cue, Fields

__all__ = ["read_witnesses"]

_FIGURE = r"\s*:?\s*([-+]?\d{1,6}(?:\.\d{1,6})?)"
_CAMERA = {
    "iso": re.compile(rf"\biso{_FIGURE}", re.IGNORECASE),
    "shutter_per_s": re.compile(r"\bshutter\s*:\s*(?:1/)?(\d{1,6}(?:\.\d{1,4})?)", re.IGNORECASE),
    "f_number": re.compile(r"\b(?:fnum\s*:|F/)\s*(\d{1,4}(?:\.\d{1,2})?)", re.IGNORECASE),
    "ev": re.compile(rf"\bev{_FIGURE}", re.IGNORECASE),
    "focal_mm": re.compile(rf"\bfocal_len{_FIGURE}", re.IGNORECASE),
    "white_balance": re.compile(rf"\bct{_FIGURE}", re.IGNORECASE),
}
_DOUBTFUL_HEIGHT = re.compile(rf"(?:\babs_alt|\[\s*altitude){_FIGURE}", re.IGNORECASE)


def read_witnesses(
    found: Sequence[Cue], fields: Sequence[Fields], longitude_first: bool | None, time_ns: Ints, track: Track
) -> tuple[Witness, ...]:
    """Return the witnesses of all cues, in file order; the camera's figures are read when they are asked for."""
    if not found:
        return ()
    offset = np.array([cue.line for cue in found], dtype=np.int64)
    times = instants(track, offset, time_ns, time_ns != UNTIMED)
    texts = [cue.text for cue in found]

    def told(name: str) -> Floats:
        return np.array([getattr(one, name) for one in fields], dtype=np.float64)

    homes = np.array([one.home or (np.nan, np.nan) for one in fields], dtype=np.float64).T
    home_lon, home_lat = (homes if longitude_first else homes[::-1]) if longitude_first is not None else (None, None)
    distances: dict[str, Floats | None] = {
        "lat_deg": told("lat_deg"),
        "lon_deg": told("lon_deg"),
        "home_lat_deg": home_lat,
        "home_lon_deg": home_lon,
        "home_distance_m": told("distance_m"),
        "height_home_m": told("height_home_m"),
        "height_unframed_m": _first_figures(_DOUBTFUL_HEIGHT, texts),
        "speed_mps": told("speed_mps"),
    }
    camera = {name: partial(_first_figures, pattern, texts) for name, pattern in _CAMERA.items()}
    return (
        *of_columns("distances", "cue", times, offset, distances),
        *of_columns("velocity", "cue", times, offset, {"speed_mps": distances["speed_mps"]}),
        *of_columns("gnss", "cue", times, offset, {"satellites": told("satellites")}),
        Witness("camera", "cue", times, offset, Deferred(camera)),
    )


def _first_figures(pattern: re.Pattern[str], texts: Sequence[str]) -> Floats:
    """Return the figure behind a name in each text, NaN where there is none, shape (n,)."""
    found = (pattern.search(text) for text in texts)
    return np.array([float(one[1]) if one else np.nan for one in found], dtype=np.float64)
