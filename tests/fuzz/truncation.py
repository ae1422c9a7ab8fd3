"""Every format's sample, cut: the track must be the beginning of the whole one, and the cut must be said.

    python -m tests.fuzz.truncation [BORDERS [CUTS [SEED [FORMAT ...]]]]      make truncation

BORDERS record borders (0: all of them), each with the byte before and after it, and CUTS random cuts a format.
A cut off a border leaves a piece of a record and must always be reported. A cut at a border leaves a whole file: it
must be reported while the aircraft flies, by the same rule for every format; on the ground nothing shows it.
"""

from __future__ import annotations

import random
import sys
from bisect import bisect_left
from dataclasses import dataclass, field

import numpy as np

from dronecheck.errors import UnreadableInput
from dronecheck.flight import Completeness, Flight
from dronecheck.issues import Code
from tests.fuzz.formats import FORMATS, borders, read, sample

HIGH_M = 10.0  # twice the height above take-off from which the end of a log counts as in flight
HIGH_BY_OTHER_M = 25.0  # and somewhat more than that by the heights of satellites or pressure, where none is known
SAYS_CUT = {Code.TRUNCATED, Code.LINE_CUT_SHORT, Code.NO_LINE_END, Code.BAD_RECORD, Code.BYTES_SKIPPED, Code.BAD_LINE}


@dataclass
class Tally:
    """Counts over the cuts of one format; `wrong` and `silent` list where they fail."""

    cuts: int = 0
    refused: int = 0
    flying: int = 0  # cuts at a border, in flight
    wrong: list[str] = field(default_factory=list)  # the track is no beginning of the whole one
    silent: list[str] = field(default_factory=list)  # a cut that is not reported


def places(format_: str, some_borders: int, cuts: int, seed: int) -> list[int]:
    """Where to cut, ascending."""
    source, all_borders = random.Random(f"{seed} {format_}"), borders(format_)[:-1]
    chosen = source.sample(all_borders, some_borders) if 0 < some_borders < len(all_borders) else all_borders
    beside = {border + step for border in chosen for step in (-1, 0, 1)}
    return sorted(beside | {source.randrange(1, len(sample(format_))) for _ in range(cuts)})


def tally(format_: str, some_borders: int, cuts: int, seed: int) -> Tally:
    """Cut a format's sample so often and count."""
    data, edges, out = sample(format_), borders(format_), Tally()
    whole = read(format_, data)
    truth = {name: _rows(whole, name) for name in whole.tracks}
    for cut in places(format_, some_borders, cuts, seed):
        out.cuts += 1
        at_border = edges[bisect_left(edges, cut)] == cut and format_ != "gpx"  # XML without its end is no document
        try:
            flight = read(format_, data[:cut])
        except UnreadableInput:
            out.refused += 1
            continue
        for name in flight.tracks:
            found = _rows(flight, name)
            if found != truth.get(name, [])[: len(found)]:
                out.wrong.append(f"cut at {cut}, track {name}: {len(found)} fixes are not the first ones")
        codes = {issue.code for issue in flight.issues}
        if at_border:
            limit_m = HIGH_M if np.isfinite(whole.track.alt_home_m).any() else HIGH_BY_OTHER_M
            is_flying = bool(len(flight.track)) and _height_m(whole, flight) > limit_m
            out.flying += is_flying
            if is_flying and Code.ENDS_IN_FLIGHT not in codes:
                out.silent.append(f"cut at {cut}, at a border, {_height_m(whole, flight):.0f} m high")
        elif flight.completeness is Completeness.COMPLETE and not codes & SAYS_CUT:
            out.silent.append(f"cut at {cut}, inside of a record")
    return out


def _rows(flight: Flight, name: str) -> list[tuple[int, float, float]]:
    """Place in the file and position of every fix of a track."""
    track = flight.tracks[name]
    return list(zip(track.offset.tolist(), track.lat_deg.tolist(), track.lon_deg.tolist(), strict=True))


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
