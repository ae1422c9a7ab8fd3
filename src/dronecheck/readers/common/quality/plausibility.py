"""What every reader's flight is asked, whatever its format: which fixes cannot be, what is missing, how the log ends.

Nothing is changed: a fix that physics forbids is left out of its track, with an issue that names its place in the file.

    stray fix        out of the line of its neighbours and back, by more than any aircraft can turn, and not held
    uneven fix       the same by less: an aircraft could, and this one does not elsewhere (the fix stays)
    frozen position  the same place again and again while the speed says that it moves: the first fix stays
    holes            steps longer than the track's own cadence
    jumps            steps that no drone can fly (the fixes stay: which side is right is not known)
    heights          above the sea against the receiver's own, above take-off at the take-off: see `flight.heights`
    open end         the last fix is high above take-off, or moving

The figures come from the tracks of 75 real logs: none of their fixes is stray or frozen by them, in five logs some are
uneven.
"""

from __future__ import annotations

import mmap
from dataclasses import replace
from itertools import pairwise

import numpy as np

from dronecheck.arrays import Bools, Floats, Ints
from dronecheck.flight import OPERATOR, Completeness, EventKind, Flight, Track
from dronecheck.flight.heights import with_sound_heights
from dronecheck.geo.plane import step_lengths_m
from dronecheck.issues import Code, Issue, Severity
from dronecheck.messages import Message, both
from dronecheck.readers.common.text import as_utf8

__all__ = ["with_quality"]


METRES_PER_DEG = 111_320.0
# a fix that is stray (forbidden by physics) or uneven (told only)
HELD_STEPS = 2.5  # of the usual time: longer than two rows take
STRAY_AT_LEAST_M, STRAY_MPS2 = 1.0, 50.0  # five times the acceleration of gravity, there and back
UNEVEN_AT_LEAST_M, UNEVEN_MPS2 = 0.1, 2.0
UNUSUAL_TIMES = 20.0  # times the median of the fixes around
BESIDE_AT_MOST = 0.25  # of it, for the fixes beside it once it is gone
NEIGHBOURS, USUAL_OF_AT_LEAST = 8, 6
# a frozen position
FROZEN_S = 3.0
FROZEN_ROWS = 5
FROZEN_MPS = 3.0
# holes and jumps
REGULAR_WITHIN, REGULAR_SHARE = 0.25, 0.95  # a track with a cadence: steps within a quarter of the median
GAP_REGULAR_MEDIANS = 1.6
GAP_MEDIANS, GAP_AT_LEAST_S = 5.0, 5.0  # of a track without
FASTEST_MPS = 150.0
JUMP_AT_LEAST_M, JUMP_SIGMAS = 20.0, 3.0
# the end
HIGH_M = 5.0
RISEN_M = 20.0  # by heights of satellites, where none above take-off is known
FAST_MPS = 2.0
LAST_S = 3.0


def with_quality(flight: Flight, data: bytes | mmap.mmap, *, is_text: bool) -> Flight:
    """Return the flight without the fixes that cannot be, with what its bytes and tracks say beyond their format."""
    text = as_utf8(data) if is_text else b""
    issues = [*_nul(text), *_open_line(flight, text)] if is_text else []
    tracks = dict(flight.tracks)
    for name in tracks:
        if name != OPERATOR:
            told = [_usable(part) for part in _parts(tracks[name])]
            is_used = np.concatenate([used for used, _ in told])
            tracks[name] = tracks[name] if is_used.all() else tracks[name].where(is_used)
            issues += [issue for _, found in told for issue in found]
            issues += [issue for part in _parts(tracks[name]) for issue in (*_holes(part), *_jumps(part))]
    better = with_sound_heights(replace(flight, tracks=tracks))
    open_end = _open_end(better)
    issues += open_end
    return replace(better, issues=(*better.issues, *issues), ends_airborne=flight.ends_airborne or bool(open_end))


def _parts(track: Track) -> list[Track]:
    """Return the parts of a track: what one clock timed."""
    edges = np.concatenate([[0], np.flatnonzero(np.diff(track.part)) + 1, [len(track)]]).tolist()
    return [track[first:end] for first, end in pairwise(edges)] if len(edges) > 2 else [track]


