"""HOM-1: the home point as the rows state it: does it move, was the take-off there, do the distances count from it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dronecheck.arrays import Bools, Floats
from dronecheck.evidence.consistency.stretches import places, spans
from dronecheck.evidence.consistency.table.distances import home_distances, home_of_column
from dronecheck.evidence.consistency.table.rows import Rows, haversine_m, quantile, rows_of
from dronecheck.flight import Flight
from dronecheck.flight.integrity import Concern, Statement, Weight
from dronecheck.messages import Message

__all__ = ["home_point"]

ID = "HOM-1"
MOVED_M = 30.0
FAR_M = 100.0
ON_GROUND_M, AT_REST_MPS = 2.0, 1.0
OTHER_HOME_M = 30.0
AGREES_M = 5.0
SPHERE_M = 6_371_000.0

_RESET = (
    Message("the pilot set the home point anew, or let it follow the controller"),
    Message("the home point was recorded late, with a better fix"),
)
_OTHER = (
    Message("the exporter counts from the first row, or from the pilot, not from the home point"),
    Message("positions and home passed through an app that shifts one of them, as maps of China do"),
)


def home_point(flight: Flight) -> tuple[Statement, ...] | None:
    """Hold the home point of each row against its other rows, the take-off and the column of distances (HOM-1)."""
    rows = rows_of(flight)
    if rows is None:
        return None
    home = rows.place("home_")
    stated = np.flatnonzero(np.isfinite(home[0]) & np.isfinite(home[1]))
    if not len(stated):
        return None
    return (*_moves(flight, rows, home), *_takeoff(flight, rows, home, int(stated[0])), *_counted(flight, rows, home))


def _statement(
    flight: Flight,
    rows: Rows,
    mask: Bools,
    weight: Weight,
    observed: Message,
    expected: Message,
    threshold: Message,
    innocent: tuple[Message, ...],
) -> Statement:
    return Statement(
        ID, weight, Concern.POSITION, observed, expected, threshold, innocent,
        records=places(rows.offset, mask), spans=spans(rows.offset, mask),
        tracks=(flight.primary,) if flight.primary else (),
    )  # fmt: skip


def _moves(flight: Flight, rows: Rows, home: tuple[Floats, Floats]) -> Iterator[Statement]:
    lat, lon = home
    known = np.flatnonzero(np.isfinite(lat) & np.isfinite(lon))
    moved_m = haversine_m(lat[known[:-1]], lon[known[:-1]], lat[known[1:]], lon[known[1:]], SPHERE_M)
    far = known[1:][moved_m > MOVED_M]
    if not len(far):
        return
    mask = np.zeros(len(rows), np.bool_)
    mask[far] = True
    before = known[:-1][moved_m > MOVED_M]
    was_there = [
        any(lat[row] == lat[old] and lon[row] == lon[old] for old in before[: number + 1].tolist())
        for number, row in enumerate(far[:100].tolist())
    ]
    returns = any(was_there)
    observed = Message(
        "the home point moves {count} times, by up to {far_m:.0f} m", count=len(far), far_m=float(moved_m.max())
    )
    if returns:
        observed = Message(
            "the home point moves {count} times, by up to {far_m:.0f} m, and back to exactly where it was",
            count=len(far),
            far_m=float(moved_m.max()),
        )
        first, last = int(far[0]), int(far[-1])
        mask[first : last + 1] = True
    yield _statement(
        flight, rows, mask, Weight.NOTICE if returns else Weight.INFO, observed,
        Message("one home point a flight, or another that is set once"),
        Message("{moved_m:g} m", moved_m=MOVED_M), _RESET,
    )  # fmt: skip


def _takeoff(flight: Flight, rows: Rows, home: tuple[Floats, Floats], stated: int) -> Iterator[Statement]:
    lat, lon = rows.place()
    height_m, speed_mps = rows.column("height_home_m"), rows.column("speed_mps")
    first = np.flatnonzero(np.isfinite(lat) & np.isfinite(lon) & rows.has_signal)[:1]
    if not len(first):
        return
    row = int(first[0])
    on_ground = abs(height_m[row]) <= ON_GROUND_M and not speed_mps[row] > AT_REST_MPS
    if not on_ground:
        return
    away_m = float(haversine_m(lat[row : row + 1], lon[row : row + 1], home[0][stated : stated + 1],
                               home[1][stated : stated + 1], SPHERE_M)[0])  # fmt: skip
    if away_m <= FAR_M:
        return
    mask = np.zeros(len(rows), np.bool_)
    mask[[row, stated]] = True
    yield _statement(
        flight, rows, mask, Weight.NOTICE,
        Message("the first fix, on the ground, is {away_m:.0f} m from the home point", away_m=away_m),
        Message("a home point where the aircraft took off"),
        Message("{far_m:g} m", far_m=FAR_M),
        (*_RESET, Message("the home point of an earlier flight was still set")),
    )  # fmt: skip


def _counted(flight: Flight, rows: Rows, home: tuple[Floats, Floats]) -> Iterator[Statement]:
    """Tell where the distances count from another place than the home that is stated."""
    if not rows.has("home_distance_m", "lat_deg", "lon_deg"):
        return
    held = home_distances(rows)
    if held is not None and held[1].fits >= 0.5:
        return
    fitted = home_of_column(rows)
    if fitted is None:
        return
    lat, lon = rows.place()
    made_m = haversine_m(np.full(len(rows), fitted[0]), np.full(len(rows), fitted[1]), lat, lon, SPHERE_M)
    off_m = np.abs(made_m - rows.column("home_distance_m"))
    off_m = off_m[np.isfinite(off_m)]
    away_m = haversine_m(np.full(len(rows), fitted[0]), np.full(len(rows), fitted[1]), *home, SPHERE_M)
    away_m = away_m[np.isfinite(away_m)]
    if not len(away_m) or not quantile(off_m, 0.5) <= AGREES_M or not quantile(away_m, 0.5) > OTHER_HOME_M:
        return
    observed = Message(
        "the distances to home count from a place {away_m:.0f} m from the home point that the rows state",
        away_m=quantile(away_m, 0.5),
    )
    yield _statement(
        flight, rows, np.ones(len(rows), np.bool_), Weight.NOTICE, observed,
        Message("distances from the positions to the stated home point"),
        Message("{away_m:g} m", away_m=OTHER_HOME_M), _OTHER,
    )  # fmt: skip
