"""What a drone's instruments make of the truth: satellite fixes with correlated errors, and a barometer.

Errors of satellite positions are correlated over minutes (first-order Gauss-Markov) with white noise on top. The
random numbers come from NumPy's frozen RandomState, whose streams do not change between versions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from _kinematics import STEPS_PER_S, Truth, to_lonlat
from numpy.typing import NDArray

Floats = NDArray[np.float64]

TAU_S = 180.0
H_SIGMA_M = 1.7  # per horizontal axis, correlated part
V_SIGMA_M = 2.6
BARO_SIGMA_M, BARO_TAU_S, BARO_DRIFT_MPS = 0.5, 150.0, -0.002


@dataclass(frozen=True)
class Receiver:
    """How positions are taken and written: rate, white noise, decimals, and when there are none."""

    every_s: float
    white_m: float
    position_decimals: int
    first_s: float = 0.0  # of the recording, a multiple of 10 ms
    missing: int = 0  # single fixes that are lost
    hole_s: tuple[float, float] = (0.0, 0.0)  # no fix from .. until


@dataclass(frozen=True, eq=False)
class Fixes:
    """Positions as measured, one row per epoch of the receiver, shape (n,). `fix` is false in the hole."""

    step: NDArray[np.int64]  # index into the truth
    lon_deg: Floats
    lat_deg: Floats
    amsl_m: Floats
    east_mps: Floats
    north_mps: Floats
    up_mps: Floats
    h_accuracy_m: Floats  # as a receiver states it: radial, one sigma
    v_accuracy_m: Floats
    hdop: Floats
    satellites: NDArray[np.int64]
    baro_home_m: Floats
    fix: NDArray[np.bool_] = field(repr=False)

    @property
    def time_s(self) -> Floats:
        """Seconds since the recording began."""
        return self.step / STEPS_PER_S

    @property
    def speed_mps(self) -> Floats:
        """Horizontal."""
        return np.hypot(self.east_mps, self.north_mps)


@dataclass(frozen=True, eq=False)
class Errors:
    """The errors of one flight at every step of the truth; shape (n,), metres."""

    east_m: Floats
    north_m: Floats
    up_m: Floats
    baro_m: Floats
    seed: int
    scale: float = 1.0

    @classmethod
    def draw(cls, truth: Truth, seed: int) -> Errors:
        """The errors of this seed."""
        source = np.random.RandomState(seed)
        n = len(truth.up_m)
        baro = gauss_markov(source, n, BARO_SIGMA_M, BARO_TAU_S)
        return cls(
            gauss_markov(source, n, H_SIGMA_M, TAU_S),
            gauss_markov(source, n, H_SIGMA_M, TAU_S),
            gauss_markov(source, n, V_SIGMA_M, TAU_S),
            baro - baro[0] + BARO_DRIFT_MPS * truth.time_s,
            seed,
        )

    @classmethod
    def none(cls, truth: Truth, seed: int) -> Errors:
        """Perfect instruments under the same sky, for tests."""
        nothing = np.zeros(len(truth.up_m))
        return cls(nothing, nothing, nothing, nothing, seed, scale=0.0)


def gauss_markov(source: np.random.RandomState, n: int, sigma: float, tau_s: float) -> Floats:
    """A stationary process with that standard deviation and correlation time; drawn at 1 Hz, linear between."""
    seconds = n // STEPS_PER_S + 2
    keep = round(math.exp(-1.0 / tau_s), 12)
    push = sigma * math.sqrt(1.0 - keep * keep)
    value = sigma * float(source.standard_normal())
    values = [value]
    for noise in source.standard_normal(seconds - 1).tolist():
        value = keep * value + push * noise
        values.append(value)
    return np.interp(np.arange(n) / STEPS_PER_S, np.arange(seconds), values)


def observe(truth: Truth, errors: Errors, receiver: Receiver) -> Fixes:
    """All epochs of a receiver. Which fixes are missing does not depend on the noise."""
    source = np.random.RandomState(errors.seed + 1)
    step = np.arange(round(receiver.first_s * STEPS_PER_S), len(truth.up_m), round(receiver.every_s * STEPS_PER_S))
    step = np.delete(step, _lost(len(step), receiver.missing))
    white = receiver.white_m * errors.scale * source.standard_normal((3, len(step)))
    east = truth.east_m[step] + errors.east_m[step] + white[0]
    north = truth.north_m[step] + errors.north_m[step] + white[1]
    lon, lat = to_lonlat(truth.place, east, north).round(receiver.position_decimals).T
    sway = 0.03 * errors.scale * source.standard_normal((3, len(step)))
    moving = [column[step] + noise for column, noise in zip(truth.velocity_mps(), sway, strict=True)]
    satellites, hdop = _sky(source, len(step))
    time_s = step / STEPS_PER_S
    hole = (time_s >= receiver.hole_s[0]) & (time_s < receiver.hole_s[1])
    return Fixes(
        step, lon, lat,
        truth.place.ground_amsl_m + truth.up_m[step] + errors.up_m[step] + 1.5 * white[2],
        *moving,
        h_accuracy_m=np.round(1.45 * H_SIGMA_M * hdop / 0.75, 2), v_accuracy_m=np.round(V_SIGMA_M * hdop / 0.75, 2),
        hdop=hdop, satellites=satellites,
        baro_home_m=truth.up_m[step] + errors.baro_m[step] + 0.05 * errors.scale * source.standard_normal(len(step)),
        fix=~hole,
    )  # fmt: skip


def _lost(n: int, how_many: int) -> NDArray[np.int64]:
    """Single epochs that never reach the log, spread over the flight."""
    return np.array([(7919 * (k + 1)) % (n - 100) + 50 for k in range(how_many)], dtype=np.int64)


def _sky(source: np.random.RandomState, n: int) -> tuple[NDArray[np.int64], Floats]:
    """Satellites in use and HDOP, wandering slowly."""
    wave = np.cumsum(source.standard_normal(n)) / math.sqrt(n)
    satellites = np.clip(np.round(17 + 2 * wave), 13, 21).astype(np.int64)
    return satellites, np.round(0.75 * np.sqrt(17 / satellites), 2)
