"""One shot held against one log, once the camera's clock is known."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from dronecheck.arrays import Floats
from dronecheck.footage.agreement.camera_clock import CameraClock, ClockProof
from dronecheck.footage.agreement.log_path import INTERPOLATED_S, SECOND_NS, LogPath, LogPlaces
from dronecheck.footage.agreement.model import AgreementVerdict, FilmMiss, LogAgreement
from dronecheck.footage.agreement.shots import Shot

__all__ = ["TimedShot", "held_against", "nearest", "other_device", "timed"]

_SIGMAS = 3.0
_OUTSIDE_S = 60.0
_FASTEST_MPS = 30.0  # that a drone flies between a fix and a moment which no fix is near
_LOOSE_M = 150.0  # a miss within a wider gate proves nothing
_FALSE_SHARE = 0.05  # of a film's samples: beyond it the film disagrees
_KNOWN_SHARE = 0.5  # of a film's samples must lie beside fixes
_CLIMB_MPS = 3.0
_WHOLE_SECOND_SIGMA_S, _SHUTTER_SIGMA_S = 0.29, 0.1
_SERIAL_AT_LEAST = 6


@dataclass(frozen=True)
class TimedShot:
    """A shot and when it was: seconds since the origin for each sample, with one error for all."""

    shot: Shot
    time_s: Floats
    sigma_s: float
    delta_s: float | None
    interval_s: tuple[float, float] | None

    @property
    def begin_s(self) -> float:
        """Return when it begins."""
        return float(self.time_s[0])


def timed(shot: Shot, clock: CameraClock, *, trusts_utc: bool = True) -> TimedShot | None:
    """Return when a shot was: by the UTC that it states, else by its camera's clock; None where neither tells."""
    cut_off_s = _WHOLE_SECOND_SIGMA_S if shot.is_whole_second else 0.0
    is_known = clock.proof in (ClockProof.PROVEN, ClockProof.FOUND)
    if trusts_utc and shot.utc_s is not None:
        sigma_s = math.hypot(shot.utc_sigma_s, cut_off_s, _SHUTTER_SIGMA_S)
        delta_s = shot.utc_s - shot.camera_s if shot.camera_s is not None else None
        spread_s = 1.96 * max(shot.utc_sigma_s, 0.3)
        interval_s = (delta_s - spread_s, delta_s + spread_s) if delta_s is not None else None
        return TimedShot(shot, shot.utc_s + shot.after_s, sigma_s, delta_s, interval_s)
    if not is_known or shot.camera_s is None:
        return None
    sigma_s = math.hypot(clock.sigma_s, cut_off_s, _SHUTTER_SIGMA_S)
    return TimedShot(shot, shot.camera_s + clock.delta_s + shot.after_s, sigma_s, clock.delta_s, clock.interval_s)


def held_against(one: TimedShot, path: LogPath, *, is_proven: bool) -> LogAgreement:
    """Return what a log says of a shot; AMBIGUOUS where the time fits and there is no place to compare.

    `is_proven` tells whether the time does not come from this log, so that the log's clock has errors of its own.
    """
    sigma_s = math.hypot(one.sigma_s, path.clock_sigma_s) if is_proven else one.sigma_s
    outside_s = path.outside_s(one.time_s)
    places = path.at(one.time_s)
    miss_m = places.miss_m(one.shot.lat_deg, one.shot.lon_deg)
    gate_m = _SIGMAS * np.hypot(one.shot.sigma_m, places.sigma_m) + places.speed_mps * sigma_s
    is_beside = (places.gap_s <= INTERPOLATED_S) & np.isfinite(miss_m)
    verdict = _verdict(one.shot, places, miss_m, gate_m, is_beside, outside_s, sigma_s)
    seen_m = miss_m[is_beside]
    film = None
    if one.shot.is_film and len(seen_m):
        film = FilmMiss(float(np.median(seen_m)), float(np.percentile(seen_m, 95)), float(seen_m.max()), len(seen_m))
    told_m = None if not len(seen_m) else film.p95_m if film is not None else float(seen_m[0])
    return LogAgreement(
        path.name, path.number, verdict,
        one.delta_s if path.is_utc_proven else None,
        one.interval_s if path.is_utc_proven else None,
        told_m, film,
        path.origin_ns + round(one.begin_s * SECOND_NS) if path.is_utc_proven else None,
        sigma_s if path.is_utc_proven else None,
    )  # fmt: skip


def _verdict(
    shot: Shot, places: LogPlaces, miss_m: Floats, gate_m: Floats, is_beside: np.ndarray, outside_s: Floats,
    sigma_s: float,
) -> AgreementVerdict:  # fmt: skip
    if bool((outside_s > _OUTSIDE_S + 1.96 * sigma_s).any()):
        return AgreementVerdict.NOT_COVERED
    is_placed = np.isfinite(miss_m)
    # Between fixes nobody knows where it was, but how far it can have flown.
    reach_m = gate_m + _FASTEST_MPS * np.maximum(places.gap_s, 0.0)
    is_false = np.where(is_beside, miss_m > gate_m, miss_m > reach_m) & is_placed
    if is_placed.any() and is_false.sum() > _FALSE_SHARE * is_placed.sum():
        return AgreementVerdict.WRONG_POSITION
    if not is_placed.any():
        is_near = bool((places.gap_s <= INTERPOLATED_S).all())
        return AgreementVerdict.AMBIGUOUS if is_near else AgreementVerdict.NOT_COVERED
    if is_beside.sum() < max(_KNOWN_SHARE * is_placed.sum(), 1):
        return AgreementVerdict.NOT_COVERED
    if float(np.median(gate_m[is_beside])) > _LOOSE_M:
        return AgreementVerdict.AMBIGUOUS
    return AgreementVerdict.WRONG_HEIGHT if _is_high(shot, places, is_beside, sigma_s) else AgreementVerdict.AGREES


def _is_high(shot: Shot, places: LogPlaces, is_beside: np.ndarray, sigma_s: float) -> bool:
    """Tell whether the heights above take-off differ: one barometer wrote both, if they belong together."""
    apart_m = np.abs(shot.home_m - places.home_m)
    gate_m = _SIGMAS * np.hypot(shot.home_sigma_m, places.home_sigma_m) + _CLIMB_MPS * sigma_s
    known = is_beside & np.isfinite(apart_m)
    return bool(known.any()) and bool(np.median(apart_m[known] - gate_m[known]) > 0)


def nearest(shot: Shot, path: LogPath) -> LogAgreement:
    """Return what the place alone says without a clock: how far from it the track passes."""
    row = int(np.argmax(np.isfinite(shot.lat_deg)))
    miss_m = path.nearest_m(float(shot.lat_deg[row]), float(shot.lon_deg[row])) if shot.is_placed else None
    return LogAgreement(path.name, path.number, AgreementVerdict.NO_CLOCK, miss_m=miss_m)


def other_device(shot: Shot, path: LogPath) -> bool | None:
    """Tell whether item and log name different aircraft; None where that cannot be told.

    Only serials of the aircraft are compared, and only those of one form: apps cut them short, and have others for its
    parts.
    """
    mine, its = (text.strip().upper() for text in (shot.aircraft_serial, path.serial))
    if min(len(mine), len(its)) < _SERIAL_AT_LEAST:
        return None
    shorter = min(len(mine), len(its))
    if mine[:shorter] == its[:shorter] or mine[-shorter:] == its[-shorter:]:
        return False
    return True if len(mine) == len(its) and mine.isalnum() and its.isalnum() else None
