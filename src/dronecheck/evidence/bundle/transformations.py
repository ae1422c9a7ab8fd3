"""The transformation log: everything that was done to the figures of a log before they were judged, with counts.

Each entry is a plain dictionary (its keys are `_ENTRY`). `kind` is what was done:

    read            a file, by which reader
    unit            figures of one column, made those of the unit in the column's name
    drop            records or rows that were passed over, cut off or left out
    merge, sort     rows that repeat the one before; rows that were put in the order of time
    shift           times or heights that were moved alike
    mapping         figures that follow from others by a rule: UTC from a clock, heights by a geoid, decoded text
    interpolation   figures between two records
    assumption      figures that the log does not have
    join            files and parts that were taken for one flight
    note            something that was told, and changed nothing
"""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import Any

import numpy as np

from dronecheck.flight import ClockSource, Flight, HorizontalDatum, SigmaSource, Track
from dronecheck.geofence.result import Result
from dronecheck.issues import Code, Issue
from dronecheck.messages import Message
from dronecheck.readers import offset_unit
from dronecheck.report.case import Case
from dronecheck.report.export.track import UNITS
from dronecheck.report.views.files import file_names

__all__ = ["KIND_OF", "transformation_log"]

SCHEMA = "dronecheck.transformations/1"

KIND_OF = {
    **dict.fromkeys(
        (
            Code.TRUNCATED, Code.BYTES_SKIPPED, Code.UNKNOWN_RECORDS, Code.BAD_DEFINITION, Code.BAD_RECORD,
            Code.NUL_BYTES, Code.LINE_CUT_SHORT, Code.BAD_LINE, Code.NO_FIX_ROWS, Code.BAD_POSITION, Code.STRAY_FIX,
            Code.FROZEN_POSITION, Code.OTHER_RECEIVERS, Code.OTHER_VEHICLES, Code.HEIGHT_FRAME,
            Code.HEIGHT_FRAME_INCONSISTENT, Code.MOVED_DISARMED, Code.KEYS_MISSING, Code.LIMIT_REACHED,
            Code.IMPOSSIBLE_JUMP, Code.ZONE_SKIPPED, Code.ZONE_ADVICE_SKIPPED, Code.ZONE_RECORD_SKIPPED, Code.NO_AREA,
        ),
        "drop",
    ),
    **dict.fromkeys((Code.REPEATED_POSITION,), "merge"),
    **dict.fromkeys((Code.OUT_OF_ORDER,), "sort"),
    **dict.fromkeys((Code.HEIGHT_OFFSET,), "shift"),
    **dict.fromkeys(
        (
            Code.NOT_UTF8, Code.KEYS_USED, Code.CLOCK_SKEW, Code.CLOCK_DAMAGED, Code.AXIS_ORDER, Code.ZONE_REPAIRED,
            Code.ZONE_AXES, Code.LIBRARY_REPAIRED,
        ),
        "mapping",
    ),
    **dict.fromkeys(
        (
            Code.UTC_ASSUMED, Code.ESTIMATE_ONLY, Code.ZONE_LIMIT_ASSUMED, Code.TERRAIN_IS_SURFACE, Code.HEADER_ONLY,
            Code.OWNER_UNKNOWN,
        ),
        "assumption",
    ),
    **dict.fromkeys(
        (Code.GAP_BETWEEN_FILES, Code.SECOND_RECORDING, Code.JOIN_DOUBTFUL, Code.CLOCK_RESTARTS, Code.APPENDED_DATA),
        "join",
    ),
}  # fmt: skip
"""What an issue did to the figures; a code that is not here changed none ("note")."""

_FROM = {  # what the files hold, by format: the units before those of the columns
    "ulog": "degrees or 1e-7 degrees, radians of local positions; metres or millimetres; microseconds since boot",
    "dataflash": "1e-7 degrees; metres, centimetres or millimetres by the field; microseconds since boot",
    "csv": "the unit in the head of each column, else that of the exporter (feet, miles and knots among them)",
    "tlog": "1e-7 degrees; millimetres; centimetres a second; microseconds since 1970 and milliseconds since boot",
    "igc": "minutes and thousandths of them; metres; seconds of the day",
    "dji_txt": "radians; decimetres; decimetres a second; tenths of a second",
    "dji_dat": "radians or 1e-7 degrees; metres or millimetres; ticks",
}


def transformation_log(case: Case) -> dict[str, Any]:
    """Return the transformation log of a checked flight, in the order in which things were done."""
    flight, result = case.flight, case.result
    names = file_names(flight)
    steps = [
        *_reading(flight, names),
        *_issues(flight, result, names),
        *_times(flight),
        *_units(flight),
        *_places(flight, result),
        *_answer(result),
    ]
    return {"schema": SCHEMA, "steps": [{"step": number, **step} for number, step in enumerate(steps, 1)]}


