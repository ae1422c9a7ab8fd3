"""Simulates flights whose truth is known, and writes their logs and MANIFEST.toml.

    python samples/simulate.py                        write everything beside this file
    python samples/simulate.py --out DIR              elsewhere
    python samples/simulate.py --noise-free DIR       the same logs from perfect instruments (no manifest)

Same bytes on every run. Imports nothing of dronecheck: what the logs must give is computed from the noise-free path
against the border's line by brute force.
"""

from __future__ import annotations

import argparse
import struct
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from _dataflash import dataflash
from _dji_csv import airdata, dji_log_parser, flight_reader, record_rows
from _dji_dat import dji_dat
from _dji_txt import record
from _film import film
from _flights import Flight, bank_hugging, border, clear, founding, restricted, zones_geojson
from _manifest import Sample, manifest_toml
from _mavlink import tlog
from _sensors import Errors, Receiver, observe
from _srt import subtitles
from _tracks import gpx, igc
from _ulog import BOOT_US, UlogStyle, ulog_bytes
from _zll import zll_log

HERE = Path(__file__).parent
CUT_AFTER_S = 205.0  # cut_short.ulg ends here, inside a record
CUT_IN_RECORD_BYTES = 60


@dataclass(frozen=True)
class Recipe:
    """How one flight becomes one file."""

    name: str
    format: str
    dialect: str
    seed: int
    receiver: Receiver
    about: str
    gps_topic: str = ""
    clock_step_s: float = 0.0  # what the clock, as it is written, leaves open
    utc_offset_h: float | None = None  # a local clock, and what it is ahead
    needs_home: str | None = None  # no take-off can be read off it: the home territory to give


FOUNDING = [
    Recipe("founding_dandong_sinuiju.ulg", "ulog", "PX4 1.15", 101,
           Receiver(0.2, 0.25, 7, missing=6, hole_s=(236.0, 240.2)),
           "From the Chinese bank at Dandong over the Yalu, filming Sinuiju 2 km inside, and back", "sensor_gps"),
    Recipe("founding_dandong_sinuiju_flightreader.csv", "csv", "flight_reader", 102,
           Receiver(0.2, 0.04, 8, first_s=8.0, missing=5, hole_s=(251.0, 254.4)),
           "The same flight, recorded by a DJI aircraft, exported by Flight Reader (UTC columns, feet, mph)"),
    Recipe("founding_dandong_sinuiju_airdata.csv", "csv", "airdata", 102,
           Receiver(0.2, 0.04, 7, first_s=8.0, missing=5, hole_s=(251.0, 254.4)),
           "The same flight and record, exported by Airdata (metric; datetime(utc) in whole seconds)",
           clock_step_s=0.2),
]  # fmt: skip
FILMED = [
    Recipe("founding_dandong_sinuiju.SRT", "srt", "bracketed", 102,
           Receiver(0.2, 0.04, 6, first_s=8.0, missing=5, hole_s=(251.0, 254.4)),
           "The same flight as the film's subtitles tell it (Mavic 3, one cue a frame, camera clock 8 h ahead of UTC)",
           utc_offset_h=8.0),
    Recipe("founding_dandong_sinuiju.MP4", "film", "djmd", 102,
           Receiver(0.2, 0.04, 9, first_s=8.0, missing=5, hole_s=(251.0, 254.4)),
           "The same flight as the film itself holds it, without its picture (track djmd, satellites' time in UTC)"),
]  # fmt: skip
TOY = [
    Recipe("founding_dandong_sinuiju_ZLL.txt", "zll", "", 108,
           Receiver(0.5, 0.25, 6, first_s=8.0, missing=3, hole_s=(236.0, 240.2)),
           "The same flight as the app of a toy drone logs it (Chinese prose, phone's clock 8 h ahead of UTC)",
           utc_offset_h=8.0),
]  # fmt: skip
TRACKERS = [
    Recipe("founding_dandong_sinuiju.gpx", "gpx", "1.1", 107,
           Receiver(0.5, 0.25, 7, first_s=0.2, missing=3, hole_s=(236.0, 240.2)),
           "The same flight by a tracker on board (GPX)", needs_home="CHN"),
    Recipe("founding_dandong_sinuiju.igc", "igc", "", 107,
           Receiver(1.0, 0.25, 7, first_s=0.73, missing=2, hole_s=(236.0, 240.2)),
           "The same flight by a flight recorder on board (IGC, 1 Hz)", needs_home="CHN"),
]  # fmt: skip
RECORDED = [
    Recipe("founding_dandong_sinuiju_DJIFlightRecord.txt", "dji_txt", "version 8", 102,
           Receiver(0.2, 0.04, 15, first_s=8.0, missing=5, hole_s=(251.0, 254.4)),
           "The same flight and record as the DJI app keeps it (version 8, scrambled)"),
    Recipe("founding_dandong_sinuiju_FLY001.DAT", "dji_dat", "v3", 102,
           Receiver(0.2, 0.04, 7, missing=5, hole_s=(251.0, 254.4)),
           "The same flight as DJI's controller heard it from the aircraft (MCDat)"),
]  # fmt: skip
ARDUPILOT = [
    Recipe("founding_dandong_sinuiju.bin", "dataflash", "binary", 106,
           Receiver(0.2, 0.25, 7, missing=6, hole_s=(236.0, 240.2)),
           "The same flight by an ArduCopter: its own log (DataFlash)"),
    Recipe("founding_dandong_sinuiju.log", "dataflash", "text", 106,
           Receiver(0.2, 0.25, 7, missing=6, hole_s=(236.0, 240.2)),
           "The same log as text"),
    Recipe("founding_dandong_sinuiju.tlog", "tlog", "", 106,
           Receiver(0.2, 0.25, 7, missing=6, hole_s=(236.0, 240.2)),
           "The same flight as the ground station heard it (MAVLink 2)"),
]  # fmt: skip
CUT_SHORT = Recipe("cut_short.ulg", "ulog", "PX4 1.15", 101, FOUNDING[0].receiver,
                   "founding_dandong_sinuiju.ulg, cut off inside a record while deep inside", "sensor_gps")  # fmt: skip
