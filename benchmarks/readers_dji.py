"""Encrypted DJI flight records beside the same flights in version 8: how much longer decryption makes reading.

    python benchmarks/readers_dji.py

The sample's records, over and over, make files of about 1 MB; the best of several turns each. Target: at most 3 times.
With the package cryptography, and with numpy alone.
"""

from __future__ import annotations

import struct
import sys
import tempfile
import time
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from dronecheck.readers import read
from dronecheck.readers.dji_txt.locked import aes
from tests.support.dji_writer import Lock, details_of, plain_records, scrambled

TURNS, COPIES = 5, 4


def version_8(records: list[tuple[int, bytes]]) -> bytes:
    body = bytearray()
    for number, (kind, content) in enumerate(records):
        payload = scrambled(kind, number * 11 % 256, content)
        body += bytes([kind, len(payload)]) + payload + b"\xff"
    details = details_of()
    head = struct.pack("<QHB", 100 + len(body), len(details), 8).ljust(100, b"\0")
    return bytes(head + body + details)


def best_s(path: Path) -> float:
    """The shortest of several turns."""
    times = []
    for _ in range(TURNS):
        begin = time.perf_counter()
        read(path)
        times.append(time.perf_counter() - begin)
    return min(times)


def main() -> None:
    records = plain_records() * COPIES
    with tempfile.TemporaryDirectory() as folder:
        plain, lock = Path(folder, "plain.txt"), Lock()
        plain.write_bytes(version_8(records))
        locked = lock.save(Path(folder, "locked.txt"), lock.write(records))
        with_package, without = best_s(locked), best_s(plain)
        with mock.patch.object(aes, "find_spec", lambda name: None):
            alone = best_s(locked)
        for name, path, took_s in (
            ("version 8", plain, without),
            ("version 14, cryptography", locked, with_package),
            ("version 14, numpy alone", locked, alone),
        ):
            size_mb = path.stat().st_size / 1e6
            print(f"{name:<26} {size_mb:5.2f} MB  {took_s * 1000:7.1f} ms  {took_s / without:5.2f} times version 8")


if __name__ == "__main__":
    main()
