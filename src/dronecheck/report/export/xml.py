"""A track as GPX 1.1 or KML 2.2, with heights only where their datum is what the format means.

| format | height it means | what is written |
|---|---|---|
| GPX `ele` | above mean sea level, by convention | alt_amsl_m where known, else no `ele` |
| KML `altitudeMode` absolute | above sea level | alt_amsl_m if every fix has it, else clampToGround |

A height above take-off is neither above sea level nor above ground, so it is in no place of these formats.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

from dronecheck.flight import Flight, Track
from dronecheck.report.views.files import log_title
from dronecheck.safe.io import plain
from dronecheck.timebase import iso_utc

__all__ = ["gpx", "kml", "kml_line", "points"]


def gpx(flight: Flight, name: str, track: Track) -> bytes:
    """Return GPX 1.1: one track, one segment; times only where UTC is known."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<gpx version="1.1" creator="dronecheck" xmlns="http://www.topografix.com/GPX/1/1">',
        f"<trk><name>{_title(flight, name)}</name><trkseg>",
        "</trkseg><trkseg>".join("".join(points(flight, track, rows)) for rows in _parts(track)),
        "</trkseg></trk>",
        "</gpx>",
    ]
    return ("\n".join(lines) + "\n").encode()


def _parts(track: Track) -> list[NDArray[np.int64]]:
    """Return the rows of each part of a track: what lies between two is not known."""
    return np.split(np.arange(len(track), dtype=np.int64), np.flatnonzero(np.diff(track.part)) + 1)


def points(flight: Flight, track: Track, rows: NDArray[np.int64]) -> Iterator[str]:
    """Yield the track points of some rows."""
    given = (track.lat_deg, track.lon_deg, track.alt_amsl_m, track.time_ns, track.is_timed)
    for lat, lon, height, time_ns, is_timed in zip(*(column[rows].tolist() for column in given), strict=True):
        ele = f"<ele>{height:.3f}</ele>" if isfinite(height) else ""
        stamp = iso_utc(time_ns, flight.clock.utc_known and is_timed)
        time = f"<time>{stamp}</time>" if stamp else ""
        yield f'<trkpt lat="{lat!r}" lon="{lon!r}">{ele}{time}</trkpt>'


def kml(flight: Flight, name: str, track: Track) -> bytes:
    """Return KML 2.2 with Google's time-stamped track where UTC is known, else a plain line."""
    absolute = len(track) > 0 and bool(np.isfinite(track.alt_amsl_m).all())
    mode = "absolute" if absolute else "clampToGround"
    timed = flight.clock.utc_known and bool(track.is_timed.all())
    draw, folder = (_timed_line, "gx:MultiTrack") if timed else (_line, "MultiGeometry")
    lines_ = [line for rows in _parts(track) for line in draw(track.where(rows), mode, absolute)]
    shape = lines_ if len(_parts(track)) == 1 else [f"<{folder}>", *lines_, f"</{folder}>"]
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2">',
        f"<Placemark><name>{_title(flight, name)}</name>",
        *shape,
        "</Placemark>",
        "</kml>",
    ]
    return ("\n".join(lines) + "\n").encode()


def _timed_line(track: Track, mode: str, absolute: bool) -> Iterator[str]:
    yield f"<gx:Track><altitudeMode>{mode}</altitudeMode>"
    for time_ns in track.time_ns.tolist():
        yield f"<when>{iso_utc(time_ns)}</when>"
    for place in _places(track, absolute):
        yield f"<gx:coord>{' '.join(place)}</gx:coord>"
    yield "</gx:Track>"


def _line(track: Track, mode: str, absolute: bool) -> Iterator[str]:
    yield f"<LineString><altitudeMode>{mode}</altitudeMode><coordinates>"
    for place in _places(track, absolute):
        yield ",".join(place)
    yield "</coordinates></LineString>"


def kml_line(track: Track, rows: NDArray[np.int64]) -> str:
    """Return some rows as a line: above the sea where the whole track knows that, else on the ground."""
    absolute = bool(np.isfinite(track.alt_amsl_m).all())
    mode = "absolute" if absolute else "clampToGround"
    chosen = (c[rows].tolist() for c in (track.lon_deg, track.lat_deg, track.alt_amsl_m))
    places = (f"{x!r},{y!r},{z:.3f}" if absolute else f"{x!r},{y!r}" for x, y, z in zip(*chosen, strict=True))
    return f"<LineString><altitudeMode>{mode}</altitudeMode><coordinates>{' '.join(places)}</coordinates></LineString>"


def _places(track: Track, absolute: bool) -> Iterator[tuple[str, str, str]]:
    heights = track.alt_amsl_m.tolist() if absolute else [0.0] * len(track)
    for lon, lat, height in zip(track.lon_deg.tolist(), track.lat_deg.tolist(), heights, strict=True):
        yield repr(lon), repr(lat), f"{height:.3f}" if absolute else "0"


def _title(flight: Flight, name: str) -> str:
    return escape(plain(f"{log_title(flight)} ({name})"))