def _usable(track: Track) -> tuple[Bools, list[Issue]]:
    """Return which fixes of one part are used, shape (n,), with notes on the others and on the odd ones."""
    issues: list[Issue] = []
    if len(track) < 3:
        return np.full(len(track), True), issues

    def note(code: Code, severity: Severity, rows: Bools, text: Message) -> None:
        where = np.flatnonzero(rows)
        said = Message("{name}: {text}", name=track.message, text=text)
        issues.append(Issue(code, severity, said, int(track.offset[where[0]]), len(where)))

    out_m, is_stray, is_uneven = _out_of_place(track)
    is_stray |= _stray_pairs(track)
    is_uneven &= ~is_stray
    if is_uneven.any():
        text = Message(
            "fixes up to {most_m:,.1f} m out of the line of those before and after; kept", most_m=out_m[is_uneven].max()
        )
        note(Code.UNEVEN_FIX, Severity.INFO, is_uneven, text)
    is_stray &= track.is_timed  # without its time nothing can be said of how it got there
    if is_stray.any():
        text = Message(
            "fixes up to {most_m:,.0f} m out of the line of those before and after, "
            "there and back by more than {limit_mps2:.0f} m/s2; left out",
            most_m=out_m[is_stray].max(),
            limit_mps2=STRAY_MPS2,
        )
        note(Code.STRAY_FIX, Severity.WARNING, is_stray, text)
    is_used = ~is_stray
    left = np.flatnonzero(is_used)
    is_frozen = np.zeros(len(track), dtype=np.bool_)
    is_frozen[left] = _frozen(track.where(is_used))
    if is_frozen.any():
        text = Message(
            "the same position for {least_s:.0f} s or more while the speed says {speed_mps:.0f} m/s; "
            "only the first fix is used",
            least_s=FROZEN_S,
            speed_mps=np.nanmax(track.speed_mps[is_frozen]),
        )
        note(Code.FROZEN_POSITION, Severity.WARNING, is_frozen, text)
    return is_used & ~is_frozen, issues


def _out_of_place(track: Track) -> tuple[Floats, Bools, Bools]:
    """Return how far each fix is out of the line of its neighbours (m), and which are stray or uneven; shapes (n,).

    Without such a fix those beside it are in line with theirs; where the track makes a step that stays, they are not.
    """
    count = len(track)
    rows = np.arange(1, count - 1, dtype=np.intp)
    step_s = np.diff(track.time_ns) / 1e9
    step_s = np.maximum(step_s, max(0.25 * _median(step_s), 1e-3))  # stamps of a host's clock may bunch
    out_m, mps2 = np.zeros(count), np.zeros(count)
    out_m[1:-1] = _out_of_line_m(track, rows - 1, rows, rows + 1)
    mps2[1:-1] = 2 * out_m[1:-1] / (step_s[:-1] * step_s[1:])
    rows = np.flatnonzero((out_m > UNEVEN_AT_LEAST_M) & (mps2 > UNEVEN_MPS2))
    for before, here, after in ((-2, -1, 1), (-1, 1, 2)):
        inside = (rows + before >= 0) & (rows + after < count)
        beside_m = np.zeros(len(rows))
        at = rows[inside]
        beside_m[inside] = _out_of_line_m(track, at + before, at + here, at + after)
        rows = rows[beside_m < BESIDE_AT_MOST * out_m[rows]]
    rows = rows[out_m[rows] > UNUSUAL_TIMES * _usual_m(out_m, rows)]
    is_odd = np.zeros(count, dtype=np.bool_)
    is_odd[rows] = True
    is_stray = is_odd & (out_m > STRAY_AT_LEAST_M) & (mps2 > STRAY_MPS2)
    # A fix that stands for several rows, which the reader merged, is no stray one: which side is right is not known.
    is_held = np.zeros(count, dtype=np.bool_)
    is_held[1:-1] = step_s[1:] > HELD_STEPS * _median(step_s)
    return out_m, is_stray & ~is_held, is_odd & ~(is_stray & ~is_held)


def _stray_pairs(track: Track) -> Bools:
    """Return the pairs of fixes that a step which nothing flies parts from those before, and another from those behind.

    Shape (n,). Without them the way goes on as it went.
    """
    is_stray = np.zeros(len(track), dtype=np.bool_)
    out = _jump_steps(track)
    pairs = out[np.isin(out + 2, out)]
    if not len(pairs):
        return is_stray
    step_s = np.diff(track.time_ns) / 1e9
    lasts_s = (track.time_ns[pairs + 3] - track.time_ns[pairs]) / 1e9
    pairs = pairs[lasts_s <= (HELD_STEPS + 2) * _median(step_s)]
    around = np.searchsorted(out, pairs + 2 + NEIGHBOURS, "right") - np.searchsorted(out, pairs - NEIGHBOURS)
    for before in pairs[around == 2].tolist():  # else the way is broken there, and no side is the usual one
        if not len(_jump_steps(track.where(np.array([before, before + 3], np.int64)))):
            is_stray[before + 1 : before + 3] = True
    return is_stray


