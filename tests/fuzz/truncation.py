"""Every format's sample, or a real log, cut: the track must be the beginning of the whole, the cut must be said.

    python -m tests.fuzz.truncation [BORDERS [CUTS [SEED [FORMAT ...]]]]      make truncation

BORDERS record borders (0: all of them), each with the byte before and after it, and CUTS random cuts a format.
A cut off a border leaves a piece of a record and must always be reported. A cut at a border leaves a whole file: it
must be reported while the aircraft flies, by the same rule for every format; on the ground nothing shows it.
The tracks must be those fixes of the whole file whose record is whole, no more and no fewer, figure for figure.
"""

from __future__ import annotations

import random
import sys
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dronecheck.errors import UnreadableInput
from dronecheck.flight import Completeness, Flight, Source, Track
from dronecheck.issues import Code
from dronecheck.readers import offset_unit
from tests.fuzz.formats import FORMATS, borders, read, sample

COLUMNS = ("lat_deg", "lon_deg", "offset", "alt_amsl_m")
MORE_COLUMNS = ("alt_home_m", "speed_mps", "h_sigma_m")
LOOKS_AHEAD = (
    "ulog",
    "dataflash",
    "tlog",
    "zll",
    "dji_dat",
)  # a later record may give an earlier fix its home or accuracy
CLOCK_IN_EACH = ("csv", "srt", "gpx", "igc")  # every record has its time; else the whole log sets the clock
STAMPED = ("tlog",)  # every record has its UTC
SET_CLOCK_ROWS = 12  # within them what sets the clock may not have come, as a CSV's change of second
CLOCK_NS = 10**9
HIGH_M = 10.0  # twice the height above take-off from which the end of a log counts as in flight
HIGH_BY_OTHER_M = 25.0  # and somewhat more than that by the heights of satellites or pressure, where none is known
FRAMED = (
    "ulog",
    "dataflash",
    "tlog",
    "dji_dat",
)  # they say the length of every record: a cut in one is seen, and no other
BROKEN = {Code.BAD_RECORD, Code.BYTES_SKIPPED}
SAYS_CUT = {Code.TRUNCATED, Code.LINE_CUT_SHORT, Code.NO_LINE_END, Code.BAD_RECORD, Code.BYTES_SKIPPED, Code.BAD_LINE}

Places = NDArray[np.int64]
Rows = NDArray[np.bool_]


@dataclass
class Tally:
    """Counts over the cuts of one format; `wrong` and `silent` list where they fail."""

    cuts: int = 0
    refused: int = 0
    flying: int = 0  # cuts at a border, in flight
    wrong: list[str] = field(default_factory=list)  # not the fixes that are whole, or the end called something else
    silent: list[str] = field(default_factory=list)  # a cut that is not reported


