"""The `schedule` property of dronecheck's own GeoJSON profile.

A text ("H24", or any other: then the times are unknown for the reason it gives, "by NOTAM"), or a list of entries:

| member | meaning | default |
|---|---|---|
| from, to | ISO 8601, UTC unless a zone is given | open |
| days | a list of MON, TUE, WED, THU, FRI, SAT, SUN; UTC days on which the period starts | every day |
| start, end | hh:mm or hh:mm:ss in UTC, or SR, SS (sunrise, sunset), BMCT, EECT (civil twilight) | 00:00, 24:00 |

A text among the entries stands for further times that are unknown.
"""

from __future__ import annotations

import re

import msgspec

from dronecheck.airspace.schedule import ALWAYS, DailyPeriod, DayTime, Schedule, Span, SunEvent
from dronecheck.messages import Message, told_by
from dronecheck.safe.io import plain
from dronecheck.timebase import instant_ns

__all__ = ["read_schedule", "with_schedule"]

_DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_MEMBERS = {"from", "to", "days", "start", "end"}
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}(?:\.[0-9]{1,9})?))?(?:Z|UTC)?")


def read_schedule(value: object, doubts: list[Message]) -> Schedule:
    """Read a zone's schedule; what cannot be read is added to `doubts`."""
    if value is None:
        return ALWAYS
    entries = value if isinstance(value, list) else [value]
    if not entries:
        doubts.append(Message("its schedule is empty"))
    spans: list[Span] = []
    unknown: list[str] = []
    for number, entry in enumerate(entries, 1):
        try:
            if isinstance(entry, str) and entry.strip().upper() in ("H24", "ALWAYS"):
                spans.append(Span())
            elif isinstance(entry, str) and entry.strip():
                unknown.append(plain(entry, 80))
            else:
                spans.append(_span(entry))
        except ValueError as why:
            doubts.append(Message("schedule entry {number}: {why}", number=number, why=told_by(why)))
    return Schedule(tuple(spans), "; ".join(unknown[:3]))


def with_schedule(given: dict[str, object]) -> dict[str, object]:
    """Return the properties of a format that has only texts: a schedule written as JSON becomes what it says."""
    text = given.get("schedule")
    if not isinstance(text, str) or not text.lstrip().startswith(("[", "{")):
        return given
    try:
        return {**given, "schedule": msgspec.json.decode(text)}
    except (msgspec.DecodeError, RecursionError):
        return given


def _span(entry: object) -> Span:
    if not isinstance(entry, dict):
        raise ValueError(Message("{entry!r} is no object", entry=plain(entry, 40)))
    odd = sorted(str(key) for key in entry if key not in _MEMBERS)
    if odd:
        raise ValueError(
            Message("{member!r} is none of {members}", member=plain(odd[0], 40), members=", ".join(sorted(_MEMBERS)))
        )
    from_ns, to_ns = (None if entry.get(key) is None else _instant_ns(str(entry[key])) for key in ("from", "to"))
    if from_ns is not None and to_ns is not None and from_ns >= to_ns:
        raise ValueError(Message("it ends before it begins"))
    if all(entry.get(key) is None for key in ("days", "start", "end")):
        return Span(from_ns, to_ns)
    start = _day_time(entry.get("start"), DayTime(0.0))
    end = _day_time(entry.get("end"), DayTime(86_400.0))
    return Span(from_ns, to_ns, (DailyPeriod(start, end, _days(entry.get("days"))),))


def _instant_ns(text: str) -> int:
    try:
        return instant_ns(text)
    except (ValueError, OverflowError):
        raise ValueError(Message("{text!r} is no ISO 8601 time", text=plain(text, 40))) from None


def _days(value: object) -> frozenset[int]:
    if value is None:
        return frozenset()
    names = value if isinstance(value, list) else [value]
    found = [str(name).strip().upper()[:3] for name in names]
    if not found or not set(found) <= set(_DAYS):
        raise ValueError(Message("days {value!r} are none of {days}", value=plain(value, 40), days=", ".join(_DAYS)))
    return frozenset(_DAYS.index(name) for name in found)


def _day_time(value: object, default: DayTime) -> DayTime:
    if value is None:
        return default
    text = str(value).strip().upper()
    if text in [event.value for event in SunEvent]:
        return DayTime(event=SunEvent(text))
    match = _CLOCK.fullmatch(text)
    seconds = (
        sum(float(part or 0) * unit for part, unit in zip(match.groups(), (3600, 60, 1), strict=True)) if match else -1
    )
    if not match or seconds > 86_400 or int(match[2]) > 59 or float(match[3] or 0) >= 60:
        raise ValueError(Message("{value!r} is no time of day", value=plain(value, 40)))
    return DayTime(round(float(seconds), 9))  # a sum of parts: what was written, not its last bit