def _step(kind: str, told: Message, count: int | None = None, **further: Any) -> dict[str, Any]:
    entry: dict[str, Any] = {"kind": kind, "what": str(told), "count": count, "code": None, "file": None}
    return {**entry, "first_at": None, "counts": None, "values": {}, **further}


def _reading(flight: Flight, names: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    for source, name in zip(flight.sources, names, strict=True):
        kind = f"{source.format} {source.dialect}".strip()
        yield _step(
            "read", Message("read as {kind} by {reader}", kind=kind, reader=source.reader), source.size_bytes,
            file=name, counts="byte", values={"sha256": source.sha256},
        )  # fmt: skip
    if len(flight.sources) > 1:
        yield _step(
            "join", Message("files joined to one flight, in the order flown"), len(flight.sources), counts="file"
        )


def _issues(flight: Flight, result: Result, names: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    for issue in dict.fromkeys((*flight.issues, *result.issues)):
        yield _issue(issue, flight, names)


def _issue(issue: Issue, flight: Flight, names: tuple[str, ...]) -> dict[str, Any]:
    file = issue.file or 0
    unit = None if issue.offset is None else offset_unit(flight.sources[file])
    return _step(
        KIND_OF.get(issue.code, "note"), issue.message, issue.count, code=issue.code.value,
        file=None if issue.file is None else names[file], first_at=issue.offset,
        values={} if unit is None else {"first_at_is": unit},
    )  # fmt: skip


def _times(flight: Flight) -> Iterator[dict[str, Any]]:
    clock, track = flight.clock, flight.track
    timed = int(track.is_timed.sum())
    if clock.mapping is not None:
        line = clock.mapping
        yield _step(
            "mapping", Message("UTC from the autopilot's clock, by satellite time"), timed, counts="row",
            values={"offset_s": line.offset_s, "slope_ppm": line.slope_ppm, "residual_s": line.residual_s},
        )  # fmt: skip
    told = Message("times by {source}", source=clock.source.value)
    if clock.note:
        told = Message("{told}: {note}", told=told, note=clock.note)
    kind = "shift" if clock.source is ClockSource.USER else "assumption" if clock.is_assumed else "mapping"
    values = {"utc_known": clock.utc_known, "sigma_s": clock.sigma_s if isfinite(clock.sigma_s) else None}
    yield _step(kind, told, timed, counts="row", values=values)
    if untimed := len(track) - timed:
        yield _step("interpolation", Message("rows without a time of their own, set between their neighbours"), untimed,
                    counts="row")  # fmt: skip


def _units(flight: Flight) -> Iterator[dict[str, Any]]:
    """Yield each column of each track with the unit that its figures were made into, and how many there are."""
    for name, track in flight.tracks.items():
        for column, values in track.columns().items():
            count = int(np.isfinite(values).sum()) if values.dtype == np.float64 else len(values)
            if count and column != "offset":
                told = Message("{track}: {column} in {unit}", track=name, column=column, unit=UNITS[column])
                before = _FROM.get(flight.source.format, "as written")
                yield _step("unit", told, count, counts="row", values={"from": before, "record": track.message})


def _places(flight: Flight, result: Result) -> Iterator[dict[str, Any]]:
    track = flight.track
    if not len(track):
        return
    if track.h_sigma_source is not SigmaSource.LOGGED:
        told = Message("accuracy of positions: {source}", source=track.h_sigma_source.value)
        yield _step("assumption", told, _figures(track), counts="row")
    if flight.datum is HorizontalDatum.UNPROVEN:
        told = Message("positions taken for WGS 84, which nothing in the log proves")
        yield _step("assumption", told, len(track), counts="row")
    if result.geoid_sha256 is not None:
        yield _step("mapping", Message("heights above the ellipsoid and above the sea by the geoid"), len(track),
                    counts="row", values={"geoid_sha256": result.geoid_sha256})  # fmt: skip
    parts = len(np.unique(track.part))
    if parts > 1:
        yield _step(
            "join", Message("stretches between which the clock starts again, in file order"), parts, counts="part"
        )


def _figures(track: Track) -> int:
    return int(np.isfinite(track.h_sigma_m).sum())


def _answer(result: Result) -> Iterator[dict[str, Any]]:
    ends = sum(each is not None for f in result.findings for each in (f.enter_ns, f.exit_ns))
    if ends:
        told = Message("instants and places of entries and exits, on the segment between two rows")
        yield _step("interpolation", told, ends, counts="instant")
    deepest = sum(f.margin_m is not None for f in result.findings)
    if deepest:
        told = Message("margins and depths, at the nearest or deepest place of the segments, on the ellipsoid")
        yield _step("interpolation", told, deepest, counts="finding")
