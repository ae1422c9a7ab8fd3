"""What damage does to each reader, counted against the undamaged sample. `make damage FILES=1000 SEED=...`.

    python -m tests.fuzz.damage [FILES [SEED [FORMAT]]]

Eight ways to damage bytes, one sample a format. A point of the damaged file's track is *right* when the undamaged
track has it (time, place); *lost* are points that the damaged file no longer gives, *wrong* those it gives and the
undamaged does not. A file with lost or wrong points must say so: an issue that the undamaged file does not have.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from dronecheck.errors import UnreadableInput
from dronecheck.flight import Flight, Track
from dronecheck.issues import Severity
from tests.fuzz.formats import FORMATS, read, sample
from tests.support import wounds

CLOCK_MS = 20
Point = tuple[int, int, int]
Mutator = Callable[[random.Random, bytes], bytes]

_HEAD = 400  # not the first bytes: without them a file is another format, or none


def _span(source: random.Random, data: bytes, longest: int = 400) -> tuple[int, int]:
    begin = source.randrange(min(_HEAD, len(data) // 2), len(data))
    return begin, min(len(data), begin + source.randrange(1, longest))


def flip_bit(source: random.Random, data: bytes) -> bytes:
    out = bytearray(data)
    out[_span(source, data)[0]] ^= 1 << source.randrange(8)
    return bytes(out)


def overwrite_byte(source: random.Random, data: bytes) -> bytes:
    out = bytearray(data)
    out[_span(source, data)[0]] = source.randrange(256)
    return bytes(out)


def zero_run(source: random.Random, data: bytes) -> bytes:
    begin, end = _span(source, data, 4_096)
    return data[:begin] + bytes(end - begin) + data[end:]


def random_run(source: random.Random, data: bytes) -> bytes:
    begin, end = _span(source, data)
    return data[:begin] + source.randbytes(end - begin) + data[end:]


def delete_run(source: random.Random, data: bytes) -> bytes:
    begin, end = _span(source, data)
    return data[:begin] + data[end:]


def insert_run(source: random.Random, data: bytes) -> bytes:
    begin, end = _span(source, data)
    return data[:begin] + source.randbytes(end - begin) + data[begin:]


def repeat_run(source: random.Random, data: bytes) -> bytes:
    begin, end = _span(source, data)
    return data[:end] + data[begin:end] + data[end:]


def cut_short(source: random.Random, data: bytes) -> bytes:
    return data[: _span(source, data)[0]]


def tear(source: random.Random, data: bytes) -> bytes:
    return wounds.torn(data, source, source.choice((15_000, 60_000)))


def scratch_once(source: random.Random, data: bytes) -> bytes:
    return wounds.scratched(data, source, 1)


def scratch(source: random.Random, data: bytes) -> bytes:
    return wounds.scratched(data, source)


MUTATORS: tuple[Mutator, ...] = (
    flip_bit, overwrite_byte, zero_run, random_run, delete_run, insert_run, repeat_run, cut_short,
)  # fmt: skip
MANY: tuple[Mutator, ...] = (tear, scratch)  # many wounds in one file


@dataclass
class Tally:
    """Counts over many damaged files of one format."""

    files: int = 0
    refused: int = 0
    changed: int = 0  # files with lost or wrong points
    silent: list[str] = field(default_factory=list)  # of these, those without a new issue
    points: int = 0
    wrong: int = 0  # points that the undamaged file does not have
    wrong_silent: int = 0  # of these, in files that say nothing
    lost_silent: int = 0  # points gone without another in their place, in files that say nothing
    off_m: float = 0.0  # the farthest that a silently wrong point is from the undamaged track
    unsound: list[str] = field(default_factory=list)  # neither a flight with `oddities` none nor a refusal in a line
    shorter: int = 0  # files of which any track has fewer fixes
    shorter_silent: int = 0  # of these, those without a new issue
    shorter_light: int = 0  # of these, those without a new issue of damage
    astray: int = 0  # places that the undamaged track of that name does not have, said or not
    slowest_s: float = 0.0
    by_mutator: Counter[str] = field(default_factory=Counter)

    @property
    def told(self) -> float:
        """The share of files with lost or wrong points that say so."""
        return 1 - len(self.silent) / max(self.changed, 1)


def points_of(flight: Flight) -> set[Point]:
    """Time in milliseconds and place in 1e-7 degrees of every fix of every track of the aircraft that is judged."""
    track = flight.track
    columns = zip((track.time_ns // 1_000_000).tolist(), track.lat_deg.tolist(), track.lon_deg.tolist(), strict=True)
    return {(t, round(lat * 1e7), round(lon * 1e7)) for t, lat, lon in columns}


def like(found: set[Point], truth: set[Point]) -> set[Point]:
    """The same points, with the undamaged time where it is the same within what the clock is known to.

    One time more or less moves the median by which a log's clock is set, and so all times, by a millisecond.
    """
    times_ms: dict[tuple[int, int], list[int]] = {}
    for at_ms, lat, lon in truth:
        times_ms.setdefault((lat, lon), []).append(at_ms)

    def time_of(point: Point) -> int:
        near = [at_ms for at_ms in times_ms.get(point[1:], ()) if abs(at_ms - point[0]) <= CLOCK_MS]
        return min(near, key=lambda at_ms: abs(at_ms - point[0]), default=point[0])

    return {point if point in truth else (time_of(point), *point[1:]) for point in found}


def places_of(track: Track) -> set[tuple[float, float]]:
    """Latitude and longitude of every fix, in degrees as read."""
    return set(zip(track.lat_deg.tolist(), track.lon_deg.tolist(), strict=True))


def oddities(flight: Flight) -> Iterator[str]:
    """What no flight may be, whatever the bytes were."""
    for name, track in flight.tracks.items():
        if not (np.isfinite(track.lat_deg).all() and np.isfinite(track.lon_deg).all()):
            yield f"{name} has a place that is no number"
        steps = np.diff(track.time_ns[track.is_timed])[np.diff(track.part[track.is_timed]) == 0]
        if name != "operator" and not (steps > 0).all():  # a phone's fixes may have one time
            yield f"the times of {name} do not rise"


def issues_of(flight: Flight) -> set[tuple[str, str, int]]:
    """What is told, without its place."""
    return {(issue.code.value, issue.message, issue.count) for issue in flight.issues}


def says_damage(flight: Flight, whole: Flight) -> bool:
    """Whether an issue of damage is there, or counts more, that the undamaged log does not have."""
    grave = (Severity.DAMAGE, Severity.TAMPER)
    told = {(issue.code, issue.count) for issue in whole.issues}
    return any(issue.severity in grave and (issue.code, issue.count) not in told for issue in flight.issues)


def off_m(wrong: set[Point], whole: Flight) -> float:
    """How far the farthest of these points is from where the undamaged track is at its time (on a sphere)."""
    track = whole.track
    times_ms = track.time_ns / 1e6
    at_ms, lat, lon = (np.array(column, dtype=float) for column in zip(*sorted(wrong), strict=True))
    north_m = (lat / 1e7 - np.interp(at_ms, times_ms, track.lat_deg)) * 111_320
    east_m = (lon / 1e7 - np.interp(at_ms, times_ms, track.lon_deg)) * 111_320 * np.cos(np.radians(lat / 1e7))
    return float(np.hypot(north_m, east_m).max())


def tally(
    format_: str, files: int, seed: int, data: bytes | None = None, mutators: tuple[Mutator, ...] = MUTATORS
) -> Tally:
    """Damage a sample (or its beginning `data`) so many times and count."""
    data = sample(format_) if data is None else data
    whole = read(format_, data)
    truth, told = points_of(whole), issues_of(whole)
    source, out = random.Random(f"{seed} {format_}"), Tally()
    for number in range(files):
        mutator = mutators[number % len(mutators)]
        damaged = mutator(source, data)
        out.files += 1
        begin = time.monotonic()
        try:
            flight = read(format_, damaged)
        except UnreadableInput as error:
            out.refused += 1
            out.unsound += [f"{mutator.__name__} #{number}: {error!r}"] if "\n" in str(error) or not error.code else []
            continue
        finally:
            out.slowest_s = max(out.slowest_s, time.monotonic() - begin)
        out.unsound += [f"{mutator.__name__} #{number}: {what}" for what in oddities(flight)]
        pairs = [(flight.tracks.get(name, Track.empty()), track) for name, track in whole.tracks.items()]
        shorter = any(len(now) < len(track) for now, track in pairs)
        out.astray += sum(len(places_of(now) - places_of(track)) for now, track in pairs)
        out.shorter += shorter
        out.shorter_silent += shorter and not issues_of(flight) - told
        out.shorter_light += shorter and not says_damage(flight, whole)
        found = like(points_of(flight), truth)
        wrong, lost = found - truth, truth - found
        out.points += len(found)
        out.wrong += len(wrong)
        if not wrong and not lost:
            continue
        out.changed += 1
        if not issues_of(flight) - told and flight.completeness is whole.completeness:
            out.silent.append(f"{mutator.__name__} #{number}: {len(lost)} lost, {len(wrong)} wrong")
            out.wrong_silent += len(wrong)
            out.lost_silent += max(0, len(lost) - len(wrong))
            out.off_m = max(out.off_m, off_m(wrong, whole) if wrong else 0.0)
            out.by_mutator[mutator.__name__] += 1
    return out


def main() -> None:
    files = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 20261123
    print(f"seed {seed}, {files} damaged files a format")
    print("format             refused changed  silent     told  wrong as fact  farthest  lost silently  slowest")
    for format_ in [sys.argv[3]] if len(sys.argv) > 3 else FORMATS:
        t = tally(format_, files, seed)
        share = t.wrong_silent / max(t.points, 1)
        print(
            f"{format_:<18} {t.refused:7d} {t.changed:7d} {len(t.silent):7d} {t.told:8.2%} {share:13.6%} "
            f"{t.off_m:7.1f} m {t.lost_silent:14d} {t.slowest_s:6.2f} s  {dict(t.by_mutator) or ''}",
            flush=True,
        )


if __name__ == "__main__":
    main()
