"""One sample a format, real logs beside them, and where their records end: walkers of their own, by the descriptions.

Nothing here comes from the readers: a reader that took a wrong border for right would be caught.
"""

from __future__ import annotations

import atexit
import hashlib
import shutil
import struct
import tempfile
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

from dronecheck.flight import Flight
from dronecheck.readers import read_input
from dronecheck.safe.io import Input
from tests.support import dji_writer

__all__ = ["FORMATS", "LOCKED", "LOGS", "REAL_LOGS", "borders", "is_here", "read", "sample", "shortened"]

REPO = Path(__file__).resolve().parents[2]
SAMPLES = REPO / "samples"
LOGS = REPO.parent / "shared" / "logs"
FORMATS = {
    "ulog": "founding_dandong_sinuiju.ulg",
    "dataflash": "founding_dandong_sinuiju.bin",
    "dataflash text": "founding_dandong_sinuiju.log",
    "tlog": "founding_dandong_sinuiju.tlog",
    "csv airdata": "founding_dandong_sinuiju_airdata.csv",
    "csv flight reader": "founding_dandong_sinuiju_flightreader.csv",
    "srt": "founding_dandong_sinuiju.SRT",
    "gpx": "founding_dandong_sinuiju.gpx",
    "igc": "founding_dandong_sinuiju.igc",
    "dji_txt": "founding_dandong_sinuiju_DJIFlightRecord.txt",
    "zll": "founding_dandong_sinuiju_ZLL.txt",
    "film": "founding_dandong_sinuiju.MP4",
}
REAL_LOGS = {
    "real ulog": "ulog/PX4__px4-ulog-rs__esc_status_log.ulg",
    "real dataflash": "dataflash_bin/PyFlightCoach__FlightData__center_0003.bin",
    "real dataflash text": "dataflash_log/erlerobot__ardupilot__mechanical_fail.log",
    "real tlog": "tlog/ArduPilot__UAVLogViewer__vtol.tlog",
    "real tlog of a submarine": "tlog/clydemcqueen__ardusub_log_tools__small.tlog",
    "real mavlink": "tlog/npm__node-mavlink__mavlink-v2-3412-packets.bin",
    "real csv dji_log_parser": "dji_csv/swardiantara__LogNexus__DJIFlightRecord_2025-06-27_[03-31-40].csv",
    "real csv txtlogtocsv": "dji_csv/unhcfreg__DROP__2016-09-15_13-51-19_Standard.csv",
    "real csv dronedeploy": "dji_csv/dronedeploy__flight-log-parser__pixel2-inspire2.log",
    "real srt": "dji_srt/JuanIrache__DJI_SRT_Parser__mavic_pro.SRT",
    "real gpx": "gpx_kml_igc/mapillary__mapillary_tools__sf_30km_h.gpx",
    "real dji_txt": "dji_txt/unhcfreg__DROP__DJIFlightRecord_2016-09-15_[13-51-18].txt",
}
LOCKED = {"dji_txt v13": 13, "dji_txt v14": 14}  # made of the sample of `dji_txt`, with keys of the tests'


