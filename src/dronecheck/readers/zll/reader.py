"""The text log that the app of HF-XL (ZLL) toy drones writes: Chinese prose in blocks, each under a time.

By one real file of 2025 (HF-XL-XL019A); no description is published. A block begins with a line like
`--------- 2025:09:17 10:34:05.17  ---------`: local time of the phone, milliseconds without leading zeros,
none for lines about calibration.

    line                                       meaning                          becomes
    飞机坐标:(Lat:14.643544,Lon:120.999003）    position of the aircraft         the track "fused" (0/0: no fix)
    GPS卫星数:29, 精度:70.000000                satellites; a precision whose    h_sigma_m by satellites
                                               unit is not known: not used
    飞行高度:12m                                height of flight (0 at take-off) alt_home_m
    水平速度:0.3m/s                             horizontal speed                 speed_mps
    飞行模式 : 定点模式                          flight mode                      MODE events
    搜星中                                      searching for satellites         a row without a fix
    遥控器坐标:(Lat:14.643572, Lon: 120.999039) position of the controller       the track "operator"
    飞行器:HF-XL-XL019A, 版本号: 285.A24.1109   model, firmware                  vehicle

Other lines (sticks, barometer, motors, attitude, versions of the radio link) are not used. Blocks are not quite in the
order of time and are sorted. Whether the app shifts positions is not known: the datum is unproven.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np

from dronecheck.dates import can_be, impossible_dates
from dronecheck.flight import (
    OPERATOR,
    Clock,
    ClockSource,
    Completeness,
    Event,
    EventKind,
    Flight,
    HorizontalDatum,
    SigmaSource,
    Source,
    Track,
    Vehicle,
)
from dronecheck.issues import Code, Issue, Remedy, Severity
from dronecheck.messages import Message
from dronecheck.readers.common.clock.time_order import UNTIMED, in_order
from dronecheck.readers.common.position.position_sigma import sigma_by_satellites, with_step
from dronecheck.readers.common.text import as_utf8
from dronecheck.readers.zll import AIRCRAFT, CONTROLLER, NAME, STAMP
from dronecheck.safe.io import Input, plain

__all__ = ["read_zll"]


_READER = "dronecheck.readers.zll/1"
_STEP_DEG = 1e-6  # six decimals are printed
_EVENTS_AT_MOST = 1000
_LINE_CHARS = 500
_YEARS = range(1900, 2200)  # nanoseconds since 1970 fit 64 bits

_LIKE_A_STAMP = re.compile(r"-----.*(?:-----|(?:19|20)\d\d:)|.*:\d\d:\d\d.*-----")
_PLACE = re.compile(
    r" ?(飞机坐标|遥控器坐标):\(Lat:\s*(-?\d{1,3}\.\d+)\s*,\s*Lon:\s*(-?\d{1,3}\.\d+)\s*[)）]\s*", re.ASCII
)
_SATELLITES = re.compile(r"[\s-]*GPS卫星数:(\d{1,3}), 精度:\d+(?:\.\d+)?\s*", re.ASCII)
_DISTANCE = re.compile(r"飞行距离:\d+m\s*", re.ASCII)
_HEIGHT = re.compile(r"飞行高度:(-?\d{1,5}(?:\.\d+)?)m\s*", re.ASCII)
_SPEED = re.compile(r"飞行速度 升降速度：-?\d+(?:\.\d+)?m/s 水平速度:(\d{1,3}(?:\.\d+)?)m/s\s*", re.ASCII)
_MODE = re.compile(r"飞行模式 ?: ?(\S+)")
_VEHICLE = re.compile(r"(?:飞行器|飞机型号):([\w-]{1,40}), ?版本号: ?([\w.]{1,40})")
_SEARCHING = "搜星中"
_FORMS = (  # what a line with one of these words looks like; the app also writes lines that have none of them
    (("(Lat:", AIRCRAFT, CONTROLLER), _PLACE),
    (("GPS", "卫星数", "精度:"), _SATELLITES),
    (("行距离:",), _DISTANCE),
    (("行高度:",), _HEIGHT),
    (("降速度", "平速度"), _SPEED),
)


@dataclass(slots=True)
class _TimedBlock:
    """What one block says; `line` is that of its time stamp, or of the position in it."""

    time_ns: int
    line: int
    place: tuple[float, float] | None = None
    controller: tuple[float, float] | None = None
    searching: bool = False
    satellites: float = np.nan
    height_m: float = np.nan
    speed_mps: float = np.nan
    mode: str = ""


def read_zll(source: Input) -> Flight:
    """Read the app's log. Raises nothing: whatever cannot be read is an issue."""
    lines = bytes(as_utf8(source.data)).decode("utf-8", "replace").split("\n")
    bad_lines: list[int] = []
    vehicle: list[Vehicle] = []
    blocks = list(_blocks(lines[:-1], bad_lines, vehicle))
    issues: list[Issue] = []
    if lines[-1].strip():
        message = Message("the last line has no line end and was dropped: its last number may be cut")
        issues.append(Issue(Code.LINE_CUT_SHORT, Severity.WARNING, message, len(lines)))
    if bad_lines:
        message = Message("lines that the app does not write so, not used: broken, or a second position at one time")
        issues.append(Issue(Code.BAD_LINE, Severity.DAMAGE, message, bad_lines[0], len(bad_lines)))
    blocks, clock = _dated(blocks, issues)
    aircraft, operator = _aircraft(blocks, issues), _operator(blocks)
    line = blocks[0].line if blocks else None
    remedy = Remedy.GIVE_UTC_OFFSET if clock.source is ClockSource.HOST else None
    issues.append(Issue(Code.UTC_UNKNOWN, Severity.WARNING, clock.note, line, remedy=remedy))
    return Flight(
        source=Source(source.path, source.size_bytes, source.sha256, NAME, "", _READER),
        tracks={name: t for name, t in (("fused", aircraft), (OPERATOR, operator)) if len(t)},
        primary="fused" if len(aircraft) else "",
        clock=clock,
        completeness=Completeness.DAMAGED if bad_lines else Completeness.COMPLETE,
        vehicle=vehicle[0] if vehicle else Vehicle(),
        events=_events(blocks),
        issues=tuple(issues),
        datum=HorizontalDatum.UNPROVEN,
    )


