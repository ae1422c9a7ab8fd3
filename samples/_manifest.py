"""MANIFEST.toml: what each sample is, and the facts it must give by the truth of its simulation."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from _flights import ZONES, Border, Flight, zone_ring
from _kinematics import STEPS_PER_S
from _sensors import H_SIGMA_M, TAU_S
from _truth import Visit, closest, farthest, inside, visits

_HEAD = """\
# What the simulated logs are and what they must give. Written by simulate.py: do not edit.
#
# All facts are those of the noise-free path (10 ms steps): instants to the millisecond, distances on the WGS 84
# ellipsoid. A reader of the noisy log must find them within its own stated errors.
#   rows, fixes      records of the receiver, and those among them that are distinct positions with a fix
#   fused_rows       rows of vehicle_global_position (ULog)
#   start_utc, end_utc   first and last row of the receiver
#   visit            exit_utc absent: the log ends inside. depth_m: the greatest distance from the line while inside
#   nearest_m        least distance from the territory, where it was not entered
#   clock_step_s     what the file's clock leaves open
#   needs_home       no take-off can be read off the file: the verdict is the one with this home given
#   utc_offset_h     the file has a local clock, this many hours ahead of UTC
"""


@dataclass(frozen=True, eq=False)
class Sample:
    """One file to write; without `flight` it is no log."""

    name: str
    format: str
    dialect: str
    seed: int | None
    about: str
    content: bytes
    flight: Flight | None = None
    rows: int = 0
    fixes: int = 0
    fused_rows: int | None = None
    first_fix_s: float = 0.0
    last_fix_s: float = 0.0
    cut_record_at: int | None = None
    clock_step_s: float = 0.0
    utc_offset_h: float | None = None
    needs_home: str | None = None


VERDICTS = {"founding": "VIOLATION", "clear": "CLEAR", "bank_hugging": "INCONCLUSIVE", "restricted": "VIOLATION"}


def manifest_toml(samples: list[Sample], line: Border) -> str:
    """The whole manifest."""
    about = {
        "schema": "dronecheck.samples/1",
        "border_line": "border_yalu.geojson",
        "border_sha256": hashlib.sha256(line.source).hexdigest(),
        "border_edition": line.about["edition"],
        "border_attribution": line.about["attribution"],
        "line_sigma_m": line.line_sigma_m,
        "gnss_h_sigma_m": H_SIGMA_M,
        "gnss_tau_s": TAU_S,
    }
    known: dict[tuple[str, float], list[str]] = {}
    parts = [_HEAD, *_pairs(about)]
    for sample in samples:
        parts += ["", "[[file]]", *_pairs(_file_facts(sample))]
        if sample.flight is None:
            continue
        key = (sample.flight.name, sample.last_fix_s if sample.cut_record_at else 0.0)
        if key not in known:
            known[key] = _true_facts(sample.flight, line, sample.last_fix_s if sample.cut_record_at else None)
        parts += known[key]
    return "\n".join(parts) + "\n"


def _file_facts(sample: Sample) -> dict[str, object]:
    facts: dict[str, object] = {
        "name": sample.name,
        "sha256": hashlib.sha256(sample.content).hexdigest(),
        "bytes": len(sample.content),
        "format": sample.format,
        "dialect": sample.dialect,
        "about": sample.about,
    }
    if sample.flight is None:
        return facts
    facts |= {"seed": sample.seed, "flight": sample.flight.name, "rows": sample.rows, "fixes": sample.fixes}
    if sample.fused_rows is not None:
        facts["fused_rows"] = sample.fused_rows
    if sample.cut_record_at is not None:
        facts["cut_record_at"] = sample.cut_record_at
    facts["clock_step_s"] = sample.clock_step_s
    if sample.utc_offset_h is not None:
        facts["utc_offset_h"] = sample.utc_offset_h
    if sample.needs_home is not None:
        facts["needs_home"] = sample.needs_home
    facts["start_utc"] = _utc(sample.flight, sample.first_fix_s)
    facts["end_utc"] = _utc(sample.flight, sample.last_fix_s)
    return facts


def _true_facts(flight: Flight, line: Border, until_s: float | None) -> list[str]:
    """The facts of a flight; `until_s` where the log ends before it."""
    truth = flight.truth
    lonlat = truth.lonlat_deg()
    facts = {
        "verdict": VERDICTS[flight.name],
        "takeoff_utc": _utc(flight, truth.takeoff_s),
        "takeoff_lat": round(truth.place.lat_deg, 7),
        "takeoff_lon": round(truth.place.lon_deg, 7),
        "takeoff_amsl_m": truth.place.ground_amsl_m,
        "max_height_m": round(float(truth.up_m.max()), 1),
    }
    if flight.name == "restricted":
        found = [(zone, visit) for zone in ZONES for visit in visits(lonlat, zone_ring(zone), zone_ring(zone))]
        facts["home"] = "ARG"
    else:
        found = [("PRK", visit) for visit in visits(lonlat, line.rings["PRK"], line.line)]
        facts |= _border_facts(lonlat, line, flight, entered=bool(found))
    tables = [_visit_facts(flight, zone, visit, line, until_s) for zone, visit in found]
    tables.sort(key=lambda table: str(table["enter_utc"]))
    return [*_pairs(facts), *(text for table in tables for text in ("", "[[file.visit]]", *_pairs(table)))]


def _border_facts(lonlat: np.ndarray, line: Border, flight: Flight, *, entered: bool) -> dict[str, object]:
    at_start = lonlat[:1]
    home = next(code for code, ring in line.rings.items() if inside(at_start, ring)[0])
    facts: dict[str, object] = {"home": home, "takeoff_to_border_m": round(closest(at_start, line.line)[0], 2)}
    if not entered:
        distance_m, at_s = closest(lonlat, line.line)
        facts |= {"nearest": "PRK", "nearest_m": round(distance_m, 2), "nearest_utc": _utc(flight, at_s)}
        facts["farthest_m"] = round(farthest(lonlat, line.line), 2)
    return facts


def _visit_facts(flight: Flight, zone: str, visit: Visit, line: Border, until_s: float | None) -> dict[str, object]:
    facts: dict[str, object] = {
        "zone": zone,
        "enter_utc": _utc(flight, visit.enter_s),
        "entry_lat": round(visit.entry_lonlat[1], 7),
        "entry_lon": round(visit.entry_lonlat[0], 7),
    }
    if until_s is not None:
        steps = slice(int(np.ceil(visit.enter_s * STEPS_PER_S)), round(until_s * STEPS_PER_S) + 1)
        stay = flight.truth.lonlat_deg()[steps]
        return facts | {"depth_m": round(farthest(stay, line.line), 2), "duration_s": round(until_s - visit.enter_s, 3)}
    return facts | {
        "exit_utc": _utc(flight, visit.exit_s),
        "exit_lat": round(visit.exit_lonlat[1], 7),
        "exit_lon": round(visit.exit_lonlat[0], 7),
        "depth_m": round(visit.depth_m, 2),
        "duration_s": round(visit.exit_s - visit.enter_s, 3),
        "path_m": round(visit.path_m, 1),
    }


def _utc(flight: Flight, seconds: float) -> str:
    at = flight.start + timedelta(milliseconds=round(1000 * seconds))
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def _pairs(table: dict[str, object]) -> list[str]:
    return [f"{key} = {_toml(value)}" for key, value in table.items()]


def _toml(value: object) -> str:
    if isinstance(value, str):
        text = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{text}"'
    return str(value)
