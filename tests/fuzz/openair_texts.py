"""OpenAir texts damaged by lines and words: any text gives zones or UnreadableInput, and soon.

    python -m tests.fuzz.openair_texts [SECONDS [SEED]]

What is read must have a box, and come back the same in number when it is written and read again.
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

import numpy as np

import dronecheck
from dronecheck.airspace import openair
from dronecheck.airspace.openair.write import write
from dronecheck.safe.io import Input
from tests.support.growth import hang_guard

SAMPLE = Path(__file__).resolve().parents[2] / "samples/zones/fictitious.openair.txt"
LINES = (
    "AC", "AC R", "AC P", "AC UNC", "AY P", "AY", "AN", "AN Other", "AI x", "AH", "AH UNL (Mon)", "AL FL95/GND",
    "AA NONE", "AA 2024-02-30T00:00Z/NONE", "AA 9999-12-31T24:00Z/NONE", "AA 0001-01-01T00:00+23:59/NONE", "TO x",
    "TC", "DY 1:1N 1:1E", "V D=-", "V D=", "V X=", "V X=90:00:00 N 000:00:00 E", "V X=00:00:00 N 180:00:00 W",
    "V W=5", "V", "DC 0.0001", "DC 2699", "DC 1e9", "DC nan", "DA 5,0,360", "DA 5,-720,999999", "DA 2699,0,359",
    "DB 40:06:00 N 124:21:36 E, 40:06:00 N 124:21:36 E", "DB 90:00:00 N 0:0:0 E, 90:00:00 S 0:0:0 E",
    "DP 90:00:00 N 000:00:00 E", "DP 00:00:00 N 179:59:59 E", "DP 00:00:00 N 179:59:59 W", "*", "* AC P", "\u0000",
    "\ufeff", "AN " + "x" * 5000, "=====",
)  # fmt: skip
WORDS = ("0", "-1", "99999999", "1e400", "nan", ":", "::::", "N", "W", ",", "*", "FL", "GND", "é", "\u202e", "")


def damaged(source: random.Random, text: str) -> str:
    """Some lines lost, doubled, moved, replaced or with a word changed."""
    lines = text.split("\n")
    lines = [line for line in lines if not line.startswith("AA ") or source.random() < 0.02]
    for _ in range(source.choice([1, 3, 10, 40])):
        at = source.randrange(len(lines))
        match source.choice(["lose", "double", "move", "insert", "insert", "word", "word", "case"]):
            case "lose" if len(lines) > 5:
                del lines[at]
            case "double":
                lines.insert(source.randrange(len(lines)), lines[at])
            case "move":
                lines.insert(source.randrange(len(lines)), lines.pop(at))
            case "insert":
                lines.insert(at, source.choice(LINES))
            case "case":
                lines[at] = lines[at].swapcase()
            case _:
                words = lines[at].split(" ")
                words[source.randrange(len(words))] = source.choice(WORDS)
                lines[at] = " ".join(words)
    return source.choice(["\n", "\n", "\r\n", "\r"]).join(lines)


@hang_guard()  # a mutant that hangs is a finding, too
def outcome(text: str, *, polygons: bool = True) -> str:
    """How many zones this text holds, or `unreadable`; any other exception passes through."""
    try:
        zones = openair.read(Input(Path("x.txt"), text.encode("utf-8", "surrogatepass"), "0" * 64))
    except dronecheck.UnreadableInput:
        return "unreadable"
    assert np.isfinite(zones.boxes_deg).all()
    assert all(issue.offset for issue in zones.issues)
    again = openair.read(Input(Path("again.txt"), write(zones.zones), "0" * 64)) if zones.zones else zones
    parts = sum(len(zone.shape.polygons) for zone in zones.zones)
    assert len(again.zones) == parts
    if polygons:
        for zone in zones.zones:
            assert zone.geometry.is_valid
    return f"{len(zones.zones)} zones"


def main() -> int:
    """Damage and read until the time is over."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 30.0
    source = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 20260101)
    end, text, seen = time.monotonic() + seconds, SAMPLE.read_text(), {}
    while time.monotonic() < end:
        result = outcome(damaged(source, text))
        seen[result] = seen.get(result, 0) + 1
    print(dict(sorted(seen.items())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