def _dated(blocks: list[_TimedBlock], issues: list[Issue]) -> tuple[list[_TimedBlock], Clock]:
    """Return the blocks, without times where the date cannot be (noted); where none can, times from the first on."""
    local = Clock(False, ClockSource.HOST, float("nan"), Message("local time of the phone"))
    times = np.array([block.time_ns for block in blocks], dtype=np.int64)
    can = can_be(times, NAME) | (times == UNTIMED)
    if can.all():
        return blocks, local
    first = blocks[int(can.argmin())]
    can &= times != UNTIMED
    issues.append(impossible_dates(first.time_ns, first.line, int((~can).sum()), some=bool(can.any())))
    if can.any():
        return [b if good else replace(b, time_ns=UNTIMED) for b, good in zip(blocks, can.tolist(), strict=True)], local
    start_ns = int(times[times != UNTIMED].min())
    note = Message("no date in the file can be right: seconds since its start")
    since = [b if b.time_ns == UNTIMED else replace(b, time_ns=b.time_ns - start_ns) for b in blocks]
    return since, Clock(False, ClockSource.NONE, float("nan"), note)


def _blocks(lines: list[str], bad_lines: list[int], vehicle: list[Vehicle]) -> Iterator[_TimedBlock]:
    """Yield the blocks of the file in its order; lines that should hold a position or time and do not are noted."""
    block: _TimedBlock | None = None
    for number, raw in enumerate(lines, 1):
        line = raw[:_LINE_CHARS]
        if "\ufffd" in line:
            bad_lines.append(number)  # it is written as UTF-8
        if line.startswith("-----") and ":" in line and (stamp := STAMP.fullmatch(line.rstrip("\r"))):
            if block:
                yield block
            time_ns = _time_ns(stamp)
            block = _TimedBlock(UNTIMED if time_ns is None else time_ns, number)
            if time_ns is None:
                bad_lines.append(number)
        elif block and not _fill(block, line, number):
            bad_lines.append(number)
        elif "版本号" in line and not vehicle and (named := _VEHICLE.search(line)):
            vehicle.append(Vehicle(model=plain(named[1], 100), firmware=plain(named[2], 100)))
    if block:
        yield block


def _time_ns(stamp: re.Match[str]) -> int | None:
    year, month, day, hour, minute, second, ms = (int(group or 0) for group in stamp.groups())
    try:
        whole = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    return int(whole.timestamp()) * 10**9 + ms * 10**6 if year in _YEARS else None


