"""Makes DJI controller logs (FLY*.DAT) for tests, record by record; nothing of it comes from the reader."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "samples"))  # its script writes what no app here can
_dji_dat = import_module("_dji_dat")

__all__ = ["START", "DatFile", "flight", "framed"]

framed = _dji_dat.framed
START = datetime(2026, 5, 4, 10, tzinfo=UTC)
LAT, LON = 47.0, 8.0


@dataclass
class DatFile:
    """A log to which records are added; times are seconds of the aircraft's clock, whose counter ends and goes on."""

    head: bytes = _dji_dat.header()
    hz: float = 3_840_000.0
    parts: list[bytes] = field(default_factory=list)

    @property
    def bytes(self) -> bytes:
        return self.head + b"".join(self.parts)

    @property
    def offsets(self) -> list[int]:
        """Where each record begins."""
        found = [len(self.head)]
        for part in self.parts[:-1]:
            found.append(found[-1] + len(part))
        return found

    def record(self, kind: int, at_s: float, body: bytes, *, length: int = 0) -> None:
        self.parts.append(framed(kind, round(at_s * self.hz), body, length=length))

    def gps(
        self, at_s: float, lat: float, lon: float, *, at: datetime | None, height_m: float = 500.0, speed: float = 0.0
    ) -> None:
        """A fix; `at` is UTC, None where the receiver knows none."""
        body = _dji_dat.gps_body(at or START, lat, lon, height_m, (speed, 0.0, 0.0))
        self.record(2096, at_s, body if at else bytes(8) + body[8:])

    def fused(self, at_s: float, lat: float, lon: float, height_m: float = 100.0, *, kind: int = 2048) -> None:
        self.record(kind, at_s, _dji_dat.place_body(lat, lon, height_m))

    def home(self, at_s: float, lat: float = LAT, lon: float = LON, level_m: float = 100.0) -> None:
        self.record(13, at_s, _dji_dat.home_body(lat, lon, level_m))


def flight(
    seconds: int = 60,
    *,
    begin_s: float = 100.3,
    hz: float = 3_840_000.0,
    speed_mps: float = 5.0,
    start: datetime = START,
) -> DatFile:
    """A flight to the north: up to 50 m in ten seconds, then on; fixes at 5 Hz on the fifths of seconds."""
    log = DatFile(hz=hz)
    for step in range(seconds * 10):
        since = step / 10
        lat, height_m = LAT + since * speed_mps / 111_200, 100.0 + min(50.0, 5.0 * since)
        at_s = begin_s + since
        log.fused(at_s, lat, LON, height_m)
        log.fused(at_s, lat, LON, height_m, kind=2049)
        if step % 2 == 0:
            log.gps(at_s, lat, LON, at=start + timedelta(seconds=since), height_m=height_m + 400, speed=speed_mps)
            log.home(at_s)
    return log
