"""GNS-1: what a satellite receiver says of itself: jamming, spoofing, and an accuracy that does not fit its satellites.

Indicators only, a notice at most: none of them shows an edit, or that positions are false.

    jamming, spoofing    the receiver's own word (u-blox, as PX4 logs it: 2 and 3 of spoofing, 3 of jamming)
    better with fewer    three satellites or more are lost within two seconds, and the accuracy improves by 30 % (in 11
                         real logs by 11 % at most); or dilution rises with the number of satellites over all of a log
    joint jump           the place jumps beyond its speed, with satellites or accuracy stepping at once
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dronecheck.arrays import Bools, Floats, Ints
from dronecheck.evidence.consistency.stretches import finite, places, spans
from dronecheck.flight import Flight, Track, Witness
from dronecheck.flight.integrity import Concern, Statement, Weight
from dronecheck.geo.plane import step_lengths_m
from dronecheck.messages import Message

__all__ = ["flags", "may_have_receiver"]

NO_STATE = ("gpx", "igc", "srt", "film", "zll")  # formats without what a receiver says of itself

SPOOFING, JAMMING = 2.0, 3.0
FIX = 3.0
WITHIN_S = 2.0
LOST_AT_LEAST, BETTER = 3.0, 0.7
ROWS_AT_LEAST = 30
RANGE_AT_LEAST, CORRELATION = 3.0, 0.5
JUMP_M, JUMP_SIGMAS, TIMES_SPEED = 20.0, 5.0, 2.0
STEP_SATELLITES, STEP_ACCURACY = 4.0, 2.0

_QUIET = Message("a receiver that reports neither jamming nor spoofing")
_FEWER_IS_WORSE = Message("an accuracy that gets worse as satellites are lost")
_MOVES = Message("places that follow the speed, whichever satellites are in use")
_RADIO = (
    Message("a transmitter nearby, on board or on the ground"),
    Message("a receiver that mistakes reflections for a false signal"),
)
_SKY = (
    Message("the satellites that were lost were the poor ones, or another system was switched on"),
    Message("corrections from a ground station arrived"),
)
_REFLECTED = (Message("reflections at buildings or trees"), Message("a fix that was found anew after a loss of signal"))


def may_have_receiver(flight: Flight) -> bool:
    """Tell whether logs of this format may hold what a receiver says of itself."""
    return flight.source.format not in NO_STATE


def flags(flight: Flight) -> tuple[Statement, ...] | None:
    """Return a statement for each oddity in what the receivers say of themselves."""
    receivers = [witness for witness in flight.witnesses if witness.name == "gnss" and len(witness)]
    named = ("spoofing", "jamming_state", "satellites")
    if not any(witness.has(name) for witness in receivers for name in named):
        return None
    return tuple(statement for witness in receivers for statement in _of_receiver(flight, witness))


def _of_receiver(flight: Flight, witness: Witness) -> Iterator[Statement]:
    for name, least, template in (
        ("spoofing", SPOOFING, "{record}: the receiver reports false signals (spoofing) in {count} of {rows} records"),
        ("jamming_state", JAMMING, "{record}: the receiver reports heavy jamming in {count} of {rows} records"),
    ):
        rows = witness.column(name) >= least
        threshold = Message("a state of {least:g} or more", least=least)
        yield from _told(witness, rows, template, _QUIET, threshold, _RADIO)
    yield from _better_with_fewer(witness)
    track = next((t for t in flight.tracks.values() if t.message == witness.message), None)
    if track is not None:
        yield from _joint_jumps(witness, track)


def _told(
    witness: Witness, rows: Bools, template: str, expected: Message, threshold: Message, innocent: tuple[Message, ...]
) -> Iterator[Statement]:
    if rows.any():
        observed = Message(template, record=witness.message, count=int(rows.sum()), rows=len(rows))
        where = (places(witness.offset, rows), spans(witness.offset, rows))
        yield Statement("GNS-1", Weight.NOTICE, Concern.POSITION, observed, expected, threshold, innocent, *where)


def _later(witness: Witness) -> Ints:
    """Return the last row within two seconds of each row, shape (n,); the row itself where times go back."""
    time_ns = np.maximum.accumulate(witness.time_ns)
    return np.searchsorted(time_ns, time_ns + int(WITHIN_S * 1e9), "right").astype(np.int64) - 1


def _with_fix(witness: Witness) -> Bools:
    fix = witness.column("fix_type")
    return np.isnan(fix) | (fix >= FIX)


def _better_with_fewer(witness: Witness) -> Iterator[Statement]:
    satellites, has_fix, later = finite(witness.column("satellites")), _with_fix(witness), _later(witness)
    lost = satellites - satellites[later] >= LOST_AT_LEAST
    lost &= has_fix & has_fix[later]
    for name in ("hdop", "eph_m"):
        accuracy = finite(witness.column(name))
        rows = lost & (accuracy > 0) & (accuracy[later] > 0) & (accuracy[later] < BETTER * accuracy)
        if rows.any():
            template = "{record}: satellites are lost and the accuracy gets better at once ({count} of {rows} records)"
            threshold = Message(
                "{lost:g} satellites fewer within {seconds:g} s, and {share:.0%} of the error", lost=LOST_AT_LEAST,
                seconds=WITHIN_S, share=BETTER,
            )  # fmt: skip
            yield from _told(witness, rows, template, _FEWER_IS_WORSE, threshold, _SKY)
            return
    hdop = finite(witness.column("hdop"))
    known = has_fix & np.isfinite(hdop) & np.isfinite(satellites) & (hdop > 0)
    correlation = _correlation(satellites[known], hdop[known])
    if correlation > CORRELATION:
        template = "{record}: the more satellites, the worse the dilution of precision, over all {count} records"
        threshold = Message("a correlation above {least:g}, here {found:.2f}", least=CORRELATION, found=correlation)
        yield from _told(witness, known, template, _FEWER_IS_WORSE, threshold, _SKY)


def _correlation(one: Floats, other: Floats) -> float:
    """Return how two columns (n,) go together, -1 to 1; 0 where they hardly change."""
    if len(one) < ROWS_AT_LEAST or float(np.ptp(one)) < RANGE_AT_LEAST or float(np.ptp(other)) <= 0:
        return 0.0
    one, other = one - one.mean(), other - other.mean()
    scale = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return float((one * other).sum()) / scale if scale > 0 else 0.0


def _joint_jumps(witness: Witness, track: Track) -> Iterator[Statement]:
    """Find steps of the place that its speed does not explain, where the receiver's state steps as well."""
    if len(track) < 2 or len(witness) < 2:
        return
    step_m, step_s = step_lengths_m(track.lat_deg, track.lon_deg), np.diff(track.time_ns) / 1e9
    speed_mps, sigma_m = (
        np.nan_to_num(np.fmax(column[1:], column[:-1])) for column in map(finite, (track.speed_mps, track.h_sigma_m))
    )
    explained_m = TIMES_SPEED * speed_mps * np.maximum(step_s, 0.0) + np.maximum(JUMP_M, JUMP_SIGMAS * sigma_m)
    jumps = np.flatnonzero((step_m > explained_m) & (step_s <= WITHIN_S) & np.isfinite(track.speed_mps[1:])) + 1
    if not len(jumps):
        return
    order = np.argsort(witness.offset, kind="stable")
    here = order[np.minimum(np.searchsorted(witness.offset[order], track.offset[jumps]), len(witness) - 1)]
    before = np.maximum(here - 1, 0)
    satellites = finite(witness.column("satellites"))
    is_joint = np.abs(satellites[here] - satellites[before]) >= STEP_SATELLITES
    for name in ("hdop", "eph_m"):
        one, other = (finite(witness.column(name))[rows] for rows in (before, here))
        is_joint |= (np.fmax(one, other) >= STEP_ACCURACY * np.fmin(one, other)) & (np.fmin(one, other) > 0)
    rows = np.zeros(len(witness), np.bool_)
    rows[here[is_joint]] = True
    template = "{record}: the place jumps beyond its speed as satellites or accuracy step ({count} of {rows} records)"
    threshold = Message(
        "{jump_m:g} m beyond twice the speed, with {satellites:g} satellites or twice the error at once", jump_m=JUMP_M,
        satellites=STEP_SATELLITES,
    )  # fmt: skip
    yield from _told(witness, rows, template, _MOVES, threshold, _REFLECTED)
