"""Edits that hide a true violation: the founding flight's crossing taken home, in one source of its log or in all.

What must hold: where the log has two sources and one was edited, no edit ends as CLEAR without a statement.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import dronecheck
from dronecheck.errors import UnreadableInput
from dronecheck.flight import Flight
from dronecheck.flight.integrity import Weight
from dronecheck.geofence.result import Verdict
from tests.edits import logs
from tests.edits.editable import ESTIMATE, M_PER_DEG, RECEIVER, Bools, Column, Editable, Floats
from tests.edits.measure import said_of
from tests.edits.scene import Scene, is_place

SAFE = 0.4  # of the way to the border: what the edits leave
SOURCES = (RECEIVER, ESTIMATE, None)
Shift = Callable[[Floats, Floats, Bools], tuple[Floats, Floats]]  # metres from home, beyond -> metres from home


@dataclass(frozen=True)
class Hidden:
    """One such edit: what was answered, and which tests said something."""

    log: str
    edit: str
    source: str | None  # None: all
    has_both: bool
    verdict: Verdict
    by: tuple[str, ...]

    @property
    def is_silent(self) -> bool:
        """Whether it is answered CLEAR without a statement."""
        return self.verdict is Verdict.CLEAR and not self.by


def founding() -> list[Path]:
    """The founding flight in each format that is edited."""
    return [
        path
        for path in logs.samples()
        if path.name.startswith("founding") and "ZLL" not in path.name and path.suffix != ".DAT"
    ]


def _entry_m(flight: Flight) -> float:
    """How far from the first fix the border was crossed."""
    entry = next(finding.entry for finding in dronecheck.check(flight).findings if finding.verdict is Verdict.VIOLATION)
    assert entry is not None
    track = flight.track
    north = (entry.lat_deg - track.lat_deg[0]) * M_PER_DEG
    east = (entry.lon_deg - track.lon_deg[0]) * M_PER_DEG * np.cos(np.radians(entry.lat_deg))
    return float(np.hypot(north, east))


def _mirrored(limit_m: float) -> Shift:
    """The whole way turned round: as far from the border as it went beyond."""
    return lambda north, east, beyond: (-north, -east)


def _inland(limit_m: float) -> Shift:
    """The whole way carried three kilometres away from the border."""

    def shift(north: Floats, east: Floats, beyond: Bools) -> tuple[Floats, Floats]:
        far = int(np.hypot(north, east).argmax())
        factor = 3000.0 / float(np.hypot(north[far], east[far]))
        return north - factor * north[far], east - factor * east[far]

    return shift


def _turned(limit_m: float) -> Shift:
    """What lies beyond the limit is folded back from there: the aircraft seems to have turned."""

    def shift(north: Floats, east: Floats, beyond: Bools) -> tuple[Floats, Floats]:
        away = np.hypot(north, east)
        factor = np.where(beyond, (2 * limit_m - away) / np.maximum(away, 1.0), 1.0)
        return north * factor, east * factor

    return shift


def _carried(limit_m: float) -> Shift:
    """The stretch beyond is carried home as it is, with a jump at either end."""

    def shift(north: Floats, east: Floats, beyond: Bools) -> tuple[Floats, Floats]:
        far = int(np.hypot(north, east).argmax())
        return north - beyond * 1.2 * north[far], east - beyond * 1.2 * east[far]

    return shift


def _held(limit_m: float) -> Shift:
    """The last place before the border is repeated until the aircraft is back."""

    def shift(north: Floats, east: Floats, beyond: Bools) -> tuple[Floats, Floats]:
        last = np.maximum.accumulate(np.where(beyond, 0, np.arange(len(beyond))))
        return north[last], east[last]

    return shift


EDITS: dict[str, Callable[[float], Shift]] = {
    "way turned round": _mirrored, "turned before the border": _turned, "carried home": _carried,
    "held before the border": _held, "whole way carried inland": _inland,
}  # fmt: skip
LEFT_OUT = "left out"


def _pairs(log: Editable, source: str | None) -> list[tuple[Column, Column]]:
    return [
        (lat, lon) for lat in log.of("lat", source=source) for lon in log.of("lon", source=source)
        if lat.message == lon.message and len(lat.rows) == len(lon.rows)
    ]  # fmt: skip


def _edited(log: Editable, source: str | None, limit_m: float, edit: str) -> Editable | None:
    out = log.copy()
    gone = np.zeros(len(log.records), np.bool_)
    for lat, lon in _pairs(out, source):
        good = np.flatnonzero(is_place(lat) & is_place(lon))
        if not len(good):
            continue
        lat0, lon0 = lat.values[good[0]], lon.values[good[0]]
        squeeze = np.cos(np.radians(lat0)) * M_PER_DEG
        north, east = (lat.values[good] - lat0) * M_PER_DEG, (lon.values[good] - lon0) * squeeze
        beyond = np.asarray(np.hypot(north, east) > limit_m)
        gone[lat.rows[good[beyond]]] = True
        if edit != LEFT_OUT:
            new_north, new_east = EDITS[edit](limit_m)(north, east, beyond)
            lat.values[good], lon.values[good] = lat0 + new_north / M_PER_DEG, lon0 + new_east / squeeze
    if not gone.any():
        return None
    return out.take(np.flatnonzero(~gone)) if edit == LEFT_OUT else out


def hidden(path: Path, sources: tuple[str | None, ...] = SOURCES) -> list[Hidden]:
    """Make all such edits of a log that shows a violation, and ask for each."""
    data = path.read_bytes()
    flight = logs.read(path, data)
    log = logs.take_apart(path, data)
    scene = Scene.of(log, random.Random(1)) if log else None
    assert log and scene
    before = said_of(flight)
    limit_m = SAFE * _entry_m(flight)
    found = []
    for source in sources:
        if source is not None and not scene.has_both:
            continue
        for edit in (*EDITS, LEFT_OUT):
            made = _edited(log, source, limit_m, edit)
            if made is None:
                continue
            try:
                after = logs.read(path, made.encode())
            except UnreadableInput:
                continue
            new = tuple(sorted({id_ for id_, weight, _ in said_of(after) - before if weight != Weight.INFO}))
            found.append(Hidden(path.name, edit, source, scene.has_both, dronecheck.check(after).verdict, new))
    return found