def places(format_: str, some_borders: int, cuts: int, seed: int, fixes: list[int]) -> list[int]:
    """Where to cut, ascending: of some borders half are ends of records with a fix."""
    source, chosen = random.Random(f"{seed} {format_}"), list(borders(format_)[:-1])
    if 0 < some_borders < len(chosen):
        chosen = source.sample(chosen, some_borders // 2) + source.choices(fixes, k=(some_borders + 1) // 2)
    beside = {border + step for border in chosen for step in (-1, 0, 1)}
    size = len(sample(format_))
    return sorted({cut for cut in beside if 0 < cut < size} | {source.randrange(1, size) for _ in range(cuts)})


def tally(format_: str, some_borders: int, cuts: int, seed: int) -> Tally:
    """Cut a format's sample so often and count."""
    data, edges, out = sample(format_), borders(format_), Tally()
    whole = read(format_, data)
    may, must = ({name: _ends(format_, whole, track)[i] for name, track in whole.tracks.items()} for i in (0, 1))
    broken = {issue.code for issue in whole.issues}
    is_framed = whole.source.format in FRAMED and offset_unit(whole.source) == "byte"
    for cut in places(format_, some_borders, cuts, seed, sorted({*np.concatenate([*must.values()]).tolist()})):
        out.cuts += 1
        at_border = edges[bisect_left(edges, cut)] == cut and format_ != "gpx"  # XML without its end is no document
        try:
            flight = read(format_, data[:cut])
        except UnreadableInput:
            out.refused += 1
            out.wrong += [f"cut at {cut}: refused with a fix of {name}" for name in must if (must[name] <= cut).any()]
            continue
        codes = {issue.code for issue in flight.issues}
        is_utc_lost = flight.clock.utc_known < whole.clock.utc_known
        out.wrong += [f"cut at {cut}: a track {name} of its own" for name in flight.tracks.keys() - whole.tracks.keys()]
        for name, track in whole.tracks.items():
            found, rows = flight.tracks.get(name, Track.empty()), (may[name] <= cut, must[name] <= cut)
            if len(found) or Code.OTHER_VEHICLES not in codes:  # which one is the aircraft has not come yet
                out.wrong += [
                    f"cut at {cut}, {name}: {what}" for what in _unlike(found, track, whole.source, is_utc_lost, rows)
                ]
        enough = 0 if whole.source.format in STAMPED else SET_CLOCK_ROWS
        if len(flight.track) > enough and is_utc_lost:
            out.wrong.append(f"cut at {cut}: UTC is no longer known")
        if whole.source.format != "dji_txt" and codes & BROKEN - broken:  # its header says where its records end
            out.wrong.append(f"cut at {cut}: called damaged")
        if is_framed:
            says = {flight.completeness is Completeness.TRUNCATED, Code.TRUNCATED in codes}
            if says != {not at_border}:
                out.wrong.append(
                    f"cut at {cut}: {flight.completeness}, {'at a border' if at_border else 'in a record'}"
                )
        if at_border:
            limit_m = HIGH_M if np.isfinite(whole.track.alt_home_m).any() else HIGH_BY_OTHER_M
            is_flying = bool(len(flight.track)) and _height_m(whole, flight) > limit_m
            out.flying += is_flying
            if is_flying and Code.ENDS_IN_FLIGHT not in codes:
                out.silent.append(f"cut at {cut}, at a border, {_height_m(whole, flight):.0f} m high")
        elif whole.source.format == "csv" and Code.LINE_CUT_SHORT not in codes:
            out.silent.append(f"cut at {cut}, inside of a line")
        elif flight.completeness is Completeness.COMPLETE and not codes & SAYS_CUT:
            out.silent.append(f"cut at {cut}, inside of a record")
    return out


def _ends(format_: str, whole: Flight, track: Track) -> tuple[Places, Places]:
    """Where in the file every fix may be given, where it must: its record, or its line, ends there."""
    data, edges, offsets = sample(format_), np.array(borders(format_), np.int64), track.offset
    match whole.source.format:
        case "gpx":  # elements, of one line or several
            ends = np.array([data.index(b"</trkpt>", at) + len(b"</trkpt>") for at in offsets.tolist()], np.int64)
        case "srt":  # blocks, which an empty line ends: the other figures may follow the position
            lines = data.splitlines()
            empty = np.array([at for at, line in enumerate(lines) if not line.strip()] + [len(lines)], np.int64)
            return edges[offsets - 1] - 1, edges[empty[np.searchsorted(empty, offsets)] - 1]
        case "igc":  # records of fixed width: the end of the line (CR LF) adds nothing
            return edges[offsets - 1] - 2, edges[offsets - 1]
        case _ if offset_unit(whole.source) == "line":
            ends = edges[offsets - 1]
        case _:
            ends = edges[np.searchsorted(edges, offsets, side="right")]
    return ends, ends


def _unlike(found: Track, whole: Track, source: Source, is_utc_lost: bool, rows: tuple[Rows, Rows]) -> Iterator[str]:
    """What of a cut file's track is not the whole file's, of which these rows may be left, and these must be."""
    count = len(found)
    is_left = next((mask for mask in rows if np.count_nonzero(mask) == count), None)
    if is_left is None:
        yield f"{count} fixes of {np.count_nonzero(rows[1])}"
        return
    for column in COLUMNS if source.format in LOOKS_AHEAD else COLUMNS + MORE_COLUMNS:
        if not np.array_equal(getattr(found, column), getattr(whole, column)[is_left], equal_nan=True):
            yield f"{column} of {count} fixes"
    if source.format not in CLOCK_IN_EACH and (is_utc_lost or count <= SET_CLOCK_ROWS):
        return  # the first few times count from boot, or rest on a single one
    late_ns = np.abs(found.time_ns - whole.time_ns[is_left]).max(initial=0)
    if late_ns > (0 if source.format in CLOCK_IN_EACH and count > SET_CLOCK_ROWS else CLOCK_NS):
        yield f"times of {count} fixes are {late_ns} ns off"


def _height_m(whole: Flight, flight: Flight) -> float:
    """How high above its take-off the simulated aircraft was at the last fix that is left, by the whole sample."""
    track = whole.track
    columns = (track.alt_home_m, track.alt_amsl_m - track.alt_amsl_m[0], track.alt_hae_m - track.alt_hae_m[0])
    heights_m = next((column for column in columns if np.isfinite(column).all()), np.full(len(track), np.nan))
    return float(np.interp(flight.track.time_ns[-1], track.time_ns, heights_m))


def main() -> int:
    """Cut all formats."""
    given = [int(text) for text in sys.argv[1:4]]
    some_borders, cuts, seed = [*given, *[0, 1_000, 20261123][len(given) :]]
    print(f"seed {seed}, {some_borders or 'all'} borders and the bytes beside them, {cuts} random cuts a format")
    failed = 0
    for format_ in sys.argv[4:] or FORMATS:
        t = tally(format_, some_borders, cuts, seed)
        print(
            f"{format_:<18} {t.cuts:6d} cuts ({t.flying:5d} at a border in flight): {len(t.wrong)} wrong, "
            f"{len(t.silent)} silent, {t.refused} refused",
            flush=True,
        )
        for line in [*t.wrong[:5], *t.silent[:5]]:
            print(f"    {line}")
        failed += len(t.wrong) + len(t.silent)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