CLEAR = Recipe("clear_dandong.csv", "csv", "dji_log_parser", 103,
               Receiver(0.2, 0.04, 7, first_s=8.0, missing=4, hole_s=(180.0, 184.6)),
               "A survey on the Chinese side, 4 km from the border (dji-log-parser)")  # fmt: skip
BANK = Recipe("bank_hugging_dandong.ulg", "ulog", "PX4 1.15", 104,
              Receiver(0.2, 0.25, 7, missing=4, hole_s=(218.0, 221.2)),
              "Along the line in the river, metres beside it and never over it: border data good to 666 m (95 %) "
              "cannot tell", "vehicle_gps_position")  # fmt: skip
RESTRICTED = Recipe("restricted_zone.csv", "csv", "airdata", 105,
                    Receiver(1.0, 0.04, 7, first_s=8.0, hole_s=(188.0, 192.0)),
                    "1 Hz, through restricted_zone.geojson: SIM-R1 twice, and SIM-C1 (11 m wide) at 15 m/s between "
                    "two fixes")  # fmt: skip


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Simulate the sample flights.")
    parser.add_argument("--out", type=Path, default=HERE, help="folder for logs and MANIFEST.toml (default: here)")
    parser.add_argument("--noise-free", type=Path, help="write only noise-free variants of the logs, into this folder")
    options = parser.parse_args()
    out = options.noise_free or options.out
    out.mkdir(parents=True, exist_ok=True)
    samples = simulate(noise_free=options.noise_free is not None)
    for sample in samples:
        (out / sample.name).write_bytes(sample.content)
    if options.noise_free is None:
        (out / "MANIFEST.toml").write_text(manifest_toml(samples, border()), encoding="utf-8", newline="\n")


