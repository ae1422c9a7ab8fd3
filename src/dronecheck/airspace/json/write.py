"""Zones as GeoJSON in dronecheck's own profile: what `geojson` reads back as the same zones.

Circles and arcs become vertices that leave them by 1 cm at most. Times are written to the microsecond. An outline that
was repaired with a doubt left is written as its repaired area, and says so in `doubt`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import msgspec
import shapely

from dronecheck.airspace.schedule import ALWAYS, DailyPeriod, DayTime, Schedule, Span
from dronecheck.airspace.zone import CoversFrom, Limit, Zone, ZoneSource
from dronecheck.timebase import utc_of

__all__ = ["write"]

_DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_NEVER = {"from": "1900-01-01", "to": "1900-01-02"}  # the profile has no word for it


def write(zones: Iterable[Zone], source: ZoneSource | None = None) -> bytes:
    """Return a FeatureCollection, one feature a line, ending in a line feed; of an edition of `source` where given."""
    features = b",\n".join(msgspec.json.encode(_feature(zone)) for zone in zones)
    about = (
        b""
        if source is None
        else b"".join(
            b'"%b": %b, ' % (key.encode(), msgspec.json.encode(value)) for key, value in _about(source).items() if value
        )
    )
    return b'{"type": "FeatureCollection", ' + about + b'"features": [\n' + features + b"\n]}\n"


def _about(source: ZoneSource) -> dict[str, object]:
    """Return the edition, as members of the collection; what it speaks for where that is no guess."""
    return {
        "edition": source.edition,
        "licence": source.licence,
        "valid_from": _utc(source.valid_from_ns),
        "valid_to": _utc(source.valid_to_ns),
        "covers": [] if source.covers_from is CoversFrom.GUESS else list(source.covers),
    }


def _feature(zone: Zone) -> dict[str, object]:
    return {"type": "Feature", "properties": _properties(zone), "geometry": shapely.geometry.mapping(zone.geometry)}


def _properties(zone: Zone) -> dict[str, object]:
    doubts = [zone.doubt] if zone.doubt else []
    if zone.shape.uncertain is not None and not zone.shape.uncertain.is_empty:
        doubts.append("its outline has more than one reading")
    optional: dict[str, object] = {
        "effect": zone.stated_effect,
        "accuracy_m": zone.accuracy_m or None,
        "valid_from": _utc(zone.valid_from_ns),
        "valid_to": _utc(zone.valid_to_ns),
        "schedule": _schedule(zone.schedule),
        "authority": zone.authority or None,
        "remarks": zone.remarks or None,
        "doubt": "; ".join(doubts) or None,
    }
    return {
        "id": zone.id,
        "name": zone.name,
        "kind": zone.kind,
        **_limit("lower", zone.lower),
        **_limit("upper", zone.upper),
        "edge": zone.edge,
        **{key: value for key, value in optional.items() if value is not None},
    }


def _limit(which: str, limit: Limit) -> dict[str, object]:
    number = {} if math.isnan(limit.value_m) else {f"{which}_m": limit.value_m}
    return {**number, f"{which}_datum": limit.datum}


def _utc(time_ns: int | None) -> str | None:
    if time_ns is None:
        return None
    return utc_of(time_ns).isoformat().replace("+00:00", "Z")


def _schedule(schedule: Schedule) -> list[object] | None:
    """Return a schedule as `common.schedule_text` reads it; None for always."""
    if schedule == ALWAYS:
        return None
    entries: list[object] = [entry for span in schedule.spans for entry in _span(span)]
    entries += [str(schedule.unknown)] if schedule.unknown else []
    return entries or [dict(_NEVER)]


def _span(span: Span) -> list[dict[str, object]]:
    """Return one entry a daily period."""
    dates: dict[str, object] = {
        key: text for key, text in (("from", _utc(span.from_ns)), ("to", _utc(span.to_ns))) if text
    }
    return [{**dates, **_period(period)} for period in span.daily] or [dates]


def _period(period: DailyPeriod) -> dict[str, object]:
    days: dict[str, object] = {"days": [_DAYS[day] for day in sorted(period.days)]} if period.days else {}
    return {**days, "start": _day_time(period.start), "end": _day_time(period.end)}


def _day_time(time: DayTime) -> str:
    if time.event is not None:
        return time.event
    whole, micro = divmod(round(time.seconds * 1_000_000), 1_000_000)
    clock = f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"
    return f"{clock}.{micro:06d}Z" if micro else f"{clock}Z"
