"""The kinds of edits, and whether a test of DOMAIN.md 4.3 can see each in principle on what a log records.

An edit is a function of a `Scene` that gives the edited log, or None where it does not apply or changes nothing that
matters (the aircraft stood still). `seen` tells what a perfect test could see; why not, where it cannot, stands in
docs/integrity.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from tests.edits.editable import ESTIMATE, PLACES, RECEIVER, Bools, Column, Editable
from tests.edits.scene import (
    RAMP_S,
    Scene,
    Weight,
    abrupt,
    adapt_velocities,
    eased,
    is_place,
    move,
    shift_clocks,
)  # fmt: skip

Make = Callable[[Scene], Editable | None]
Seen = Callable[[Scene], bool]
MATTERS_M = 15.0


@dataclass(frozen=True)
class Kind:
    """One kind of edit. `family` is the line of the table that it is counted in."""

    name: str
    family: str
    make: Make
    seen: Seen
    is_fact: bool = False  # what is missing is told as a fact, not as an anomaly: an INFO statement counts


def _bearing(scene: Scene, metres: float) -> tuple[float, float]:
    angle = scene.rng.uniform(0, 2 * np.pi)
    return metres * float(np.cos(angle)), metres * float(np.sin(angle))


def _has_room(scene: Scene) -> bool:
    """Whether there is time for easing in and out."""
    at = scene.main_s
    return bool(at.min() <= scene.begin_s - RAMP_S and scene.end_s + RAMP_S <= at.max())


def _moved(
    scene: Scene, metres: float, *, ease: bool, source: str | None = None, adapt: bool = False
) -> Editable | None:
    if ease and not _has_room(scene):
        return None
    if source and not scene.has("lat", source=source):
        return None
    if adapt and not scene.has_velocity:
        return None
    weight: Weight = (eased if ease else abrupt)(scene.begin_s, scene.end_s)
    north_m, east_m = _bearing(scene, metres)
    log = scene.log.copy()
    move(scene, log, north_m, east_m, weight, source)
    if adapt:
        adapt_velocities(scene, log, north_m, east_m, weight)
    return log


def _jump_seen(scene: Scene, metres: float) -> bool:
    """A step of so many metres between two places: faster than anything flies, or than the log itself says."""
    return scene.has_velocity or metres / scene.step_s > 100.0


def _after(scene: Scene, log: Editable, at_s: float) -> Bools:
    return np.asarray((log.axis_s > at_s) & ~log.fixed)


def _span(scene: Scene, seconds: float) -> tuple[float, float]:
    middle = (scene.begin_s + scene.end_s) / 2
    length = min(seconds, scene.end_s - scene.begin_s)
    length = float(int(length)) if length >= 2 else length  # whole seconds: some formats write no others
    return middle - length / 2, middle + length / 2


def _within(log: Editable, begin_s: float, end_s: float) -> Bools:
    return np.asarray((log.axis_s >= begin_s) & (log.axis_s <= end_s) & ~log.fixed)


def _cut(scene: Scene, *, closed: tuple[str, ...] = ()) -> Editable | None:
    begin, end = _span(scene, 20.0)
    log = scene.log.take(np.flatnonzero(~_within(scene.log, begin, end)))
    if closed:
        if closed == ("boot", "host") and not scene.has_gnss_clock:
            return None
        shift_clocks(log, -(end - begin), _after(scene, log, end), closed)
    return log


def _meeting(scene: Scene) -> tuple[float, float] | None:
    """Two times at which the aircraft passes one place, farthest away between them."""
    at, north, east = scene._main
    rows = np.unique(np.linspace(0, len(at) - 1, min(len(at), 500)).astype(int))
    at, north, east = at[rows], north[rows], east[rows]
    apart = np.hypot(north[:, None] - north, east[:, None] - east)
    best, found = 100.0, None
    moving = np.hypot(*scene.velocity_at(at)) > 4.0
    for i in np.flatnonzero(moving):
        for j in np.flatnonzero((apart[i] < 8.0) & moving & (at > at[i] + 20.0) & (np.arange(len(at)) > i)):
            far = float(apart[i, i:j].max())
            if far > best:
                best, found = far, (float(at[i]), float(at[j]))
    return found


def _folded(scene: Scene) -> Editable | None:
    """Cut the way out and home again where both meet, and close all clocks: no place jumps."""
    met = _meeting(scene)
    if met is None:
        return None
    log = scene.log.take(
        np.flatnonzero(~((scene.log.axis_s > met[0]) & (scene.log.axis_s < met[1]) & ~scene.log.fixed))
    )
    late = np.asarray((log.axis_s >= met[1]) & ~log.fixed)
    shift_clocks(log, -(met[1] - met[0] - scene.step_s), late, ("boot", "host", "gnss"))
    return log


def _folded_seen(scene: Scene) -> bool:
    """Whether the aircraft would have to turn round at once, and is recorded often enough to show it."""
    met = _meeting(scene)
    if met is None or scene.step_s > 0.35:
        return False
    north, east = scene.velocity_at(np.array([met[0] - 1.0, met[1] + 1.0]))
    return bool(np.hypot(np.diff(north), np.diff(east))[0] > 7.0)


def _cut_seen(scene: Scene) -> bool:
    begin, end = _span(scene, 20.0)
    return _jump_seen(scene, scene.apart_m(begin, end)) and scene.apart_m(begin, end) > MATTERS_M


def _open_seen(scene: Scene) -> bool:
    """A hole of many usual steps within which the aircraft moved."""
    begin, end = _span(scene, 20.0)
    return end - begin > max(5 * scene.step_s, 3.0) and scene.apart_m(begin, end) > 2 * MATTERS_M


def _pasted(scene: Scene) -> Editable | None:
    """Copy what was recorded before the stretch over it."""
    begin, end = _span(scene, 20.0)
    earlier = begin - float(int(1.5 * (end - begin)) + 1)
    log = scene.log
    source = np.flatnonzero(_within(log, earlier, earlier + end - begin))
    target = _within(log, begin, end)
    if len(source) < 5 or not target.any():
        return None
    first = int(target.argmax())
    before, behind = np.arange(first), np.arange(first, len(log.records))
    order = np.concatenate((before[~target[before]], source, behind[~target[behind]]))
    out = log.take(order)
    copies = np.zeros(len(order), np.bool_)
    start = int((~target[before]).sum())
    copies[start : start + len(source)] = True
    shift_clocks(out, begin - earlier, copies)
    return out


def _is_moving(scene: Scene) -> bool:
    return scene.stretch_m > 20.0


def _hours_off(scene: Scene, seconds: float, sources: tuple[str, ...]) -> Editable | None:
    log = scene.log.copy()
    if not any(c.source in sources for c in log.of("clock")):
        return None
    shift_clocks(log, seconds, ~log.fixed, sources)
    return log


def _absolute(scene: Scene) -> set[str]:
    """The clocks of the log that tell the date."""
    return {
        c.source for c in scene.log.of("clock") if c.source in ("host", "gnss") and float(np.median(c.values)) > 1e4
    }


def _section_late(scene: Scene, seconds: float) -> Editable | None:
    log = scene.log.copy()
    shift_clocks(log, seconds, _within(log, *_span(scene, 30.0)))
    return log


def _slower(scene: Scene, factor: float) -> Editable | None:
    """Stretch the log's own clocks and leave satellite time."""
    if not scene.has_gnss_clock:
        return None
    log = scene.log.copy()
    start = scene.main_s.min()
    for column in log.of("clock"):
        if column.source in ("boot", "host"):
            column.values = np.where(
                column.values > 0, column.values + (scene.log.axis_s[column.rows] - start) * factor, 0
            )
    return log


