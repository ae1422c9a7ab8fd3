"""The MAVLink reader and pymavlink on the same file, side by side.

    python benchmarks/readers_tlog.py [LOG.tlog [megabytes]]

The log is repeated (with its stamps and times since boot moved on) until it has that size. pymavlink reads through
`recv_match(type=...)` the messages that dronecheck uses: once with its index (`mavmmaplog`, which checks no frame but
those it returns), once as a stream (`mavlogfile`). Fixes and estimates are counted. Five paired runs; medians;
imports not included. Memory is the peak of what the reader allocates beyond the file, in a further run.

Aimed at: 30 times mavmmaplog, memory of 0.25. Reached on three real logs grown to 60 MB: 11 to 13 (in processor time
14) and 0.54 to 0.63. Of the reader's time the checksums of all frames are about a third (half of that is fetching the
bytes), the walk a quarter, headers and payloads a sixth, clock, tracks and events a fifth. Without any checksum it is
some 20 times (an estimate); that is not done, since a bit flipped in an id would hide a fix among messages that
nobody looks at. Memory: 8 bytes a frame for its offset (0.2 of the file), the rows, and the columns of the tracks.
"""

from __future__ import annotations

import os
import statistics
import struct
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path

os.environ["MAVLINK20"] = "1"

from pymavlink import mavutil

from dronecheck.readers import tlog
from dronecheck.readers.tlog.messages import USED
from dronecheck.safe.io import open_input

MESSAGES = [name for name, _ in USED.values()]
RUNS = 5
SAMPLE = Path(__file__).resolve().parents[1] / "samples" / "founding_dandong_sinuiju.tlog"


def grow(path: Path, megabytes: float) -> bytes:
    """The log again and again; stamps and time_boot_ms, time_usec of the positions go on."""
    from pymavlink.dialects.v20 import all as dialect

    data, records, at = path.read_bytes(), [], 0
    while at + 16 <= len(data):
        magic, length, flags = data[at + 8 : at + 11]
        end = at + 8 + length + (8 if magic == 0xFE else 12 + 13 * (flags & 1))
        if end > len(data):
            break
        records.append(data[at:end])
        at = end
    span_us = struct.unpack(">Q", records[-1][:8])[0] - struct.unpack(">Q", records[0][:8])[0] + 1_000_000
    span_us -= span_us % 1000
    out, turn = bytearray(), 0
    while len(out) < megabytes * 1e6:
        for record in records:
            frame = bytearray(record[8:])
            first = frame[0] == 0xFE
            msg_id = frame[5] if first else int.from_bytes(frame[7:10], "little")
            begin = 6 if first else 10
            fields = {33: ((4, 0, 1000),), 2: ((8, 0, 1), (4, 8, 1000)), 24: ((8, 0, 1),)}.get(msg_id, ())
            if fields and turn:
                if not first:  # zeros at the end of a payload are cut off: put them back
                    missing = dialect.mavlink_map[msg_id].unpacker.size - frame[1]
                    frame[-2:-2] = bytes(missing)
                    frame[1] += missing
                for size, offset, step in fields:
                    where = slice(begin + offset, begin + offset + size)
                    value = int.from_bytes(frame[where], "little")
                    if value:
                        frame[where] = (value + turn * span_us // step).to_bytes(size, "little")
                extra = dialect.mavlink_map[msg_id].crc_extra
                end = begin + frame[1]
                frame[end : end + 2] = dialect.x25crc(bytes(frame[1:end]) + bytes([extra])).crc.to_bytes(2, "little")
            out += struct.pack(">Q", struct.unpack(">Q", record[:8])[0] + turn * span_us) + frame
        turn += 1
    return bytes(out)


def by_pymavlink(path: str, opener=mavutil.mavmmaplog) -> tuple[int, int]:
    log = opener(path)
    fixes = estimates = 0
    while (message := log.recv_match(type=MESSAGES)) is not None:
        if message.get_type() == "GPS_RAW_INT":
            fixes += message.fix_type >= 3
        elif message.get_type() == "GLOBAL_POSITION_INT":
            estimates += bool(message.lat or message.lon)
    return fixes, estimates


def timed(work):
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def main() -> None:
    log = Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLE
    data = grow(log, float(sys.argv[2]) if len(sys.argv) > 2 else 15)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "grown.tlog"
        path.write_bytes(data)
        source = open_input(path)
        tlog.read(source)
        pairs = []
        for _ in range(RUNS):
            ours_s, flight = timed(lambda: tlog.read(source))
            theirs_s, counts = timed(lambda: by_pymavlink(str(path)))
            pairs.append((ours_s, theirs_s))
        tracemalloc.start()
        tlog.read(source)
        peak = tracemalloc.get_traced_memory()[1] / len(data)
        tracemalloc.stop()
        ours = tuple(len(flight.tracks[name]) if name in flight.tracks else 0 for name in ("gnss", "fused"))
        megabytes = len(data) / 1e6
        ours_s, theirs_s = (statistics.median(column) for column in zip(*pairs, strict=True))
        ratio = statistics.median(theirs / mine for mine, theirs in pairs)
        print(f"{log.name}, grown to {megabytes:.1f} MB; rows {ours}, pymavlink {counts}")
        print(f"  dronecheck {ours_s:.3f} s ({megabytes / ours_s:,.0f} MB/s), every checksum verified")
        print(f"  memory     {peak:.2f} times the file")
        print(f"  pymavlink  {theirs_s:.3f} s ({megabytes / theirs_s:,.1f} MB/s)")
        stream_s, _ = timed(lambda: by_pymavlink(str(path), mavutil.mavlogfile))
        print(f"  ratio      {ratio:.1f} (to mavlogfile, one run: {stream_s / ours_s:.0f})")


if __name__ == "__main__":
    main()
