"""Heights that step faster than anything climbs or falls: of KIN-2.

Heights by satellite and pressure wander by metres; what a receiver finds anew after a loss it finds within its errors.
A step of many metres between two fixes that follow each other is no movement.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dronecheck.arrays import Bools, Floats
from dronecheck.evidence.consistency.stretches import RECORDS_AT_MOST
from dronecheck.flight import OPERATOR, Concern, Flight, Statement, Track, Weight
from dronecheck.messages import Message

__all__ = ["climbs"]

ID = "KIN-2"
FASTEST_MPS = 45.0  # twice as fast as drones fall
LEAST_M, SIGMAS = 25.0, 6.0
LONGEST_STEP_S = 3.0
FIRST_S = 30.0  # a receiver that has just found its place
AROUND = 3  # fixes on each side that a step must outlast
MOST_M = 1e6
FRAMES = (
    ("alt_amsl_m", Message("height above the sea")),
    ("alt_home_m", Message("height above take-off")),
    ("alt_hae_m", Message("height above the ellipsoid")),
    ("alt_unframed_m", Message("height")),
)


def climbs(flight: Flight) -> tuple[Statement, ...] | None:
    """Tell of heights that step faster than can be flown (KIN-2); None where no track has a height."""
    tracks = {name: track for name, track in flight.tracks.items() if name != OPERATOR}
    ran = any(np.isfinite(getattr(track, frame)).any() for track in tracks.values() for frame, _ in FRAMES)
    found = [told for name, track in tracks.items() for told in _of(name, track)]
    return tuple(found) if ran else None


def _of(name: str, track: Track) -> Iterator[Statement]:
    told: list[int] = []
    for frame, words in FRAMES:
        height_m = getattr(track, frame)
        rows = np.flatnonzero(_steps(track, height_m))
        rows = rows[~np.isin(rows, told)]  # one step moves all frames
        if not len(rows):
            continue
        told += rows.tolist()
        step_m = np.abs(_levels(height_m)[rows])
        largest = int(step_m.argmax())
        lasts_s = np.diff(track.time_ns)[rows] / 1e9
        observed = Message(
            "{track}: {height} steps by {step_m:.0f} m within {lasts_s:.2g} s (steps: {count})",
            track=track.message,
            height=words,
            step_m=float(step_m[largest]),
            lasts_s=float(lasts_s[largest]),
            count=len(rows),
        )
        yield Statement(
            ID, Weight.NOTICE, Concern.HEIGHT, observed,
            Message("heights that rise and fall as aircraft do"),
            Message("{fastest_mps:g} m/s and {least_m:g} m", fastest_mps=FASTEST_MPS, least_m=LEAST_M),
            (
                Message("the receiver lost satellites, and found its height again"),
                Message("the autopilot set its height anew, or the height of take-off was set"),
                Message("rows are missing, or were written with another row's time"),
            ),
            records=tuple(track.offset[rows[:RECORDS_AT_MOST] + 1].tolist()),
            spans=((int(track.offset[rows].min()), int(track.offset[rows + 1].max())),),
            tracks=(name,),
        )  # fmt: skip


def _steps(track: Track, height_m: Floats) -> Bools:
    """Tell between which rows, (n - 1,), a height steps and stays."""
    if len(track) < 2 * AROUND + 2:
        return np.zeros(max(len(track) - 1, 0), np.bool_)
    lasts_s = np.diff(track.time_ns) / 1e9
    is_even = (np.diff(track.part) == 0) & track.is_timed[1:] & track.is_timed[:-1]
    is_even &= (lasts_s > 0) & (lasts_s <= LONGEST_STEP_S)
    is_even[track.time_ns[:-1] - track.time_ns[0] < FIRST_S * 1e9] = False
    step_m = np.abs(_levels(height_m))
    sigma_m = np.nan_to_num(np.fmax(track.v_sigma_m[1:], track.v_sigma_m[:-1]), posinf=0.0)
    at_once = np.abs(np.diff(np.where(np.abs(height_m) < MOST_M, height_m, np.nan)))
    with np.errstate(invalid="ignore"):
        is_fast = at_once > np.maximum(FASTEST_MPS * lasts_s, LEAST_M)
        lasting = step_m > np.maximum(LEAST_M, SIGMAS * sigma_m)
    return np.asarray(is_even & is_fast & lasting, np.bool_)


def _levels(height_m: Floats) -> Floats:
    """Return by how much the level behind each pair of rows differs from that before it, (n - 1,); NaN at the ends.

    The level is the middle of AROUND rows: a single odd height makes no step.
    """
    sound = np.where(np.abs(height_m) < MOST_M, height_m, np.nan)
    out = np.full(max(len(sound) - 1, 0), np.nan)
    if len(sound) >= 2 * AROUND:
        windows = np.sort(np.lib.stride_tricks.sliding_window_view(sound, AROUND), axis=1)[:, AROUND // 2]
        out[AROUND - 1 : len(sound) - AROUND] = windows[AROUND:] - windows[:-AROUND]
    return out
