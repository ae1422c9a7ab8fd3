"""Flights with noise and witnesses, for tests of integrity, and edits of them."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from dronecheck.flight import Flight, Track, Weight, Witness
from tests.conftest import make_flight

STEP_S = 0.2
METRES_PER_DEG = 111_320.0
LAT, LON = 47.0, 8.0


def noisy(rows: int = 300, seed: int = 1, decimals: int = 7, sigma_m: float = 0.4, **more) -> Flight:
    """A flight along a curve at some 8 m/s, its fixes with noise and printed with so many decimals.

    With a witness of attitude (10 Hz), inertial unit (50 Hz), barometer and receiver.
    """
    random = np.random.default_rng(seed)
    t = np.arange(rows) * STEP_S
    north = 8.0 * t + 60 * np.sin(t / 9) + np.cumsum(random.normal(0, 0.02, rows)) + random.normal(0, sigma_m, rows)
    east = 120 * np.sin(t / 17) + np.cumsum(random.normal(0, 0.02, rows)) + random.normal(0, sigma_m, rows)
    lat = LAT + north / METRES_PER_DEG
    lon = LON + east / (METRES_PER_DEG * np.cos(np.radians(LAT)))
    height = 50 + 10 * np.sin(t / 11) + random.normal(0, 0.3, rows)
    speed = np.hypot(np.gradient(8.0 * t + 60 * np.sin(t / 9), STEP_S), np.gradient(120 * np.sin(t / 17), STEP_S))
    flight = make_flight(
        lat.round(decimals), lon.round(decimals), dt_s=STEP_S, alt_amsl_m=height.round(2),
        alt_home_m=height.round(2) - 40, speed_mps=(speed + random.normal(0, 0.1, rows)).round(2), **more,
    )  # fmt: skip
    start_ns = int(flight.track.time_ns[0])
    return replace(flight, witnesses=tuple(_witnesses(random, start_ns, rows)))


def _witnesses(random: np.random.Generator, start_ns: int, rows: int):
    for name, every_s, columns, scale in (
        ("attitude", 0.1, ("roll_deg", "pitch_deg", "yaw_deg"), 3.0),
        ("imu", 0.02, ("accel_x_mps2", "accel_y_mps2", "accel_z_mps2", "gyro_x_rads"), 0.5),
        ("barometer", 0.1, ("pressure_pa",), 3.0),
        ("gnss", STEP_S, ("speed_mps", "course_deg", "eph_m"), 1.0),
    ):
        count = int(rows * STEP_S / every_s)
        time_ns = start_ns + (np.arange(count) * every_s * 1e9).astype(np.int64)
        offset = (np.arange(count) * every_s / STEP_S * 100).astype(np.int64) + 1
        values = {column: random.normal(0, scale, count).astype(np.float32).astype(np.float64) for column in columns}
        yield Witness(name, name.upper(), time_ns, offset, values)


def with_track(flight: Flight, **columns) -> Flight:
    """The flight with these columns in its judged track."""
    return replace(flight, tracks={**flight.tracks, flight.primary: flight.track.replace(**columns)})


def with_witness(flight: Flight, name: str, **columns) -> Flight:
    """The flight with these columns in the witness of that name."""
    changed = (replace(w, values={**w.values, **columns}) if w.name == name else w for w in flight.witnesses)
    return replace(flight, witnesses=tuple(changed))


def pasted(column: np.ndarray, source: int, target: int, count: int) -> np.ndarray:
    """A column in which the rows from `target` repeat those from `source`."""
    column = column.copy()
    column[target : target + count] = column[source : source + count]
    return column


def pasted_track(track: Track, source: int, target: int, count: int) -> Track:
    columns = ("lat_deg", "lon_deg", "alt_amsl_m", "alt_hae_m", "alt_home_m", "speed_mps")
    return track.replace(**{name: pasted(getattr(track, name), source, target, count) for name in columns})


def touches(statement, first: int, last: int) -> bool:
    """Whether a statement's spans meet a stretch of offsets."""
    return any(low <= last and high >= first for low, high in statement.spans)


def assert_sound(told) -> None:
    """What a test says of odd columns can be said to people: places that are some, figures that are numbers."""
    for statement in told or ():
        for text in (statement.observed, statement.expected, statement.threshold):
            assert text and not re.search(r"\b(nan|inf)\b", text), text
        assert all(first <= last for first, last in statement.spans)
        assert len(statement.records) <= 10 and all(isinstance(at, int) for at in statement.records)
        assert statement.innocent or statement.severity is Weight.INFO