def _fill(block: _TimedBlock, line: str, number: int) -> bool:
    """Put what a line says into its block; False for a line that is none of the app's, or that is one too many."""
    line = line.rstrip("\r")
    if _LIKE_A_STAMP.match(line):
        return False
    form = next((form for words, form in _FORMS if any(word in line for word in words)), None)
    if form is None:
        block.searching |= _SEARCHING in line
        if mode := _MODE.search(line):
            block.mode = mode[1]
        return True
    found = form.fullmatch(line)
    if found is None:
        return False
    if form is _PLACE:
        return _fill_place(block, found, number)
    if form is _SATELLITES:
        block.satellites = float(found[1])
    elif form is _HEIGHT:
        block.height_m = float(found[1])
    elif form is _SPEED:
        block.speed_mps = float(found[1])
    return True


def _fill_place(block: _TimedBlock, found: re.Match[str], number: int) -> bool:
    """Return False for a second position in a block: the app writes one, so a time stamp between them is gone."""
    is_first = block.place is None and block.controller is None
    place = (float(found[2]), float(found[3]))
    if found[1] == AIRCRAFT:
        block.place, block.line = (place, number) if block.place is None else (block.place, block.line)
    elif block.controller is None:
        block.controller = place
    return is_first


def _usable(place: tuple[float, float] | None) -> bool:
    return place is not None and abs(place[0]) <= 90 and abs(place[1]) <= 180 and place != (0.0, 0.0)


def _sorted(blocks: list[_TimedBlock]) -> list[_TimedBlock]:
    """Return the blocks by time, each time once."""
    ordered = sorted(blocks, key=lambda block: block.time_ns)
    return ordered[:1] + [b for a, b in pairwise(ordered) if a.time_ns != b.time_ns]


def _aircraft(blocks: list[_TimedBlock], issues: list[Issue]) -> Track:
    def note(code: Code, severity: Severity, message: Message, about: list[_TimedBlock]) -> None:
        if about:
            issues.append(Issue(code, severity, message, about[0].line, len(about)))

    note(Code.NO_FIX_ROWS, Severity.INFO, Message("blocks without a position fix, not used"),
         [b for b in blocks if b.searching or b.place == (0.0, 0.0)])  # fmt: skip
    note(Code.BAD_POSITION, Severity.WARNING, Message("positions off the globe, not used"),
         [b for b in blocks if b.place and b.place != (0.0, 0.0) and not _usable(b.place)])  # fmt: skip
    fixes = [b for b in blocks if _usable(b.place)]
    if not fixes:
        issues.append(Issue(Code.NO_POSITION, Severity.WARNING, Message("no block has a position fix of the aircraft")))
        return Track.empty()
    place = np.array([b.place for b in fixes], dtype=np.float64).reshape(-1, 2)
    order, disorder = in_order(
        np.arange(len(fixes), dtype=np.int64),
        np.array([b.time_ns for b in fixes], dtype=np.int64),
        (place[:, 0], place[:, 1]),
        np.array([b.line for b in fixes], dtype=np.int64),
    )
    issues += disorder
    rows = [fixes[row] for row in order.rows.tolist()]
    sigma_m = sigma_by_satellites(np.array([b.satellites for b in rows], dtype=np.float64))
    return Track.build(
        time_ns=order.time_ns,
        is_timed=order.is_timed,
        part=order.part,
        lat_deg=[b.place[0] for b in rows if b.place],
        lon_deg=[b.place[1] for b in rows if b.place],
        alt_home_m=[b.height_m for b in rows],
        speed_mps=[b.speed_mps for b in rows],
        h_sigma_m=with_step(sigma_m, _STEP_DEG),
        offset=[b.line for b in rows],
        message="block",
        h_sigma_source=SigmaSource.ASSUMED if np.isnan(sigma_m).all() else SigmaSource.SATELLITES,
    )


def _operator(blocks: list[_TimedBlock]) -> Track:
    """Return the controller's position, one row per change."""
    rows = _sorted([b for b in blocks if _usable(b.controller) and b.time_ns != UNTIMED])
    rows = rows[:1] + [b for a, b in pairwise(rows) if a.controller != b.controller]
    return Track.build(
        time_ns=[b.time_ns for b in rows],
        lat_deg=[b.controller[0] for b in rows if b.controller],
        lon_deg=[b.controller[1] for b in rows if b.controller],
        offset=[b.line for b in rows],
        message="block",
    )


def _events(blocks: list[_TimedBlock]) -> tuple[Event, ...]:
    modes = [b for b in blocks if b.mode and b.time_ns != UNTIMED]
    changes = [b for a, b in pairwise(modes) if a.mode != b.mode][:_EVENTS_AT_MOST]
    events = (Event(b.time_ns, EventKind.MODE, plain(b.mode, 100), b.line) for b in changes)
    return tuple(sorted(events, key=lambda event: event.time_ns))
