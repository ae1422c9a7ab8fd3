"""Simulates a fleet: N logs in all formats, over borders and zones and far from both, and what is true of each.

    python samples/make_fleet.py 1000 --out fleet               small logs, 2 % damaged
    python samples/make_fleet.py 200 --out fleet --size large   logs of 1 to 3 MB

Writes logs/ (a folder an aircraft and month), zones.geojson (and zones_changed.geojson, a second edition), roster.csv
and truth.csv: one row a file. The same numbers give the same bytes.
"""

from __future__ import annotations

import argparse
import csv
import functools
import math
import multiprocessing
import struct
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from _dataflash import dataflash
from _dji_csv import airdata, dji_log_parser, flight_reader, record_rows
from _dji_txt import record
from _kinematics import Place, Truth, Waypoint, fly
from _mavlink import tlog
from _scenes import BORDERS, INLAND, WITH_ZONES, Answer, Scene, answer, take_off, zones_geojson
from _sensors import Errors, Receiver, observe
from _srt import subtitles
from _tracks import gpx, igc
from _ulog import BOOT_US, UlogStyle, ulog_bytes

FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 180
AIRCRAFT = 40
CAMERA_OFFSET_H = 2.0
FORMATS = (
    ("ulog", ".ulg", 24), ("dataflash", ".bin", 14), ("dataflash text", ".log", 4), ("tlog", ".tlog", 10),
    ("airdata", ".csv", 14), ("flight_reader", ".csv", 10), ("dji_log_parser", ".csv", 8), ("dji_txt", ".txt", 8),
    ("gpx", ".gpx", 3), ("igc", ".igc", 3), ("srt", ".SRT", 2),
)  # fmt: skip
PLANS = (("crosses", 6), ("near", 6), ("away", 20), ("zones", 18), ("inland", 50))
LEGS_M = (300.0, 600.0, 1000.0, 1600.0)
NO_TAKE_OFF = ("gpx", "igc", "srt")  # their home territory cannot be told
DAMAGES = ("truncated", "flipped bits", "zeroed block", "noise", "empty", "beginning lost")


@dataclass(frozen=True)
class Job:
    """One file to write."""

    number: int
    seed: int
    size: str
    damaged: str
    is_bench: bool


@dataclass(frozen=True)
class Line:
    """One row of truth.csv; times ISO 8601 UTC, lengths in metres."""

    file: str
    format: str
    serial: str
    registration: str
    start_utc: str
    scene: str
    plan: str
    damaged: str
    same_as: str
    bench: bool
    has_take_off: bool
    home: str
    entered: str
    enter_utc: str
    exit_utc: str
    depth_m: str
    margin_m: str
    zones: str
    zones_margin_m: str
    utc_known: bool


@functools.lru_cache
def path(leg_m: float, height_m: float) -> Truth:
    """Out to the north, a short hover, a little aside, and back."""
    nowhere = Place(0.0, 0.0, 0.0, 0.0)
    waypoints = [
        Waypoint(0, 0, 25, hold_s=0),
        Waypoint(0.04 * leg_m, 0.6 * leg_m, height_m, 12),
        Waypoint(0, leg_m, height_m, 10, hold_s=3),
        Waypoint(-0.08 * leg_m, 0.7 * leg_m, height_m, 11),
        Waypoint(0, 0, 40, 12, hold_s=0),
    ]
    return fly(nowhere, waypoints)


def flown(place: Place, leg_m: float, bearing_deg: float, height_m: float) -> Truth:
    """The path of the nearest length, stretched and turned to where it is flown."""
    base_m = min(LEGS_M, key=lambda length: abs(math.log(length / leg_m)))
    made = path(base_m, height_m)
    turn, scale = math.radians(bearing_deg), leg_m / base_m
    east = scale * (made.east_m * math.cos(turn) + made.north_m * math.sin(turn))
    north = scale * (made.north_m * math.cos(turn) - made.east_m * math.sin(turn))
    return replace(made, place=place, east_m=east, north_m=north)


