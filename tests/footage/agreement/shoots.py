"""Simulated shoots: a flight, the pictures taken on it, and the truth of both."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from dronecheck.flight import Clock, ClockSource, Event, EventKind, Flight, Source, Track, Vehicle
from dronecheck.media.model import CameraHeight, CameraPosition, CaptureTime, FilmTrack, MediaItem, MediaKind

START = datetime(2026, 5, 4, 6, 30, tzinfo=UTC)
LAT, LON = 40.1, 124.35
M_PER_DEG = 111_200.0
EAST_M_PER_DEG = M_PER_DEG * float(np.cos(np.radians(LAT)))


@dataclass
class Way:
    """Where the aircraft is at each second of its flight: metres east and north of the place it began."""

    time_s: np.ndarray
    east_m: np.ndarray
    north_m: np.ndarray
    height_m: np.ndarray = field(default_factory=lambda: np.zeros(0))

    def at(self, time_s):
        return np.interp(time_s, self.time_s, self.east_m), np.interp(time_s, self.time_s, self.north_m)


def wandering(draw, seconds=900, speed_mps=8.0):
    """A flight by eye: legs of random length and heading at random speeds, with rests."""
    points, times = [(0.0, 0.0)], [0.0]
    while times[-1] < seconds:
        speed = draw.uniform(0.5, 1.0) * speed_mps
        length = draw.uniform(40, 300)
        heading = draw.uniform(0, 2 * np.pi)
        points.append((points[-1][0] + length * np.sin(heading), points[-1][1] + length * np.cos(heading)))
        times.append(times[-1] + length / speed)
        if draw.random() < 0.3:
            points.append(points[-1])
            times.append(times[-1] + draw.uniform(3, 20))
    time_s = np.arange(0, seconds, 0.2)
    east, north = np.array(points).T
    return Way(time_s, np.interp(time_s, times, east), np.interp(time_s, times, north))


def survey(seconds=900, speed_mps=6.0, line_m=200.0, apart_m=25.0, turned_deg=0.0):
    """Parallel lines to and fro, as surveys are flown."""
    points = []
    for number in range(200):
        ends = (0.0, line_m) if number % 2 == 0 else (line_m, 0.0)
        points += [(number * apart_m, ends[0]), (number * apart_m, ends[1])]
    east, north = np.array(points).T
    way = np.concatenate(([0.0], np.cumsum(np.hypot(np.diff(east), np.diff(north)))))
    time_s = np.arange(0, seconds, 0.2)
    e, n = np.interp(time_s * speed_mps, way, east), np.interp(time_s * speed_mps, way, north)
    c, s = np.cos(np.radians(turned_deg)), np.sin(np.radians(turned_deg))
    return Way(time_s, e * c + n * s, n * c - e * s)


def hovering(draw, seconds=900):
    time_s = np.arange(0, seconds, 0.2)
    return Way(time_s, np.full(len(time_s), 50.0), np.full(len(time_s), 80.0))


def flight_of(way, start=START, *, name="log.bin", event_s=(), serial="", sigma_m=2.0, noise_m=0.5, draw=None,
              is_assumed=False, home_m=None):  # fmt: skip
    """A flight log of a way, its fixes with a slowly changing error."""
    n = len(way.time_s)
    draw = draw or np.random.default_rng(1)
    drift = np.zeros((2, n))
    if noise_m:
        steps = draw.normal(size=(2, n)) * noise_m * 0.05
        drift = np.cumsum(steps, axis=1)
        drift = np.clip(drift, -2 * noise_m, 2 * noise_m)
    start_ns = int(start.timestamp()) * 10**9
    time_ns = start_ns + np.round(way.time_s * 1e9).astype(np.int64)
    track = Track.build(
        time_ns=time_ns,
        lat_deg=LAT + (way.north_m + drift[1]) / M_PER_DEG,
        lon_deg=LON + (way.east_m + drift[0]) / EAST_M_PER_DEG,
        offset=np.arange(n),
        message="GPS",
        h_sigma_m=np.full(n, sigma_m),
        **({"alt_home_m": np.full(n, home_m)} if home_m is not None else {}),
    )
    events = tuple(Event(start_ns + round(t * 1e9), EventKind.PHOTO, "") for t in sorted(event_s))
    return Flight(
        source=Source(Path(name), 1, "0" * 64, "dataflash", "", "test"),
        tracks={"gnss": track},
        primary="gnss",
        clock=Clock(True, ClockSource.GNSS, 0.1, is_assumed=is_assumed),
        vehicle=Vehicle(serial=serial),
        events=events,
    )


def photo(way, time_s, offset_s, *, start=START, name="DJI_0001.JPG", sigma_m=2.0, noise_m=1.0, draw=None, model="FC1",
          with_utc=False, with_local=True, with_place=True, moved_m=(0.0, 0.0), home_m=None, whole=True, serials=(),
          place_at_s=None):  # fmt: skip
    """A picture taken at a second of the way; `offset_s` is UTC minus the camera's clock."""
    draw = draw or np.random.default_rng(2)
    east, north = way.at(time_s if place_at_s is None else place_at_s)
    error = draw.normal(size=2) * noise_m if place_at_s is None else np.zeros(2)
    utc = start + timedelta(seconds=float(time_s))
    local = utc - timedelta(seconds=float(offset_s))
    digits = local.replace(microsecond=0, tzinfo=None) if whole else local.replace(tzinfo=None)
    place = CameraPosition(
        LAT + (north + error[1] + moved_m[1]) / M_PER_DEG,
        LON + (east + error[0] + moved_m[0]) / EAST_M_PER_DEG,
        sigma_m,
        "test",
    )
    utc_ns = round(utc.timestamp() * 1000) * 10**6
    time = CaptureTime(
        utc_ns if with_utc else None,
        digits.isoformat() if with_local else None,
        None,
        0.5 if with_utc else None,
        "test",
    )
    return MediaItem(
        name=name, bytes=1, sha256="0" * 64, kind=MediaKind.JPEG, maker="DJI", model=model, serials=tuple(serials),
        time=time, position=place if with_place else None,
        height=CameraHeight(home_m=home_m, sigma_m=2.0) if home_m is not None else None,
    )  # fmt: skip


def film(
    way, from_s, seconds, offset_s, *, start=START, draw=None, noise_m=1.0, with_utc=False, moved_m=0.0, step_s=0.5
):
    draw = draw or np.random.default_rng(3)
    after_s = np.arange(0, seconds, step_s)
    east, north = way.at(from_s + after_s)
    n = len(after_s)
    item = photo(way, from_s, offset_s, start=start, with_utc=with_utc, draw=draw, name="DJI_0002.MP4")
    nan = np.full(n, np.nan)
    track = FilmTrack(
        time_s=after_s,
        lat_deg=LAT + (north + draw.normal(size=n) * noise_m) / M_PER_DEG,
        lon_deg=LON + (east + moved_m + draw.normal(size=n) * noise_m) / EAST_M_PER_DEG,
        is_usable=np.full(n, True), home_m=nan, amsl_m=nan, hae_m=nan, yaw_deg=nan, pitch_deg=nan, roll_deg=nan,
        offset=np.arange(n), length=np.ones(n, np.int64),
    )  # fmt: skip
    return MediaItem(
        name="DJI_0002.MP4", bytes=1, sha256="1" * 64, kind=MediaKind.MP4, maker="DJI", model="FC1", time=item.time,
        position=item.position, duration_s=float(seconds), film=track,
    )  # fmt: skip
