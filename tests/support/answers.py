"""Keeps what every sample and dialect is answered, so that no answer changes without the audits' basis: `make answers`.

`tests/data/answers.json` is written anew only where `_ANSWERS` (audit/engine/fingerprint.py) was raised, or nothing
differs but what is new.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from dronecheck.airspace import load_zones
from dronecheck.audit.engine.fingerprint import read_by
from dronecheck.errors import UnreadableInput
from dronecheck.flight import Flight
from dronecheck.geofence.engine import check
from dronecheck.geofence.settings import Settings
from dronecheck.readers import read
from tests.readers import csv_samples

REPO = Path(__file__).parents[2]
KEPT = REPO / "tests/data/answers.json"
NO_LOGS = (".md", ".py", ".toml", ".geojson")


def answers() -> dict[str, Any]:
    """Return by name what each log gives: its fixes, notes, and the answers to all three questions."""
    zones = load_zones(REPO / "samples/restricted_zone.geojson")
    flights = {}
    for path in sorted((REPO / "samples").iterdir()):
        if path.is_file() and path.suffix not in NO_LOGS:
            try:
                flights[path.name] = read(path)
            except UnreadableInput:
                flights[path.name] = None
    flights |= {f"csv {name}": csv_samples.read(text) for name, text in csv_samples.SAMPLES.items()}
    return {name: _answer(flight, zones) for name, flight in flights.items() if flight is not None}


def _answer(flight: Flight, zones: Any) -> dict[str, Any]:
    """Round so that another machine's last digits are the same."""
    result = check(flight, zones, Settings(max_height_m=120.0))
    track = flight.track
    return {
        "primary": flight.primary,
        "fixes": len(track),
        "untimed": int((~track.is_timed).sum()),
        "parts": int(track.part[-1]) + 1 if len(track) else 0,
        "first_s": round(int(track.time_ns[0]) / 1e9, 1) if len(track) else None,
        "middle": [_mean(track.lat_deg, 6), _mean(track.lon_deg, 6), _mean(track.h_sigma_m, 2)],
        "heights": [_mean(column, 1) for column in (track.alt_amsl_m, track.alt_home_m, track.alt_hae_m)],
        "notes": sorted(f"{issue.code.value} {issue.count}" for issue in flight.issues),
        "checks": [f"{c.question.value} {c.verdict} {' '.join(c.reasons)}" for c in result.checks],
        "findings": [
            [f.verdict.value, f.zone.id if f.zone else None, None if f.margin_m is None else round(f.margin_m)]
            for f in result.findings
        ],
    }


def _mean(column: np.ndarray, digits: int) -> float | None:
    known = column[np.isfinite(column)]
    return round(float(known.mean()), digits) if len(known) else None


def main() -> None:
    """Write the file; refuse where an answer has changed under the same basis."""
    now, by = answers(), read_by()
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {"read_by": "", "answers": {}}
    changed = [name for name, answer in kept["answers"].items() if now.get(name) != answer]
    if changed and kept["read_by"] == by:
        sys.exit(
            f"answers have changed ({', '.join(changed[:5])}): raise _ANSWERS in audit/engine/fingerprint.py first"
        )
    KEPT.write_text(json.dumps({"read_by": by, "answers": now}, indent=1, default=str) + "\n")


if __name__ == "__main__":
    main()
