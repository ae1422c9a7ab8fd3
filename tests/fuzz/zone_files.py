"""Damaged zone files through the readers: any bytes give zones or UnreadableInput, and soon.

    python -m tests.fuzz.zone_files [SECONDS [SEED]]

Half of the damage is to bytes, half to the JSON value or the XML tree: members lost, doubled, of other types, swapped
among features.
Each zone that is read must have a box, and be written and read again.
"""

from __future__ import annotations

import copy
import json
import random
import sys
import tempfile
import time
from pathlib import Path
from xml.etree import ElementTree

import dronecheck
from dronecheck.airspace import read_input
from dronecheck.airspace.json.write import write
from dronecheck.safe.io import Input
from tests.fuzz.pipeline import mutant
from tests.support.gis_maker import KINDS, written
from tests.support.growth import hang_guard
from tests.support.kml_maker import SQUARE, document, kmz, placemark
from tests.support.kml_maker import body as body_of
from tests.support.maker_zones import AUTEL, DJI
from tests.support.publisher_zones import ARCGIS, COLLECTION, ITEMS

SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "zones"
ODD = (None, True, 0, -1, 10**400, 1e308, "", "x", "NaN", [], [[]], {}, [None], {"a": 1}, "9999-99-99", "24:00Z")


def samples() -> list[tuple[str, bytes]]:
    """The zone files to damage."""
    files = [(path.name, path.read_bytes()) for path in sorted(SAMPLES.glob("fictitious.*"))]
    limits = "Upper limit: 1000 FT ALT<br/>Lower limit: SFC"
    body = document(*(placemark(body_of(SQUARE, 0, 300), f"EG D00{n}", limits) for n in range(9)))
    return [
        *files,
        ("body.kml", body),
        ("body.kmz", kmz({"doc.kml": body})),
        ("dji.json", json.dumps(DJI).encode()),
        ("autel.json", json.dumps(AUTEL).encode()),
        ("publishers.geojson", json.dumps(COLLECTION).encode()),
        ("openaip.json", json.dumps(ITEMS).encode()),
        ("arcgis.json", json.dumps(ARCGIS).encode()),
        ("lines.geojsonl", b"\n".join(json.dumps(one).encode() for one in COLLECTION["features"])),
    ]


def gis_samples(folder: Path) -> list[tuple[str, bytes]]:
    """The same of GIS formats; needs geopandas."""
    import geopandas
    import shapely

    shapes = [shapely.box(7, 47, 7.1, 47.1), shapely.Polygon([(8, 47), (8.1, 47), (8, 47.1)])]
    given = {"name": ["a", "b"], "upper_m": [120.0, None], "upper_datum": ["AGL", None]}
    frame = geopandas.GeoDataFrame(given, geometry=shapes, crs=4326)
    return [written(folder / f"{kind}{crs}", frame.to_crs(crs), kind) for kind in KINDS for crs in (4326, 32632)]


def reshaped(source: random.Random, data: bytes) -> bytes:
    """The JSON with some of its values replaced, or the XML with some elements; other formats damaged as bytes."""
    if data.startswith(b"<"):
        return _regrown(source, data)
    try:
        whole = json.loads(data)
    except ValueError:
        return mutant(source, data)
    for _ in range(source.choice([1, 2, 8])):
        holder, key = _place(source, whole)
        match source.choice(["odd", "odd", "lose", "wrap", "copy"]):
            case "lose" if isinstance(holder, dict):
                del holder[key]
            case "wrap":
                holder[key] = [holder[key]]
            case "copy":
                other, at = _place(source, whole)
                holder[key] = json.loads(json.dumps(other[at]))
            case _:
                holder[key] = copy.deepcopy(source.choice(ODD))
    return json.dumps(whole).encode()


def _regrown(source: random.Random, data: bytes) -> bytes:
    """The XML with elements lost, doubled, moved, renamed, or of another text."""
    root = ElementTree.fromstring(data)
    for _ in range(source.choice([1, 2, 8])):
        elements = list(root.iter())
        holder, other = source.choice([e for e in elements if len(e)]), source.choice(elements)
        place = source.randrange(len(holder))
        match source.choice(["text", "text", "lose", "copy", "name", "swap"]):
            case "lose" if len(elements) > 2:
                holder.remove(holder[place])
            case "copy":
                holder.insert(place, copy.deepcopy(other))
            case "name":
                holder[place].tag = other.tag
            case "swap":
                holder[:] = source.sample(list(holder), len(holder))
            case _:
                other.text = source.choice([str(odd) for odd in ODD] + [e.text or "" for e in elements[:200]])
        if not len(root):
            break
    return ElementTree.tostring(root)


def _place(source: random.Random, whole: object) -> tuple:
    """A member or item somewhere in the value."""
    holder, key, depth = {"": whole}, "", 0
    while isinstance(holder[key], (dict, list)) and holder[key] and (depth < 2 or source.random() < 0.8):
        holder = holder[key]
        key = source.choice(list(holder)) if isinstance(holder, dict) else source.randrange(len(holder))
        depth += 1
    return holder, key


@hang_guard()  # a mutant that hangs is a finding, too
def outcome(name: str, data: bytes) -> str:
    """How many zones these bytes hold, or `unreadable`; any other exception passes through."""
    try:
        zones = read_input(Input(Path(name), data, "0" * 64))
    except dronecheck.UnreadableInput:
        return "unreadable"
    assert len(zones.boxes_deg) == len(zones.zones)
    again = read_input(Input(Path("again.geojson"), write(zones.zones), "0" * 64))
    assert len(again.zones) + sum(i.count for i in again.issues if i.code == "zone_skipped") == len(zones.zones)
    return f"{len(zones.zones)} zones"


def main() -> int:
    """Damage and read until the time is over."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 30.0
    source = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 20260101)
    with tempfile.TemporaryDirectory() as folder:
        files = samples() + gis_samples(Path(folder))
    end, seen = time.monotonic() + seconds, {}
    while time.monotonic() < end:
        name, data = source.choice(files)
        result = outcome(name, source.choice([mutant, reshaped])(source, data))
        seen[result] = seen.get(result, 0) + 1
    print(dict(sorted(seen.items())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
