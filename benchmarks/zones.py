"""Zone files beside other readers, in one run. `make bench-zones`.

    python benchmarks/zones.py

dronecheck reads, says what it could not, and makes the boxes that a check needs; openair-rs (Rust) parses segments
only; geopandas makes polygons of GeoJSON. Then circles in each format that has them, how long a check of a
5,000-zone library takes to find its zones.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from types import ModuleType

import numpy as np
import run
from _zones import circle_files, scattered_zones

from dronecheck.airspace import load_zones, read_input
from dronecheck.airspace.json.write import write
from dronecheck.report.json.zones_document import ZonesDocument, zones_document
from dronecheck.safe.io import open_input

REPO = Path(__file__).resolve().parents[1]
SHARED = REPO.parent / "shared/airspace"
SEED = 20260101
CIRCLES = 10_000


def indexed(path: Path) -> np.ndarray:
    return load_zones([path]).boxes_deg


def parses(openair: ModuleType, text: str) -> bool:
    try:
        openair.parse_string(text)
    except Exception:
        return False
    return True


def validated(path: Path) -> ZonesDocument:
    """Return what `zones validate --json` writes: each zone with its area and box."""
    source = open_input(path)
    return zones_document(source, read_input(source))


def circles(openair: ModuleType, folder: Path) -> None:
    """Compare files of circles with openair-rs, which parses each, and with each other."""
    files = circle_files(CIRCLES, SEED)
    peer = run.timed(lambda: openair.parse_string(files["OpenAir"].decode()))
    for name, raw in files.items():
        path = folder / "circles"
        path.write_bytes(raw)
        ours, theirs = run.paired(run.timed(lambda path=path: indexed(path)), peer, 3)
        run.report(f"{name}, {CIRCLES:,} circles, read and boxed / openair-rs parses OpenAir", ours, theirs)
        ours, theirs = run.paired(run.timed(lambda path=path: validated(path)), peer, 1)
        run.report(f"{name}, {CIRCLES:,} circles, validated / openair-rs parses OpenAir", ours, theirs)


def main() -> None:
    import openair

    texts = {path: path.read_bytes().decode("utf-8-sig", "replace") for path in sorted(SHARED.glob("openair/*.txt"))}
    readable = {path: text for path, text in texts.items() if parses(openair, text)}
    if readable:
        count = sum(len(load_zones([path]).zones) for path in readable)
        ours, theirs = run.paired(
            run.timed(lambda: [indexed(path) for path in readable]),
            run.timed(lambda: [openair.parse_string(text) for text in readable.values()]),
            5,
        )
        run.report(f"OpenAir, {count} zones of {len(readable)} real files, read and boxed / openair-rs", ours, theirs)
    with tempfile.TemporaryDirectory() as folder:
        circles(openair, Path(folder))
        path = Path(folder) / "zones.geojson"
        path.write_bytes(write(scattered_zones(5_000, SEED).zones))
        try:
            import geopandas
        except ImportError:
            print("geopandas is not installed (make bench-geofence installs it): GeoJSON is not compared")
        else:
            read = run.timed(lambda: geopandas.read_file(path).bounds)
            ours, theirs = run.paired(run.timed(lambda: indexed(path)), read, 5)
            run.report("GeoJSON, 5,000 zones, read and boxed / geopandas.read_file", ours, theirs)
        os.environ["DRONECHECK_HOME"] = folder
        from dronecheck.airspace.library.for_flight import zones_for
        from dronecheck.airspace.library.store import Library, Manifest
        from dronecheck.readers import read_input as read_log

        Library().add(open_input(path), Manifest(name="made"))
        flight = read_log(open_input(REPO / "samples/founding_dandong_sinuiju.ulg"))
        found = run.timed(lambda: zones_for(flight, Library(), None))
        ours, theirs = run.paired(found, run.timed(lambda: indexed(path)), 9)
        run.report("library of 5,000 zones, found for a flight / read from the file", ours, theirs)


if __name__ == "__main__":
    main()