def planned(dice: np.random.RandomState) -> tuple[str, Scene, Truth]:
    """What a flight does, where, and how it goes."""
    plan = _drawn(PLANS, dice)
    height_m = float(dice.choice([60.0, 100.0]))
    if plan in ("inland", "zones"):
        scene = WITH_ZONES if plan == "zones" else INLAND[dice.randint(len(INLAND))]
        near = scene.place
        shift = 0.0 if plan == "zones" else 0.05
        place = replace(near, lat_deg=round(near.lat_deg + dice.uniform(-shift, shift), 7),
                        lon_deg=round(near.lon_deg + dice.uniform(-shift, shift), 7))  # fmt: skip
        return plan, scene, flown(place, dice.uniform(300, 1100), dice.uniform(0, 360), height_m)
    scene = BORDERS[dice.randint(len(BORDERS))]
    away_m = dice.uniform(150, 900)
    place, bearing = take_off(scene, away_m, dice)
    if plan == "crosses":
        leg_m = away_m + dice.uniform(20, 1200)
    elif plan == "near":
        leg_m = max(100.0, away_m - dice.uniform(5, 200))
    else:
        leg_m, bearing = dice.uniform(300, 1500), bearing + 180 + dice.uniform(-40, 40)
    return plan, scene, flown(place, min(leg_m, 2200.0), bearing, height_m)


def _drawn(shares: tuple[tuple[str, int], ...], dice: np.random.RandomState) -> str:
    weights = np.array([share for _, share in shares], dtype=float)
    return shares[int(dice.choice(len(shares), p=weights / weights.sum()))][0]


def make(job: Job) -> tuple[Line, bytes]:
    """One file and what is true of it."""
    dice = np.random.RandomState(job.seed)
    plan, scene, truth = planned(dice)
    kind = "ulog" if job.is_bench else _drawn(tuple((name, share) for name, _, share in FORMATS), dice)
    start = FIRST_DAY + timedelta(days=int(dice.randint(DAYS)), seconds=int(dice.randint(6 * 3600, 18 * 3600)))
    craft = int(dice.randint(AIRCRAFT))
    serial = f"{0x5EED0000 + craft:032x}"
    every_s = 0.02 if job.size == "large" else 0.5
    content = _content(kind, truth, start, every_s, job.seed, serial)
    if job.is_bench:
        content, plan = _before_arming(content), "bench"
    true = Answer(scene.home or "") if job.is_bench else answer(scene, truth, start)
    content = _damaged(content, job.damaged, dice)
    suffix = next(end for name, end, _ in FORMATS if name == kind)
    name = f"aircraft_{craft:02d}/{start:%Y-%m}/{start:%Y%m%d_%H%M%S}_{job.number:05d}{suffix}"
    line = Line(
        name, kind, serial if kind == "ulog" else "", f"D-{craft:04d}", _iso(start), scene.name, plan, job.damaged, "",
        job.is_bench, kind not in NO_TAKE_OFF, true.home, " ".join(true.entered), _iso(true.enter), _iso(true.exit),
        _m(true.depth_m), _m(true.margin_m), " ".join(true.zones), _m(true.zones_margin_m), kind != "srt",
    )  # fmt: skip
    return line, content


def _content(kind: str, truth: Truth, start: datetime, every_s: float, seed: int, serial: str) -> bytes:
    """The log's bytes."""
    fixes = observe(truth, Errors.draw(truth, seed), Receiver(1.0 if kind == "igc" else every_s, 0.15, 7, missing=2))
    start_us = round(start.timestamp() * 1_000_000)
    if kind in ("ulog", "dataflash", "dataflash text", "tlog"):
        fused = observe(truth, Errors.draw(truth, seed), Receiver(every_s, 0.0, 7, first_s=0.06))
        if kind == "ulog":
            return ulog_bytes(truth, fixes, fused, UlogStyle(start_us, serial=serial))
        if kind == "tlog":
            return tlog(truth, fixes, fused, start_us)
        return dataflash(truth, fixes, fused, start_us, text=kind == "dataflash text")
    if kind in ("gpx", "igc"):
        return {"gpx": gpx, "igc": igc}[kind](truth, fixes, start).encode()
    rows = record_rows(truth, fixes, start, (0.0, truth.duration_s) if kind == "srt" else (0.0, 0.0))
    if kind == "dji_txt":
        return record(rows)
    writers = {"airdata": airdata, "flight_reader": flight_reader, "dji_log_parser": dji_log_parser, "srt": subtitles}
    return writers[kind](rows).encode()


