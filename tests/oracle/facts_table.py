"""Every file of ../shared/logs: what it is and how many fixes it holds, without dronecheck.

    python -m tests.oracle.facts_table        one line a file: format, fixes, path

Logs are read by pymavlink, pyulog, the csv module, plain splitting and ElementTree (the modules beside this one); what
is no log is told by its first bytes.
"""

import csv
import json
import sys
from pathlib import Path

from tests.oracle import (
    csv_facts,
    dataflash_facts,
    dji_txt_facts,
    gpx_facts,
    srt_facts,
    tlog_facts,
    ulog_facts,
    zll_facts,
)

LOGS = Path(__file__).resolve().parents[2].parent / "shared" / "logs"

_BY_FORMAT = {
    "ulog": ulog_facts, "dataflash": dataflash_facts, "tlog": tlog_facts, "csv": csv_facts, "srt": srt_facts,
    "gpx": gpx_facts, "dji_txt": dji_txt_facts,
    "zll": zll_facts,
}  # fmt: skip


def manifest():
    """Paths of all files, as the manifest lists them."""
    with (LOGS / "MANIFEST.csv").open(encoding="utf-8", newline="") as lines:
        return [LOGS / row["path"] for row in csv.DictReader(lines)]


def is_no_log(path):
    """What a file is that holds no flight, by its bytes; "" for a log."""
    data = path.read_bytes()
    if not data:
        return "empty"
    if data.startswith(b"version https://git-lfs.github.com/spec/v1\n"):
        return "git_lfs_pointer"
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if data.startswith((b"{", b"[")):
        json.loads(data)
        return "json"
    if b"$GPRMC," in data or b"$GPGGA," in data:
        return "nmea"
    if data.removeprefix(b"\xef\xbb\xbf").startswith(b"SourceFile,"):
        return "geotag_list"  # what ExifTool writes about pictures
    if len(data) < 16:
        return "too_short"
    if path.suffix == ".ulg" and len(data) < 64:
        return "no_content"  # a ULog header and nothing behind it
    return ""


def is_encrypted(path):
    """Whether a file is a DJI flight record that only its header can be read of without keys."""
    return "DJIFlightRecord" in path.name and path.suffix == ".txt" and path.read_bytes()[10:11] >= b"\x0d"


def formats():
    """The format of every file that some oracle reads."""
    return {path: name for name, module in _BY_FORMAT.items() for path in module.real_logs()}


def fixes(path, name):
    """How many fixes of the receiver (or the exported estimate) the oracle finds; None where it finds no facts."""
    if name in ("gpx", "dji_txt"):
        return len(_BY_FORMAT[name].rows(path))
    facts = _BY_FORMAT[name].facts(path)
    if facts is None:
        return None
    if name == "tlog":
        return max(len(facts.fixes), len(facts.estimates))
    if name == "srt":
        return len(facts.positions)
    if name in ("csv", "zll"):
        return facts.fixes
    return max((len(f.time_us) for f in (facts.gnss, facts.fused) if f), default=0)


if __name__ == "__main__":
    known = formats()
    for log in manifest():
        what = is_no_log(log) or ("encrypted" if is_encrypted(log) else "") or known.get(log, "?")
        try:
            count = fixes(log, what) if what in _BY_FORMAT else ""
        except Exception as error:
            count = f"{type(error).__name__} in the library"
        print(f"{what:<16} {'' if count is None else count!s:>6}  {log.relative_to(LOGS)}", file=sys.stdout)
