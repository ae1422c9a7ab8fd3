"""The logs that are edited: the real ones beside the repository, and the samples; and how each is taken apart."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from dronecheck.flight import Flight
from dronecheck.readers import read_input
from dronecheck.safe.io import Input
from tests.edits import dataflash, dji_txt, tables, texts, tlog, ulog
from tests.edits.editable import Editable

REPO = Path(__file__).resolve().parents[2]
LOGS = REPO.parent / "shared" / "logs"
SAMPLES = REPO / "samples"
FOLDERS = ("dataflash_bin", "dataflash_log", "dji_csv", "dji_srt", "dji_txt", "gpx_kml_igc", "tlog", "ulog")
_BY_SUFFIX: dict[str, Callable[[bytes], Editable | None]] = {
    ".ulg": ulog.parse, ".bin": dataflash.parse, ".px4log": dataflash.parse, ".log": dataflash.parse_text,
    ".tlog": tlog.parse, ".csv": tables.parse, ".srt": texts.parse_srt, ".gpx": texts.parse_gpx,
    ".igc": texts.parse_igc, ".txt": dji_txt.parse,
}  # fmt: skip


def real_logs() -> list[Path]:
    """All real logs, in order."""
    return sorted(path for folder in FOLDERS for path in (LOGS / folder).glob("*") if path.is_file())


def samples() -> list[Path]:
    """The samples, in order: simulated flights of one truth in each format."""
    return sorted(path for path in SAMPLES.glob("*.*") if path.suffix.lower() in (*_BY_SUFFIX, ".dat"))


def take_apart(path: Path, data: bytes) -> Editable | None:
    """The log as records and figures; None where no writer knows it."""
    parse = _BY_SUFFIX.get(path.suffix.lower())
    if path.parent.name == "dji_csv":
        parse = tables.parse
    elif path.parent.name == "tlog":
        parse = tlog.parse
    if path.suffix == ".txt" and (path.parent.name in ("gpx_kml_igc",) or b"," in data[:100]):
        parse = tables.parse
    return parse(data) if parse else None


def read(path: Path, data: bytes) -> Flight:
    """What dronecheck reads from these bytes, under the log's name."""
    return read_input(Input(path, data, hashlib.sha256(data).hexdigest()))
