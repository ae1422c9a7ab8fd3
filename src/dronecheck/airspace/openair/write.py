"""Zones as an OpenAir file, version 2, that `openair.read` reads back as the same zones.

OpenAir cannot say: holes, several outlines of one zone, heights above the ellipsoid, authorities, validity, accuracy,
days of the week and sun events. Each part of a zone becomes a block of its own, a hole is left out (the zone grows),
validity and weekdays become explicit intervals. What cannot be said is told in a comment, and written so that a reader
takes it as unknown, never as something else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from dronecheck.airspace.common.units import NM_M, feet_to_m
from dronecheck.airspace.schedule import DailyPeriod, Schedule, Span
from dronecheck.airspace.zone import Datum, Effect, Limit, Zone, ZoneKind
from dronecheck.geo.outline.shape import Circle, Point, Ring
from dronecheck.safe.io import plain
from dronecheck.timebase import DAY_NS, EPOCH

__all__ = ["write"]

_MOST_INTERVALS = 2_000
_TYPES = {
    (ZoneKind.PROHIBITED, Effect.FORBIDDEN): ("UNC", "P"),
    (ZoneKind.RESTRICTED, Effect.NEEDS_AUTHORISATION): ("UNC", "R"),
    (ZoneKind.DANGER, Effect.CONDITIONAL): ("UNC", "Q"),
    (ZoneKind.CONTROL, Effect.NEEDS_AUTHORISATION): ("UNC", "CTR"),
    (ZoneKind.CONTROL, Effect.INFORMATION): ("E", ""),
}
_TYPE_OF_EFFECT = {  # where the kind cannot be said
    Effect.FORBIDDEN: ("UNC", "P"),
    Effect.NEEDS_AUTHORISATION: ("UNC", "CUSTOM"),
    Effect.CONDITIONAL: ("UNC", "N"),
    Effect.INFORMATION: ("G", ""),
}


def write(zones: Iterable[Zone]) -> bytes:
    """Return the file, UTF-8 with line feeds. What OpenAir cannot say stands in comments of the zone."""
    lines = ["*VERSION: 2.0", "*WRITTEN_BY: dronecheck"]
    for zone in zones:
        parts = zone.shape.polygons or _polygons_of(zone)
        for number, polygon in enumerate(parts, 1):
            lines += ["", *_block(zone, polygon, f"#{number}" if len(parts) > 1 else "")]
    return ("\n".join(lines) + "\n").encode()


def _block(zone: Zone, polygon: tuple[Ring | Circle, ...], part: str) -> Iterator[str]:
    classed, typed = _TYPES.get((zone.kind, zone.effect)) or _TYPE_OF_EFFECT[zone.effect]
    yield f"AC {classed}"
    if typed:
        yield f"AY {typed}"
    yield f"AN {_line(zone.name)}"
    yield f"AI {_line(zone.id)}{part}"
    if zone.authority:
        yield f"AG {_line(zone.authority)}"
    shell, *holes = polygon
    for said, what in (
        (zone.doubt, "doubt: " + zone.doubt),
        (holes, f"{len(holes)} hole(s) cannot be written: the zone is drawn larger than it is"),
        (zone.accuracy_m, f"accuracy {zone.accuracy_m:g} m (one standard deviation)"),
    ):
        if said:
            yield f"* {_line(what)}"
    yield from _times(zone)
    yield f"AH {_limit(zone.upper)}"
    yield f"AL {_limit(zone.lower)}"
    yield from _outline(shell)


def _line(text: str) -> str:
    """Return text that stays on its line, and in which no comment begins."""
    return plain(" ".join(text.split()).replace(" *", " ⁎").lstrip("*"))


def _limit(limit: Limit) -> str:
    if limit.datum in (Datum.GND, Datum.UNL):
        return limit.datum.value
    if limit.datum is Datum.UNKNOWN:
        return "UNKNOWN"
    feet = round(limit.value_m / 0.3048)
    in_feet = feet_to_m(feet) == limit.value_m
    if limit.datum is Datum.FL and in_feet and feet % 100 == 0 and 0 <= feet < 100_000:
        return f"FL{feet // 100:03d}"
    metres = _decimal(limit.value_m)
    metres += "0" if metres[-4:-3] == "." else ""  # three decimals read as thousands
    value = f"{feet}ft" if in_feet and abs(feet) < 1_000_000 else f"{metres}m"
    return f"{value} {'STD' if limit.datum is Datum.FL else limit.datum.value}"


def _decimal(value: float) -> str:
    """Return the shortest decimal that reads back the same, never with an exponent."""
    shown = repr(value)
    return shown if "e" not in shown else f"{value:.12f}"


def _times(zone: Zone) -> Iterator[str]:
    schedule, begin, end = zone.schedule, zone.valid_from_ns, zone.valid_to_ns
    if schedule == Schedule((Span(),)) and begin is None and end is None:
        return
    intervals = _intervals(schedule, begin, end)
    if schedule.unknown or intervals is None:
        why = schedule.unknown or "periods by the sun or without end"
        yield f"* in force at times that OpenAir cannot say: {_line(why)}"
        yield "AA NONE"
        return
    if (None, None) in intervals:
        return
    if not intervals:
        yield "* never in force"
        yield "AA 1970-01-01T00:00Z/1970-01-01T00:01Z"
    for first, last in intervals:
        yield f"AA {_time(first)}/{_time(last)}"


def _intervals(schedule: Schedule, begin: int | None, end: int | None) -> list[tuple[int | None, int | None]] | None:
    """Return explicit intervals within the validity; None where they cannot be listed."""
    out: list[tuple[int | None, int | None]] = []
    for span in schedule.spans:
        first = max((t for t in (span.from_ns, begin) if t is not None), default=None)
        last = min((t for t in (span.to_ns, end) if t is not None), default=None)
        if first is not None and last is not None and last <= first:
            continue
        if not span.daily:
            out.append((first, last))
        elif first is None or last is None or not _can_be_listed(span, first, last):
            return None
        else:
            out += [found for period in span.daily for found in _daily(period, first, last)]
    return sorted(out, key=lambda pair: pair[0] or 0)


def _can_be_listed(span: Span, first: int, last: int) -> bool:
    by_clock = all(time.event is None for period in span.daily for time in (period.start, period.end))
    return by_clock and (last - first) // DAY_NS * len(span.daily) <= _MOST_INTERVALS


def _daily(period: DailyPeriod, first: int, last: int) -> Iterator[tuple[int, int]]:
    for day in range(first // DAY_NS - 1, last // DAY_NS + 1):
        if period.days and (day + 3) % 7 not in period.days:  # 1970 began on a Thursday
            continue
        start = day * DAY_NS + round(period.start.seconds * 1e9)
        stop = day * DAY_NS + round(period.end.seconds * 1e9)
        stop += DAY_NS if stop <= start else 0
        if max(start, first) < min(stop, last):
            yield max(start, first), min(stop, last)


def _time(time_ns: int | None) -> str:
    if time_ns is None:
        return "NONE"
    seconds, rest = divmod(time_ns, 10**9)
    try:
        moment = EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return "NONE"  # before the year 1 or after 9999
    fraction = f".{rest:09d}" if rest else ""
    pattern = "%Y-%m-%dT%H:%M:%S" if rest or seconds % 60 else "%Y-%m-%dT%H:%M"
    return f"{moment.strftime(pattern)}{fraction}Z"


def _outline(ring: Ring | Circle) -> Iterator[str]:
    if isinstance(ring, Circle):
        yield f"V X={_point(ring.centre_deg)}"
        yield f"DC {_decimal(ring.radius_m / NM_M)}"
        return
    turns = {turn.after: turn for turn in ring.arcs}
    points = [(float(lon), float(lat)) for lon, lat in ring.vertices_deg]
    for index, point in enumerate(points):
        turn = turns.get(index)
        if turn is not None:
            yield f"V X={_point(turn.centre_deg)}"
            yield f"V D={'+' if turn.clockwise else '-'}"
            yield f"DB {_point(point)}, {_point(points[index + 1])}"
        elif index - 1 not in turns:
            yield f"DP {_point(point)}"


def _point(point: Point) -> str:
    lon, lat = (point[0] + 180.0) % 360.0 - 180.0 if abs(point[0]) > 180.0 else point[0], point[1]
    return f"{_angle(lat, 2)} {'S' if lat < 0 else 'N'} {_angle(lon, 3)} {'W' if lon < 0 else 'E'}"


def _angle(degrees: float, digits: int) -> str:
    """Return degrees, minutes and seconds to 1e-7 seconds, 3 micrometres; whole seconds without decimals."""
    ticks = round(abs(degrees) * 3600 * 10**7)
    seconds, fraction = divmod(ticks, 10**7)
    shown = f"{seconds // 3600:0{digits}d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{shown}.{fraction:07d}".rstrip("0") if fraction else shown


def _polygons_of(zone: Zone) -> tuple[tuple[Ring | Circle, ...], ...]:
    """Return the polygons of a zone that is known as vertices only."""
    import shapely

    parts = shapely.get_parts(zone.geometry)
    return tuple(
        tuple(Ring(shapely.get_coordinates(ring)) for ring in (part.exterior, *part.interiors)) for part in parts
    )
