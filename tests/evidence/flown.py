"""An aircraft that flies by simple physics and is recorded with noise: independent of the package's arithmetic."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from dronecheck.flight import Clock, ClockSource, Flight, Source, Track, Witness

START_NS = 1_750_000_000_000_000_000
LAT_DEG, LON_DEG = 40.1, 124.39
M_PER_DEG = 111_195.0  # of a sphere: good to half a percent, as an exporter's own would be


@dataclass(frozen=True)
class Flown:
    """The truth, one row every 0.1 s: metres, m/s, m/s2."""

    seconds: np.ndarray
    place_m: np.ndarray  # (n, 3): north, east, up
    velocity_mps: np.ndarray
    acceleration_mps2: np.ndarray
    yaw_deg: np.ndarray


def fly(seed: int, lasts_s: float = 240.0, quick_mps: float = 8.0) -> Flown:
    """Fly at random with accelerations of some m/s2 and speeds about `quick_mps`, from rest, climbing to some 60 m."""
    rng = np.random.default_rng(seed)
    count = int(lasts_s * 10)
    seconds = np.arange(count) / 10
    wanted = np.zeros((count, 3))
    at = 50
    while at < count - 50:
        much = int(rng.uniform(50, 200))
        angle = rng.uniform(0, 2 * np.pi)
        speed = rng.uniform(0.3, 1.3) * quick_mps
        wanted[at : at + much] = (speed * np.cos(angle), speed * np.sin(angle), rng.uniform(-1.0, 1.6))
        at += much
    wanted[-50:] = 0
    velocity = np.zeros((count, 3))
    for row in range(1, count):  # a controller that brings the velocity to what is wanted within two seconds
        velocity[row] = velocity[row - 1] + (wanted[row] - velocity[row - 1]) * 0.06
    place = np.cumsum(velocity, axis=0) / 10
    acceleration = np.gradient(velocity, 0.1, axis=0)
    yaw = np.degrees(np.arctan2(wanted[:, 1], wanted[:, 0])) % 360
    return Flown(seconds, place, velocity, acceleration, yaw)


def wander(rng: np.random.Generator, count: int, size: float, keeps: float = 0.995) -> np.ndarray:
    """Noise that wanders slowly, as a receiver's does; shape (count,)."""
    noise = np.zeros(count)
    pushes = rng.normal(0, size * np.sqrt(1 - keeps**2), count)
    for row in range(1, count):
        noise[row] = keeps * noise[row - 1] + pushes[row]
    return noise


def track_of(
    flown: Flown, seed: int, every: int = 2, message: str = "fix", noise_m: float = 1.0, delay: int = 0
) -> Track:
    """Record a flight every tenth or so of a second, with a receiver's noise; speeds `delay` rows late."""
    rng = np.random.default_rng(seed + 1)
    rows = np.arange(0, len(flown.seconds), every)
    north, east, up = (flown.place_m[rows, axis] + wander(rng, len(rows), noise_m) for axis in range(3))
    speed = np.hypot(*flown.velocity_mps[np.maximum(rows - delay * every, 0), :2].T) + rng.normal(0, 0.1, len(rows))
    return Track.build(
        time_ns=START_NS + (flown.seconds[rows] * 1e9).astype(np.int64),
        lat_deg=LAT_DEG + north / M_PER_DEG,
        lon_deg=LON_DEG + east / M_PER_DEG / np.cos(np.radians(LAT_DEG)),
        offset=1000 + 100 * rows,
        message=message,
        alt_home_m=up - up[0],
        alt_amsl_m=up + 30.0,
        speed_mps=np.abs(speed),
        h_sigma_m=np.full(len(rows), 1.5),
    )


def velocity_of(flown: Flown, seed: int, name: str = "velocity", every: int = 2, late_s: float = 0.1) -> Witness:
    """Record the velocities of a flight, with noise."""
    rng = np.random.default_rng(seed + 2)
    rows = np.arange(0, len(flown.seconds), every)
    values = {}
    for axis, column in enumerate(("vel_north_mps", "vel_east_mps", "vel_down_mps")):
        values[column] = flown.velocity_mps[rows, axis] * (-1 if axis == 2 else 1) + rng.normal(0, 0.1, len(rows))
    time_ns = START_NS + ((flown.seconds[rows] + late_s) * 1e9).astype(np.int64)
    return Witness(name, name, time_ns, 1050 + 100 * rows, values)


def recorded(tracks: dict[str, Track], *witnesses: Witness, primary: str = "fused", name: str = "made.ulg") -> Flight:
    """Make the flight of tracks and witnesses."""
    return Flight(
        source=Source(Path(name), 1_000_000, "0" * 64, "ulog", "", "test"),
        tracks=tracks,
        primary=primary,
        clock=Clock(True, ClockSource.GNSS, 0.1),
        witnesses=witnesses,
    )


def moved(track: Track, share: np.ndarray, north_m: float, east_m: float) -> Track:
    """Move fixes by a share (n,) of so many metres."""
    shrinks = np.cos(np.radians(track.lat_deg))
    return track.replace(
        lat_deg=track.lat_deg + share * north_m / M_PER_DEG,
        lon_deg=track.lon_deg + share * east_m / M_PER_DEG / shrinks,
    )


def seconds_of(track: Track) -> np.ndarray:
    """Return seconds from the first fix."""
    return (track.time_ns - track.time_ns[0]) / 1e9


def eased(track: Track, begin_s: float, end_s: float, ramp_s: float) -> np.ndarray:
    """Return shares from 0 to 1 and back, with ends of `ramp_s`; of 0 s: abruptly."""
    seconds = seconds_of(track)
    if ramp_s == 0:
        return ((seconds >= begin_s) & (seconds < end_s)).astype(float)
    share = np.clip((seconds - begin_s) / ramp_s, 0, 1) * np.clip((end_s - seconds) / ramp_s, 0, 1)
    return np.asarray(share * share * (3 - 2 * share))


def cut(track: Track, begin_s: float, end_s: float) -> Track:
    """Take a span out and let the rest follow at once."""
    seconds = seconds_of(track)
    rows = (seconds < begin_s) | (seconds >= end_s)
    left = track.where(rows)
    return left.replace(time_ns=left.time_ns - (seconds[rows] >= end_s) * int((end_s - begin_s) * 1e9))


def with_tracks(flight: Flight, **tracks: Track) -> Flight:
    """Return the flight with these tracks in place of its own."""
    return replace(flight, tracks={**flight.tracks, **tracks})
