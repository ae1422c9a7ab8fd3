"""CSV-1: columns that an exporter calculated from others, held against these others by its own formula.

An exporter never departs from its own formula: of seven real logs of two exporters the distance to home is within
0.03 m, the way so far within 0.03 m of each step, in every row. Who moves a place and not all that was made of it
leaves rows that depart.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dronecheck.arrays import Bools, Floats
from dronecheck.evidence.consistency.stretches import places, runs, spans
from dronecheck.evidence.consistency.table.distances import Formula, home_distances, ways
from dronecheck.evidence.consistency.table.rows import RowDeparture, Rows, departing, rows_of
from dronecheck.flight import Flight
from dronecheck.flight.integrity import Concern, Statement, Weight
from dronecheck.messages import Message

__all__ = ["arithmetic"]

ID = "CSV-1"
MAJORITY, NEARLY_ALL = 0.5, 0.9
SURE_M = 10.0  # limits above this tell of a formula that is only near
HEIGHT_LEAST_M, HEIGHT_MOST_M = 1.0, 5.0
SPEED_LEAST_MPS, SPEED_MOST_MPS = 0.3, 3.0
MAXIMA_APART = 0.1
RISES_AT_LEAST, RISES_FIT = 5, 0.7
FIRST_ROWS = 3
# what is the sum of what: (whole, parts, may_shift): whole less parts is 0, or one figure all along
SUMS = (
    ("height_amsl_m", ("height_home_m",), True),
    ("height_amsl_m", ("height_agl_m", "ground_amsl_m"), False),
    ("height_home_m", ("height_home_m_again",), False),
    ("height_amsl_m", ("height_amsl_m_again",), False),
    ("home_distance_m", ("home_distance_m_again",), False),
    ("mileage_m", ("mileage_m_again",), False),
    ("height_agl_m", ("height_agl_m_again",), False),
    ("speed_mps", ("speed_mps_again",), False),
)
# a maximum so far, what it is of, and the witness that has that
MAXIMA = (
    ("max_height_home_m", "height_home_m", "distances", Concern.HEIGHT),
    ("max_height_amsl_m", "height_amsl_m", "distances", Concern.HEIGHT),
    ("max_home_distance_m", "home_distance_m", "distances", Concern.POSITION),
    ("max_speed_mps", "speed_mps", "distances", Concern.POSITION),
    ("max_vel_north_mps", "vel_north_mps", "velocity", Concern.POSITION),
    ("max_vel_east_mps", "vel_east_mps", "velocity", Concern.POSITION),
    ("max_vel_down_mps", "vel_down_mps", "velocity", Concern.POSITION),
)
LABELS = {
    "height_amsl_m": Message("height above sea level"),
    "height_home_m": Message("height above take-off"),
    "height_agl_m": Message("height above ground"),
    "home_distance_m": Message("distance to home"),
    "mileage_m": Message("way so far"),
    "speed_mps": Message("speed"),
    "vel_north_mps": Message("speed to the north"),
    "vel_east_mps": Message("speed to the east"),
    "vel_down_mps": Message("speed downward"),
}
_INNOCENT = (
    Message("the exporter took this figure from another record than the others of its row"),
    Message("a table program filled, sorted or rounded single columns"),
)


def arithmetic(flight: Flight) -> tuple[Statement, ...] | None:
    """Hold columns that were calculated from others against these others (CSV-1).

    None where no column can be calculated from others.
    """
    rows = rows_of(flight)
    if rows is None:
        return None
    found: list[Statement] = []
    ran = False
    for check in (_distances, _ways, _sums, _speeds, _maxima):
        for statement in check(flight, rows):
            ran = True
            found += [statement] if statement is not None else []
    return tuple(found) if ran else None


def _weight(told: RowDeparture) -> Weight:
    """Return how grave departures are: an exporter that keeps its formula in most rows keeps it in all."""
    is_sure = told.fits >= MAJORITY and told.limit <= SURE_M
    return Weight.CONTRADICTION if is_sure else Weight.NOTICE


def _statement(
    flight: Flight,
    rows: Rows,
    mask: Bools,
    weight: Weight,
    concern: Concern,
    observed: Message,
    expected: Message,
    threshold: Message,
) -> Statement:
    return Statement(
        ID, weight, concern, observed, expected, threshold, _INNOCENT,
        records=places(rows.offset, mask), spans=spans(rows.offset, mask),
        tracks=(flight.primary,) if flight.primary else (),
    )  # fmt: skip


def _distances(flight: Flight, rows: Rows) -> Iterator[Statement | None]:
    held = home_distances(rows)
    if held is None:
        return
    formula, told = held
    if not told.rows.any():
        yield None
        return
    observed = Message(
        "{count} rows give another distance to home than their positions have, by up to {worst_m:.1f} m",
        count=int(told.rows.sum()),
        worst_m=told.worst,
    )
    expected = Message(
        "the distance that the exporter calculates ({formula}): {share:.0%} of the rows agree within {limit_m:.2f} m",
        formula=_named(formula),
        share=told.fits,
        limit_m=told.limit,
    )
    yield _statement(flight, rows, told.rows, _weight(told), Concern.POSITION, observed, expected, _limit_m(told))


def _named(formula: Formula) -> Message:
    named = Message("on the ellipsoid")
    if formula.radius_m:
        named = Message("on a sphere of {radius_km:.3f} km", radius_km=formula.radius_m / 1000)
    return Message("{how}, with the height", how=named) if formula.with_height else named


def _limit_m(told: RowDeparture) -> Message:
    return Message("{limit_m:.2f} m apart", limit_m=told.limit)


def _ways(flight: Flight, rows: Rows) -> Iterator[Statement | None]:
    for told in ways(rows):
        if told.fits < NEARLY_ALL or not told.rows.any():
            yield None
            continue
        observed = Message(
            "in {count} rows the way so far grows by another length than the positions moved, by up to {worst_m:.1f} m",
            count=int(told.rows.sum()),
            worst_m=told.worst,
        )
        expected = Message(
            "a way that grows by each step: {share:.1%} of the rows agree within {limit_m:.2f} m",
            share=told.fits,
            limit_m=told.limit,
        )
        mask = told.rows.copy()
        mask[:-1] |= told.rows[1:]  # a step has two ends
        yield _statement(flight, rows, mask, _weight(told), Concern.POSITION, observed, expected, _limit_m(told))


def _sums(flight: Flight, rows: Rows) -> Iterator[Statement | None]:
    for whole, parts, may_shift in SUMS:
        if not rows.has(whole, *parts):
            continue
        off = rows.column(whole) - sum((rows.column(part) for part in parts), np.zeros(len(rows)))
        if may_shift:
            off = off - _level(off)
        told = departing(off, np.ones(len(rows), np.bool_), HEIGHT_LEAST_M, HEIGHT_MOST_M)
        if told is None:
            continue
        mask = _inner(told.rows) if may_shift else told.rows
        concern = Concern.HEIGHT if "height" in whole else Concern.POSITION
        yield _told_sum(flight, rows, whole, parts, told, mask, concern)


def _level(off: Floats) -> float:
    """Return the figure that most rows are near, 0 of none."""
    known = np.sort(off[np.isfinite(off)])
    return float(known[len(known) // 2]) if len(known) else 0.0


def _inner(mask: Bools) -> Bools:
    """Return the mask without a run at its begin or its end: a level that changed once and for all is a new home."""
    kept = mask.copy()
    first, end = runs(mask)
    for one, last in zip(first.tolist(), end.tolist(), strict=True):
        if one == 0 or last == len(mask):
            kept[one:last] = False
    return kept


def _told_sum(
    flight: Flight, rows: Rows, whole: str, parts: tuple[str, ...], told: RowDeparture, mask: Bools, concern: Concern
) -> Statement | None:
    if not mask.any():
        return None
    observed = Message(
        "in {count} rows the {name} departs from what the other columns give, by up to {worst:.1f}",
        count=int(mask.sum()),
        name=LABELS[whole],
        worst=float(told.off[mask].max()),
    )
    if all(part.endswith("_again") for part in parts):
        observed = Message(
            "in {count} rows the two columns of the {name} differ, by up to {worst:.1f}",
            count=int(mask.sum()),
            name=LABELS[whole],
            worst=float(told.off[mask].max()),
        )
    expected = Message(
        "columns that are calculated from each other: {share:.0%} of the rows agree within {limit:.2f}",
        share=told.fits,
        limit=told.limit,
    )
    threshold = Message("{limit:.2f} apart", limit=told.limit)
    return _statement(flight, rows, mask, _weight(told), concern, observed, expected, threshold)


def _speeds(flight: Flight, rows: Rows) -> Iterator[Statement | None]:
    """Hold the speed against its components, on the ground or in space."""
    speed = rows.column("speed_mps", "velocity")
    north, east, down = (rows.column(f"vel_{axis}_mps", "velocity") for axis in ("north", "east", "down"))
    level = np.hypot(north, east)
    moving = np.asarray(level > SPEED_LEAST_MPS)
    found = [
        told
        for made in (level, np.hypot(level, down))
        if (told := departing(made - speed, moving, SPEED_LEAST_MPS, SPEED_MOST_MPS)) is not None
    ]
    if not found:
        return
    told = min(found, key=lambda one: one.usual)
    yield _told_sum(flight, rows, "speed_mps", ("vel_north_mps", "vel_east_mps"), told, told.rows, Concern.POSITION)


def _maxima(flight: Flight, rows: Rows) -> Iterator[Statement | None]:
    for name, of, witness, concern in MAXIMA:
        if not rows.has(name):
            continue
        mask = _odd_maxima(rows, rows.column(name), rows.column(of, witness))
        if mask is None:
            continue
        if not mask.any():
            yield None
            continue
        observed = Message(
            "in {count} rows the column of the highest {name} so far does not go with the {name} of the rows",
            count=int(mask.sum()),
            name=LABELS[of],
        )
        expected = Message("a maximum that rises where its column does, and never lies below it")
        threshold = Message("{apart:g} apart", apart=MAXIMA_APART)
        yield _statement(flight, rows, mask, Weight.CONTRADICTION, concern, observed, expected, threshold)


def _odd_maxima(rows: Rows, highest: Floats, values: Floats) -> Bools | None:
    """Tell where a maximum lies below its column or rises without it, (n,); None where it is none of these rows."""
    known = np.isfinite(highest) & np.isfinite(values)
    if len(rows) <= FIRST_ROWS or not known.any():
        return None
    rises = np.zeros(len(rows), np.bool_)
    rises[1:] = np.diff(np.where(known, highest, np.nan)) > MAXIMA_APART
    rises[:FIRST_ROWS] = False
    rises &= ~rows.restarts
    meets = np.abs(highest - values) <= MAXIMA_APART
    if rises.sum() < RISES_AT_LEAST or (meets & rises).sum() < RISES_FIT * rises.sum():
        return None
    below = known & (values > highest + MAXIMA_APART)
    below[:FIRST_ROWS] = False
    return np.asarray(below | (rises & ~meets))