def _usual_m(out_m: Floats, rows: Ints) -> Floats:
    """Return the median of how far the fixes around these rows are out of line, shape (rows,); infinite for too few."""
    beside = np.array([step for step in range(-NEIGHBOURS, NEIGHBOURS + 1) if abs(step) > 1], np.intp)
    around = rows[:, None] + beside
    is_there = (around >= 1) & (around < len(out_m) - 1)
    values = np.sort(np.where(is_there, out_m[np.clip(around, 0, len(out_m) - 1)], np.inf), axis=1)
    number = is_there.sum(axis=1)
    return np.asarray(
        np.where(number < USUAL_OF_AT_LEAST, np.inf, values[np.arange(len(rows), dtype=np.intp), number // 2])
    )


def _out_of_line_m(track: Track, before: Ints, here: Ints, after: Ints) -> Floats:
    """Return how far (m) the rows `here` are from an even flight from the rows `before` to those `after`."""
    time_ns, lat, lon = track.time_ns, track.lat_deg, track.lon_deg
    share = (time_ns[here] - time_ns[before]) / np.maximum(time_ns[after] - time_ns[before], 1)
    north_deg = lat[here] - lat[before] - share * (lat[after] - lat[before])
    east_deg = _turn(lon[here] - lon[before]) - share * _turn(lon[after] - lon[before])
    return np.asarray(METRES_PER_DEG * np.hypot(north_deg, east_deg * np.cos(np.radians(lat[here]))))


def _turn(degrees: Floats) -> Floats:
    return np.asarray((degrees + 180.0) % 360.0 - 180.0)


def _median(values: Floats) -> float:
    return float(np.partition(values, len(values) // 2)[len(values) // 2])  # np.median would import numpy.ma, 40 ms


def _frozen(track: Track) -> Bools:
    """Return the rows that repeat the place and height before, in runs that last while the speed says that it moves.

    Height too: some logs give the speed with its vertical part, and an aircraft may climb on the spot.
    """
    is_frozen = np.zeros(len(track), dtype=np.bool_)
    if len(track) < FROZEN_ROWS:
        return is_frozen
    same = (np.diff(track.lat_deg) == 0) & (np.diff(track.lon_deg) == 0) & (track.speed_mps[1:] > FROZEN_MPS)
    for height_m in (track.alt_amsl_m, track.alt_hae_m, track.alt_home_m):
        same &= ~(np.abs(np.diff(height_m)) > 0)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], same, [False]]).astype(np.int8)))
    for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if last - first >= FROZEN_ROWS and track.time_ns[last] - track.time_ns[first] >= FROZEN_S * 1e9:
            is_frozen[first + 1 : last + 1] = True
    return is_frozen


def _holes(track: Track) -> list[Issue]:
    if len(track) < 3:
        return []
    steps_s = np.diff(track.time_ns) / 1e9
    steps_s[~(track.is_timed[1:] & track.is_timed[:-1])] = 0.0  # nobody knows how long
    median_s = _median(steps_s)
    limit_s = max(GAP_MEDIANS * median_s, GAP_AT_LEAST_S)
    if len(steps_s) >= 20 and np.mean(np.abs(steps_s - median_s) <= REGULAR_WITHIN * median_s) >= REGULAR_SHARE:
        limit_s = GAP_REGULAR_MEDIANS * median_s
    gaps = np.flatnonzero(steps_s > limit_s)
    if not len(gaps):
        return []
    text = Message(
        "{track}: holes in the track of more than {limit_s:.2g} s (usual: {median_s:.2g} s), "
        "the longest {longest_s:.1f} s",
        track=track.message,
        limit_s=limit_s,
        median_s=median_s,
        longest_s=steps_s[gaps].max(),
    )
    return [Issue(Code.GAP, Severity.INFO, text, int(track.offset[gaps[0] + 1]), len(gaps))]


def _jump_steps(track: Track) -> Ints:
    """Return the steps that no drone flies, by the number of the fix before; shape (k,)."""
    if len(track) < 2:
        return np.empty(0, np.int64)
    north_m = np.diff(track.lat_deg) * METRES_PER_DEG
    east_m = _turn(np.diff(track.lon_deg)) * METRES_PER_DEG * np.cos(np.radians(track.lat_deg[1:]))
    step_m, step_s = np.hypot(north_m, east_m), np.diff(track.time_ns) / 1e9
    step_s = np.maximum(step_s, max(0.25 * _median(step_s), 1e-3))  # stamps of a host's clock may bunch
    sigma_m = np.hypot(*(np.nan_to_num(track.h_sigma_m)[rows] for rows in (slice(1, None), slice(None, -1))))
    limit_m = np.maximum(FASTEST_MPS * step_s, np.maximum(JUMP_AT_LEAST_M, JUMP_SIGMAS * sigma_m))
    return np.flatnonzero(step_m > limit_m)