def simulate(*, noise_free: bool = False) -> list[Sample]:
    """All sample files, in the order of the manifest."""
    over_the_yalu = founding()
    recipes = [*FOUNDING, *ARDUPILOT, *FILMED, *TRACKERS, *RECORDED, *TOY]
    samples = [_log(over_the_yalu, recipe, noise_free) for recipe in recipes]
    samples.append(_cut(samples[0], CUT_SHORT))
    samples += [_log(clear(), CLEAR, noise_free), _log(bank_hugging(), BANK, noise_free)]
    samples.append(_log(restricted(), RESTRICTED, noise_free))
    about = "The two zones of restricted_zone.csv"
    samples.append(Sample("restricted_zone.geojson", "geojson", "", None, about, zones_geojson().encode()))
    return samples


def _log(flight: Flight, recipe: Recipe, noise_free: bool) -> Sample:
    truth = flight.truth
    errors = Errors.none(truth, recipe.seed) if noise_free else Errors.draw(truth, recipe.seed)
    fixes = observe(truth, errors, recipe.receiver)
    fused_rows = None
    if recipe.format in ("ulog", "dataflash", "tlog", "dji_dat"):
        # The autopilot's estimate: the receiver's slow error without its white noise, and no hole.
        fused = observe(truth, errors, Receiver(0.2, 0.0, 7, first_s=0.06))
        fused_rows = len(fused.step)
        start_us = _epoch_us(flight.start)
    if recipe.format == "ulog":
        content = ulog_bytes(truth, fixes, fused, UlogStyle(start_us, recipe.gps_topic))
    elif recipe.format == "dataflash":
        content = dataflash(truth, fixes, fused, start_us, text=recipe.dialect == "text")
    elif recipe.format == "tlog":
        content = tlog(truth, fixes, fused, start_us)
    elif recipe.format == "dji_dat":
        content = dji_dat(truth, fixes, fused, flight.start)
    elif recipe.format in ("gpx", "igc"):
        content = {"gpx": gpx, "igc": igc}[recipe.format](truth, fixes, flight.start).encode()
    else:
        rows = record_rows(truth, fixes, flight.start, flight.filming_s)
        writers = {"flight_reader": flight_reader, "airdata": airdata, "dji_log_parser": dji_log_parser,
                   "bracketed": subtitles, "": zll_log}  # fmt: skip
        binary = {"dji_txt": record, "film": film}.get(recipe.format)
        content = binary(rows) if binary else writers[recipe.dialect](rows).encode()
    return Sample(recipe.name, recipe.format, recipe.dialect, recipe.seed, recipe.about, content, flight,
                  rows=len(fixes.step), fixes=int(fixes.fix.sum()), fused_rows=fused_rows,
                  first_fix_s=float(fixes.time_s[0]), last_fix_s=float(fixes.time_s[-1]),
                  clock_step_s=recipe.clock_step_s, utc_offset_h=recipe.utc_offset_h,
                  needs_home=recipe.needs_home)  # fmt: skip


def _epoch_us(at: datetime) -> int:
    return round(at.timestamp() * 1_000_000)


def _cut(whole: Sample, recipe: Recipe) -> Sample:
    """The first part of a ULog, up to some bytes into the first fix after CUT_AFTER_S."""
    data, place = whole.content, 16
    counts = [0, 0]  # of receiver fixes (subscription 0) and of the autopilot's estimates (1)
    last_epoch_us = 0
    while True:
        size, kind, number = struct.unpack_from("<HBH", data, place)
        if kind == ord("D") and number < 2:
            stamp_us = struct.unpack_from("<Q", data, place + 5)[0]
            if number == 0 and stamp_us > BOOT_US + CUT_AFTER_S * 1e6:
                break
            counts[number] += 1
            if number == 0:
                last_epoch_us = struct.unpack_from("<Q", data, place + 5 + 48)[0]
        place += 3 + size
    flight = whole.flight
    return Sample(recipe.name, recipe.format, recipe.dialect, recipe.seed, recipe.about,
                  data[: place + CUT_IN_RECORD_BYTES], flight, rows=counts[0], fixes=counts[0], fused_rows=counts[1],
                  first_fix_s=whole.first_fix_s, last_fix_s=(last_epoch_us - _epoch_us(flight.start)) / 1e6,
                  cut_record_at=place)  # fmt: skip


if __name__ == "__main__":
    main()