@cache
def _locked(format_: str) -> tuple[bytes, Path]:
    """An encrypted record, and the file of its keys."""
    data, lock = dji_writer.sample_record(LOCKED[format_])
    folder = Path(tempfile.mkdtemp(prefix="dronecheck-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    lock.save(folder / "record.txt", data)
    return data, folder / "record.keychains.json"


def path_of(format_: str) -> Path:
    """Where the sample, or the real log, lies."""
    if format_ in LOCKED:
        return Path("record.txt")
    return LOGS / REAL_LOGS[format_] if format_ in REAL_LOGS else SAMPLES / FORMATS[format_]


def is_here(format_: str) -> bool:
    """Whether the file is there: real logs are not in the repository."""
    return format_ in LOCKED or path_of(format_).is_file()


@cache
def sample(format_: str) -> bytes:
    """The whole sample."""
    return _locked(format_)[0] if format_ in LOCKED else path_of(format_).read_bytes()


def read(format_: str, data: bytes) -> Flight:
    """What dronecheck reads from these bytes, under the sample's name."""
    keys = _locked(format_)[1] if format_ in LOCKED else None
    return read_input(Input(path_of(format_), data, hashlib.sha256(data).hexdigest(), keys))


@cache
def borders(format_: str) -> tuple[int, ...]:
    """Byte offsets of the sample where a record ends, ascending; for texts, where a line ends."""
    data = sample(format_)
    found = _WALKS.get(format_.removeprefix("real ").removesuffix(" of a submarine"), _lines)(data)
    assert found[-1] == len(data), f"the walk of {format_} ends at {found[-1]} of {len(data)}"
    return tuple(found)


@cache
def shortened(format_: str, size: int) -> bytes:
    """The sample up to the last border before `size` bytes."""
    return sample(format_)[: max(border for border in borders(format_) if border <= size)]


def _lines(data: bytes) -> list[int]:
    return [i + 1 for i, byte in enumerate(data) if byte == 0x0A]


def _ulog(data: bytes) -> list[int]:
    """A header of 16 bytes, then messages: size (u16), kind (u8), so many bytes."""
    at, found = 16, [16]
    while at < len(data):
        at += 3 + struct.unpack_from("<H", data, at)[0]
        found.append(at)
    return found


def _dataflash(data: bytes) -> list[int]:
    """Records begin A3 95 and a kind; a record of kind 128 says the length of another kind."""
    at, found, length = 0, [], {128: 89}
    while at < len(data):
        assert data[at : at + 2] == b"\xa3\x95"
        if data[at + 2] == 128:
            length[data[at + 3]] = data[at + 4]
        at += length[data[at + 2]]
        found.append(at)
    return found


def _tlog(data: bytes, time_bytes: int = 8) -> list[int]:
    """Eight bytes of time, then a MAVLink packet: FE (8 bytes around the payload) or FD (12, and 13 when signed)."""
    at, found = 0, []
    while at < len(data):
        at += time_bytes
        magic, payload, flags = data[at : at + 3]
        at += payload + (8 if magic == 0xFE else 25 if flags & 1 else 12)
        found.append(at)
    return found


def _dji_txt(data: bytes) -> list[int]:
    """A header of 100 bytes says where the records end; a record is kind, length, so many bytes, FF. Details follow."""
    at, found = 100, [100]
    end = struct.unpack_from("<Q", data)[0]
    while at < end:
        at += 3 + data[at + 1]
        found.append(at)
    return [*found, len(data)]


def _dji_txt_locked(data: bytes) -> list[int]:
    """Two blocks of u8, u16 length and so many bytes; records likewise, with FF behind; 12345 ends them."""
    at, found = 100, [100]
    for _ in range(2):
        at += 3 + struct.unpack_from("<H", data, at + 1)[0]
        found.append(at)
    while data[at : at + 4] != struct.pack("<i", 12345):
        at += 4 + struct.unpack_from("<H", data, at + 1)[0]
        found.append(at)
    return [*found, len(data)]


def _film(data: bytes) -> list[int]:
    """Boxes: size (u32), kind, so many bytes; in an `mdat` samples, of the sizes that the `trun` before it tells."""
    at, found, sizes = 0, [], ()
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"moof":
            run = data.index(b"trun", at)
            count = struct.unpack_from(">I", data, run + 8)[0]
            sizes = struct.unpack_from(f">{2 * count}I", data, run + 16)[1::2]
        if kind == b"mdat":
            found += [at + 8, *(at + 8 + sum(sizes[:number]) for number in range(1, len(sizes)))]
        at += size
        found.append(at)
    return found


_WALKS: dict[str, Callable[[bytes], list[int]]] = {
    "ulog": _ulog,
    "dataflash": _dataflash,
    "tlog": _tlog,
    "mavlink": partial(_tlog, time_bytes=0),
    "dji_txt": _dji_txt,
    "dji_txt v13": _dji_txt_locked,
    "dji_txt v14": _dji_txt_locked,
    "film": _film,
}