def _jumps(track: Track) -> list[Issue]:
    jumps = _jump_steps(track)
    if not len(jumps):
        return []
    text = Message(
        "{track}: steps between fixes faster than {limit_mps:.0f} m/s", track=track.message, limit_mps=FASTEST_MPS
    )
    return [Issue(Code.IMPOSSIBLE_JUMP, Severity.WARNING, text, int(track.offset[jumps[0] + 1]), len(jumps))]


def _nul(data: bytes | mmap.mmap) -> list[Issue]:
    """Note blocks that were never written, or lost: they read as zeros; no text has them."""
    first = data.find(b"\0")
    if first < 0:
        return []
    count = bytes(data).count(b"\0")
    line = bytes(data[:first]).count(b"\n") + 1
    text = Message("{count:,} NUL bytes in a text file (from byte {first:,})", count=count, first=first)
    return [Issue(Code.NUL_BYTES, Severity.DAMAGE, text, line, count)]


def _open_line(flight: Flight, data: bytes | mmap.mmap) -> list[Issue]:
    """Note a last line without an end, which may be followed by more.

    Programs that log line by line end each line; XML may end so.
    """
    end = b"\r\n" if data.find(b"\r\n") >= 0 else b"\n" if data.find(b"\n") >= 0 else b"\r"
    is_xml = data[:100].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    if data[-len(end) :] == end or is_xml or data.find(end) < 0 or flight.completeness is not Completeness.COMPLETE:
        return []
    line = bytes(data).count(b"\n") + 1
    text = Message("the last line has no line end: more may have followed")
    return [Issue(Code.NO_LINE_END, Severity.INFO, text, line)]


def _open_end(flight: Flight) -> list[Issue]:
    """Note a cut between two records, which shows in no other way: the last fix is high above take-off, or moving."""
    track = flight.track
    if len(track) < 2 or flight.ends_airborne:
        return []
    phases = (EventKind.ARM, EventKind.TAKEOFF, EventKind.LAND, EventKind.DISARM)
    last = next((e.kind for e in reversed(flight.events) if e.kind in phases), None)
    if last in (EventKind.LAND, EventKind.DISARM):
        return []
    known_m = track.alt_home_m[-2:][np.isfinite(track.alt_home_m[-2:])]  # the cut may have taken the last fix's height
    height_m, speed_mps = float(known_m[-1]) if len(known_m) else np.nan, _speed_at_end_mps(track)
    columns = (track.alt_amsl_m, track.alt_hae_m, track.pressure_alt_m)
    risen_m = next((float(c[-1] - c[0]) for c in columns if np.isfinite(c[-1] - c[0])), 0.0)
    what: list[Message] = []
    if abs(height_m) > HIGH_M:
        above = Message("{height_m:.0f} m above take-off", height_m=height_m)
        below = Message("{height_m:.0f} m below take-off", height_m=-height_m)
        what.append(above if height_m > 0 else below)
    elif not abs(height_m) <= HIGH_M and abs(risen_m) > RISEN_M:
        above = Message("{height_m:.0f} m above the first fix", height_m=risen_m)
        below = Message("{height_m:.0f} m below the first fix", height_m=-risen_m)
        what.append(above if risen_m > 0 else below)
    if speed_mps > FAST_MPS:
        what.append(Message("moving at {speed_mps:.1f} m/s", speed_mps=speed_mps))
    if not what:
        return []
    text = Message(
        "at its last fix the aircraft is {state}: the log ends before the landing, or is cut", state=both(what)
    )
    return [Issue(Code.ENDS_IN_FLIGHT, Severity.WARNING, text, int(track.offset[-1]))]


def _speed_at_end_mps(track: Track) -> float:
    """Return the logged speed at the end, or that by the positions of the last seconds."""
    if np.isfinite(track.speed_mps[-1]):
        return float(track.speed_mps[-1])
    first = int(np.searchsorted(track.time_ns, track.time_ns[-1] - int(LAST_S * 1e9)))
    first = min(first, len(track) - 2)
    seconds = (track.time_ns[-1] - track.time_ns[first]) / 1e9
    way_m = float(step_lengths_m(track.lat_deg[[first, -1]], track.lon_deg[[first, -1]])[0])
    return way_m / seconds if seconds > 0 else 0.0