def _before_arming(data: bytes) -> bytes:
    """A ULog up to seven seconds after the start: switched on, and off again."""
    place = 16
    while place < len(data):
        size, kind = struct.unpack_from("<HB", data, place)
        if kind == ord("D") and struct.unpack_from("<Q", data, place + 5)[0] > BOOT_US + 7_000_000:
            break
        place += 3 + size
    return data[:place]


def _damaged(data: bytes, how: str, dice: np.random.RandomState) -> bytes:
    if not how:
        return data
    at = int(dice.randint(len(data) // 4, len(data)))
    if how == "truncated":
        return data[:at]
    if how == "flipped bits":
        changed = bytearray(data)
        for place in dice.randint(len(data) // 10, len(data), 5).tolist():
            changed[place] ^= 1 << int(dice.randint(8))
        return bytes(changed)
    if how == "zeroed block":
        size = min(4096, len(data) - at)
        return data[:at] + bytes(size) + data[at + size :]
    if how == "beginning lost":
        return data[2048:]
    return dice.bytes(len(data)) if how == "noise" else b""


def _iso(moment: datetime | None) -> str:
    return "" if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def _m(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def jobs(count: int, seed: int, damaged: float, bench: float, size: str) -> Iterator[Job]:
    """What to write; which are damaged is drawn first, so that it does not hang on what they hold."""
    dice = np.random.RandomState(seed)
    for number in range(count):
        chance = dice.random_sample()
        how = DAMAGES[dice.randint(len(DAMAGES))]
        is_bad = chance < damaged
        yield Job(number, seed * 1_000_003 % 2**31 + number, size, how if is_bad else "",
                  not is_bad and chance < damaged + bench)  # fmt: skip


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Simulate a fleet's logs, and what is true of them.")
    parser.add_argument("count", type=int, help="number of logs")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    parser.add_argument("--seed", type=int, default=20260101)
    parser.add_argument("--damaged", type=float, default=0.02, help="share of damaged logs (default 0.02)")
    parser.add_argument("--copies", type=float, default=0.01, help="share of files that are copies of another")
    parser.add_argument("--size", choices=("small", "large"), default="small", help="2 Hz, or 50 Hz")
    parser.add_argument("--workers", type=int, default=1)
    asked = parser.parse_args()
    lines = write(asked.out, asked.count, asked.seed, asked.damaged, asked.copies, asked.size, asked.workers)
    print(f"{len(lines)} logs in {asked.out / 'logs'}")


def write(
    out: Path, count: int, seed: int = 20260101, damaged: float = 0.02, copies: float = 0.01, size: str = "small",
    workers: int = 1,
) -> list[Line]:  # fmt: skip
    """Write a fleet; the rows of truth.csv."""
    copied = round(count * copies)
    todo = list(jobs(count - copied, seed, damaged, 0.01, size))
    lines: list[Line] = []
    with multiprocessing.Pool(workers) as pool:
        for line, content in pool.imap(make, todo, chunksize=20) if workers > 1 else map(make, todo):
            _put(out / "logs" / line.file, content)
            lines.append(line)
            if sys.stderr.isatty() and len(lines) % 50 == 0:
                print(f"\r{len(lines):,} of {count:,}", end="", file=sys.stderr)
    good = [line for line in lines if not line.damaged and not line.bench]
    for number, line in enumerate(good[:: max(1, len(good) // copied)][:copied] if copied else []):
        copy = f"copies/{number:04d}_{Path(line.file).name}"
        _put(out / "logs" / copy, (out / "logs" / line.file).read_bytes())
        lines.append(replace(line, file=copy, same_as=line.file))
    _put(out / "zones.geojson", zones_geojson().encode())
    _put(out / "zones_changed.geojson", zones_geojson(moved=True).encode())
    roster = [
        f"{0x5EED0000 + n:032x},D-{n:04d},Pilot {n % 12:02d},{('North', 'South')[n % 2]}" for n in range(AIRCRAFT)
    ]
    _put(out / "roster.csv", ("\n".join(["serial,registration,pilot,base", *roster]) + "\n").encode())
    with (out / "truth.csv").open("w", newline="", encoding="utf-8") as handle:
        table = csv.DictWriter(handle, list(asdict(lines[0])), lineterminator="\n")
        table.writeheader()
        table.writerows(asdict(line) for line in lines)
    return lines


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


if __name__ == "__main__":
    main()