def _rows(scene: Scene, count: int) -> Editable | None:
    """Move single places of the main source."""
    log = scene.log.copy()
    assert scene.main
    north_m, east_m = _bearing(scene, 300.0)
    rows = np.flatnonzero(scene.inside(scene.main[0]) & is_place(scene.main[0]))
    if len(rows) < 4 * count:
        return None
    first = len(rows) // 2
    chosen = set(scene.main[0].rows[rows[first : first + count]].tolist())
    mask = np.isin(np.arange(len(log.records)), list(chosen))
    only = log.copy()
    only.columns = [c for c in log.columns if c.message == scene.main[0].message]
    move(scene, only, north_m, east_m, lambda at: np.ones(len(at)))
    for column in only.columns:
        column.values = np.where(mask[column.rows], column.values, column.given)
    by_id = {
        id(old): new
        for old, new in zip([c for c in log.columns if c.message == scene.main[0].message], only.columns, strict=True)
    }
    log.columns = [by_id.get(id(c), c) for c in log.columns]
    return log


def _reshaped(scene: Scene, shape: Callable[[np.ndarray, np.ndarray], np.ndarray], seconds: float) -> Editable | None:
    """Draw the places of the stretch anew in all sources; None where that moves nothing by much."""
    log = scene.log.copy()
    begin, end = _span(scene, seconds)
    worst = 0.0
    for column in log.of(*PLACES):
        at = log.axis_s[column.rows]
        rows = np.flatnonzero((at >= begin) & (at <= end) & _is_told(column))
        if len(rows) < 5:
            continue
        new = shape(at[rows], column.values[rows])
        off = float(np.abs(new - column.values[rows]).max()) * (1.0 if column.what in ("north", "east") else 1e5)
        worst = max(worst, off)
        column.values[rows] = new
    return log if worst > MATTERS_M else None


def _is_told(column: Column) -> Bools:
    return is_place(column) if column.what in ("lat", "lon") else np.asarray(np.isfinite(column.values))


def _smooth(at: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The mean over fifteen seconds; at the ends of the stretch over what there is on both sides."""
    sums = np.concatenate(([0.0], np.cumsum(values - values[0])))
    half = np.minimum(7.5, np.minimum(at - at[0], at[-1] - at))
    low, high = np.searchsorted(at, at - half), np.searchsorted(at, at + half, side="right")
    return values[0] + (sums[high] - sums[low]) / np.maximum(high - low, 1)


def _line(at: np.ndarray, values: np.ndarray) -> np.ndarray:
    return np.interp(at, [at[0], at[-1]], [values[0], values[-1]])


def _synthesised(scene: Scene, *, adapt: bool) -> Editable | None:
    log = _reshaped(scene, _line, 30.0)
    if log is None or not adapt:
        return log
    begin, end = _span(scene, 30.0)
    (n0, e0), (n1, e1) = scene.place_at(begin), scene.place_at(end)
    velocity = {"v_north": (n1 - n0) / (end - begin), "v_east": (e1 - e0) / (end - begin)}
    velocity["speed"] = float(np.hypot(velocity["v_north"], velocity["v_east"]))
    velocity["course"] = float(np.degrees(np.arctan2(e1 - e0, n1 - n0))) % 360
    for column in log.of(*velocity):
        at = log.axis_s[column.rows]
        column.values = np.where((at >= begin) & (at <= end), velocity[column.what], column.values)
    return log


def _quantised(scene: Scene) -> Editable | None:
    log = scene.log.copy()
    for column in log.of("lat", "lon"):
        column.values = np.where(scene.inside(column), np.round(column.values, 4), column.values)
    return log


def _scatters(scene: Scene) -> bool:
    """Whether the places scatter at all: those of a simulator may be drawn with a ruler already."""
    _, north, east = scene._main
    steps = np.hypot(np.diff(north), np.diff(east))[1:]
    bends = np.hypot(np.diff(north, 2), np.diff(east, 2))
    return bool(np.mean(bends[steps > 0.2] > 0.02 * steps[steps > 0.2]) > 0.7) if (steps > 0.2).any() else False


def _line_seen(scene: Scene) -> bool:
    """Whether the straight line has some rows, and the places more digits than its steps need."""
    begin, end = _span(scene, 30.0)
    inside = (scene.main_s >= begin) & (scene.main_s <= end)
    return (
        _scatters(scene) and bool(inside.sum() >= 8) and scene.digit_m < 0.1 * scene.way_m(inside) / float(inside.sum())
    )


def _twice(scene: Scene) -> Editable | None:
    """The same recording once more behind itself, with its clocks running on."""
    log = scene.log
    body = np.flatnonzero(~log.fixed)
    tail = np.flatnonzero(log.fixed & (np.arange(len(log.records)) > body[-1]))
    head = np.setdiff1d(np.arange(len(log.records)), tail)
    out = log.take(np.concatenate((head, body, tail)))
    second = np.zeros(len(out.records), np.bool_)
    second[len(head) : len(head) + len(body)] = True
    shift_clocks(out, float(np.nanmax(log.axis_s) - np.nanmin(log.axis_s)) + 30.0, second)
    return out


def _heights(scene: Scene, scale: float, offset_m: float, weight: Weight, source: str | None = None) -> Editable | None:
    columns = scene.log.of("height", source=source)
    if not any(scene.rate_hz(c) >= 0.45 and c.values.any() for c in columns) or (source and not scene.has_both):
        return None
    log = scene.log.copy()
    changed = 0.0
    for column in log.of("height", source=source):
        share = weight(log.axis_s[column.rows])
        base = column.values[column.values != 0][:1]
        new = column.values + share * ((scale - 1) * (column.values - (base[0] if len(base) else 0)) + offset_m)
        changed = max(changed, float(np.abs(new - column.values)[scene.inside(column)].max(initial=0)))
        column.values = new
    return log if changed > 10.0 else None


def _height_seen(scene: Scene) -> bool:
    return "baro" in scene.log.holds or scene.has("v_down") or bool(scene.log.of("baro"))


def _climb_seen(scene: Scene) -> bool:
    """Whether the aircraft climbs by more than a receiver's height wanders, with something to hold that against."""
    told = [column for column in scene.log.of("height") if scene.rate_hz(column) >= 0.45]
    told = [column for column in told if column.source != RECEIVER] or told  # what has no fix tells any height
    known = (column.values[np.isfinite(column.values) & (column.values != 0)] for column in told)
    return _height_seen(scene) and any(np.ptp(np.percentile(each, (10, 90))) > 15.0 for each in known if len(each))


def _one_frame(scene: Scene) -> bool:
    """Whether receiver and estimate count their heights from the same zero."""
    zeros = {
        source: [float(np.median(c.values)) for c in scene.log.of("height", source=source) if scene.rate_hz(c) >= 0.45]
        for source in (RECEIVER, ESTIMATE)
    }
    return any(abs(one - other) < 20.0 for one in zeros[RECEIVER] for other in zeros[ESTIMATE])


def _always(at: np.ndarray) -> np.ndarray:
    return np.ones(len(at))


def _end_cut(scene: Scene, *, head: bool) -> Editable | None:
    middle = (scene.begin_s + scene.end_s) / 2
    log = scene.log
    gone = ((log.axis_s < middle) if head else (log.axis_s > middle)) & ~log.fixed
    return log.take(np.flatnonzero(~gone))


def _in_flight(scene: Scene) -> bool:
    """Whether the aircraft is under way in the middle of the stretch."""
    middle = (scene.begin_s + scene.end_s) / 2
    return scene.apart_m(middle - 2, middle + 2) > 8.0


def _under_way(scene: Scene) -> bool:
    """Whether the aircraft is under way at an end of the section that is moved in time."""
    return any(scene.apart_m(at - 2, at + 2) > 8.0 for at in _span(scene, 30.0))


def _ends_seen(scene: Scene) -> bool:
    """Films and lists of pictures begin and end in flight."""
    return _in_flight(scene) and scene.log.format != "srt"


def _set_armed(log: Editable, rows: Bools, armed: bool) -> bool:
    """Write the state of the motors into these records; whether any says it."""
    found = False
    for column in log.of("armed", "base_mode", "state"):
        which = rows[column.rows]
        if column.what == "armed":
            on = 2.0 if column.message.startswith("vehicle_status") else 1.0
            off = 1.0 if column.message.startswith("vehicle_status") else 0.0
            column.values = np.where(which, on if armed else off, column.values)
        else:
            bit = 128 if column.what == "base_mode" else 8
            bits = column.values.astype(np.int64)
            column.values = np.where(which, bits | bit if armed else bits & ~bit, bits).astype(float)
        found = found or bool((column.values != column.given).any())
    return found


def _never_armed(scene: Scene) -> Editable | None:
    log = scene.log.copy()
    gone = np.zeros(len(log.records), np.bool_)
    for column in log.of("event"):
        gone[column.rows[np.isin(column.values, (10, 11, 15, 16, 17, 18, 28))]] = True
    for column in log.of("armed"):
        if column.message == "ARM":
            gone[column.rows] = True
    found = _set_armed(log, ~log.fixed, armed=False)
    return log.take(np.flatnonzero(~gone)) if found or gone.any() else None


def _disarmed_aloft(scene: Scene) -> Editable | None:
    """The motors off for ten seconds in flight."""
    log = scene.log.copy()
    return log if _in_flight(scene) and _set_armed(log, _within(log, *_span(scene, 10.0)), armed=False) else None


def _other_sender(scene: Scene) -> Editable | None:
    if scene.log.relabel is None:
        return None
    return scene.log.relabel(scene.log, _within(scene.log, scene.begin_s, scene.end_s))


def _gone_in(scene: Scene, source: str) -> Editable | None:
    """Leave the stretch out in one source of two."""
    if not scene.has_both:
        return None
    gone = np.zeros(len(scene.log.records), np.bool_)
    for column in scene.log.of(*PLACES, source=source):
        gone[column.rows[scene.inside(column)]] = True
    return scene.log.take(np.flatnonzero(~gone)) if gone.any() else None


def _far(scene: Scene) -> bool:
    """Whether the stretch leads somewhere."""
    return scene.apart_m(scene.begin_s, scene.end_s) > 2 * MATTERS_M


def _long(scene: Scene) -> bool:
    """Whether two in a hundred of the log are more than two seconds."""
    return float(np.ptp(scene.main_s)) > 100.0


def _name_seen(scene: Scene) -> bool:
    """Another system's places stand for themselves; another receiver's only where a second source goes on."""
    return _far(scene) and (scene.log.format == "tlog" or scene.has_both)


def _yes(_: Scene) -> bool:
    return True


def _no(_: Scene) -> bool:
    return False


def _kinds() -> tuple[Kind, ...]:
    found: list[Kind] = []

    def add(name: str, family: str, make: Make, seen: Seen, *, is_fact: bool = False) -> None:
        found.append(Kind(name, family, make, seen, is_fact))

    for metres in (50, 300, 2000):
        jump = partial(_jump_seen, metres=metres)
        add(f"moved {metres} m, abruptly", "section moved abruptly", partial(_moved, metres=metres, ease=False), jump)
        add(
            f"moved {metres} m, eased",
            "section moved, eased in and out over 30 s",
            partial(_moved, metres=metres, ease=True),
            lambda s: s.has_velocity,
        )
        for source in (RECEIVER, ESTIMATE):
            for ease in (False, True):
                how = "eased" if ease else "abruptly"
                add(
                    f"{source} alone moved {metres} m, {how}",
                    "one source of two moved",
                    partial(_moved, metres=metres, ease=ease, source=source),
                    lambda s: s.has_both,
                )
        add(
            f"moved {metres} m with velocities", "moved with velocities and home distance adapted",
            partial(_moved, metres=metres, ease=True, adapt=True),
            (lambda s: {"imu", "attitude"} <= s.log.holds) if metres >= 300 else _no,
        )  # fmt: skip
    add(
        "one source of two left out (receiver)",
        "stretch of one source left out",
        partial(_gone_in, source=RECEIVER),
        _far,
    )
    add(
        "one source of two left out (estimate)",
        "stretch of one source left out",
        partial(_gone_in, source=ESTIMATE),
        _far,
    )
    add("span cut out, left open", "span cut out and left open", _cut, _open_seen, is_fact=True)
    add(
        "span cut out, all clocks closed",
        "span cut out, times closed",
        partial(_cut, closed=("boot", "host", "gnss")),
        _cut_seen,
    )
    add("span cut out, satellite time left", "span cut out, times closed", partial(_cut, closed=("boot", "host")), _yes)
    add("way out and home cut where both meet", "span cut out, times closed", _folded, _folded_seen)
    add("block copied over another place", "block copied and pasted", _pasted, _is_moving)
    add(
        "clocks 3 h later",
        "whole log moved in time",
        partial(_hours_off, seconds=10_800.0, sources=("host", "gnss")),
        _no,
    )
    add(
        "replayed 400 days later",
        "replayed with a new date",
        partial(_hours_off, seconds=400 * 86_400.0, sources=("host", "gnss")),
        _no,
    )
    add("satellite time alone 3 h later", "one clock of two moved", _one_clock, _no)  # as a clock's zone
    add("section 7 s later", "section moved in time", partial(_section_late, seconds=7.0), _under_way)
    add("log's own clock 2 % slower", "one clock of two runs at another rate", partial(_slower, factor=0.02), _long)
    for count, word in ((1, "one row"), (3, "three rows")):
        add(f"{word} moved 300 m", "rows edited", partial(_rows, count=count), _yes)
    add(
        "smoothed over 15 s",
        "smoothed",
        partial(_reshaped, shape=_smooth, seconds=60.0),
        lambda s: s.has_velocity and _scatters(s),
    )
    add("straight line for 30 s", "synthesised: a straight line", partial(_synthesised, adapt=False), _line_seen)
    add(
        "straight line for 30 s, velocities too",
        "synthesised: a straight line",
        partial(_synthesised, adapt=True),
        _line_seen,
    )
    add("places rounded to 0.0001 degree", "places rounded", _quantised, _is_moving)
    add("recording twice, clocks running on", "two recordings in one file", _twice, _yes)
    add("heights halved", "heights scaled", lambda s: _heights(s, 0.5, 0.0, _always), _climb_seen)
    add(
        "section raised 60 m",
        "heights of a section offset",
        lambda s: _heights(s, 1.0, 60.0, abrupt(s.begin_s, s.end_s)),
        lambda s: _height_seen(s) or s.step_s < 2.0,
    )
    add(
        "receiver's heights raised 60 m",
        "heights of one source offset",
        lambda s: _heights(s, 1.0, 60.0, _always, RECEIVER),
        _one_frame,
    )
    add("all heights raised 60 m", "all heights offset", lambda s: _heights(s, 1.0, 60.0, _always), _no)
    add("beginning cut off", "beginning or end cut off", partial(_end_cut, head=True), _ends_seen, is_fact=True)
    add("end cut off", "beginning or end cut off", partial(_end_cut, head=False), _ends_seen, is_fact=True)
    add("arming taken out", "events forged", _never_armed, _is_moving)
    add("disarmed in flight", "events forged", _disarmed_aloft, _yes)
    add("stretch given to another system or receiver", "second system or receiver", _other_sender, _name_seen)
    return tuple(found)


def _one_clock(scene: Scene) -> Editable | None:
    """Move satellite time, where the host tells the date as well."""
    return _hours_off(scene, 10_800.0, ("gnss",)) if {"host", "gnss"} <= _absolute(scene) else None


KINDS = _kinds()
