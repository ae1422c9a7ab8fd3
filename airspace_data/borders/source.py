"""The npm package as polygons: read, check, and keep away from the antimeridian.

The package holds one GeoJSON FeatureCollection, one feature a territory (``isoA3``), coordinates
in WGS 84 degrees rounded to 1e-7. Its rings are already cut at 180 degrees; `read_package` proves it,
because a ring that jumps across would be "repaired" into a band round the globe.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import tarfile
import tempfile
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

PACKAGE = "@osm_borders/maritime_10m"
VERSION = "1.1.0"
MERCATOR_SOUTH_DEG = -85.04  # the source ends at the edge of the Web Mercator square, about 85.05 south


@dataclass(frozen=True)
class Source:
    """Polygons (each valid, one exterior) with the code of their territory, and the file's digests."""

    polygons: np.ndarray  # of shapely Polygon
    codes: np.ndarray  # of str, same length
    iso_a2: dict[str, str]  # iso_a3 -> iso_a2 where the source has one
    integrity: str  # as npm prints it
    sha256: str  # of the package archive


def fetch(folder: Path) -> Path:
    """Let npm fetch the package by its name into `folder`."""
    command = ["npm", "pack", f"{PACKAGE}@{VERSION}", "--json", "--pack-destination", str(folder)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    return folder / json.loads(answer.stdout)[0]["filename"]


def read_package(archive: Path | None) -> Source:
    """Read the package archive (fetched through npm when None)."""
    if archive is None:
        with tempfile.TemporaryDirectory() as folder:
            return read_package(fetch(Path(folder)))
    data = archive.read_bytes()
    with tarfile.open(archive) as tar:
        if json.load(tar.extractfile("package/package.json"))["version"] != VERSION:
            raise SystemExit(f"{archive.name} is not {PACKAGE} {VERSION}")
        features = json.load(tar.extractfile("package/borders.geo.json"))["features"]
    polygons: list[shapely.Polygon] = []
    codes: list[str] = []
    for feature in features:
        for polygon in polygon_parts(shapely.from_geojson(json.dumps(feature["geometry"]))):
            polygons.append(polygon)
            codes.append(feature["properties"]["isoA3"])
    polygons = reach_south_pole(np.array(polygons))
    refuse_jumps(polygons)
    broken = ~shapely.is_valid(polygons)
    valid = [(polygons[i], codes[i]) for i in np.flatnonzero(~broken)]
    for i in np.flatnonzero(broken):
        valid += [(part, codes[i]) for part in polygon_parts(shapely.make_valid(polygons[i]))]
    parts, names = zip(*valid, strict=True)
    return Source(
        np.array(parts),
        np.array(names),
        {f["properties"]["isoA3"]: f["properties"]["isoA2"] for f in features if "isoA2" in f["properties"]},
        "sha512-" + b64encode(hashlib.sha512(data).digest()).decode(),
        hashlib.sha256(data).hexdigest(),
    )


def polygon_parts(geometry: shapely.Geometry) -> list[shapely.Polygon]:
    """The polygons inside a geometry, however deeply nested."""
    if geometry.geom_type == "Polygon":
        return [geometry]
    return [p for part in getattr(geometry, "geoms", []) for p in polygon_parts(part)]


def reach_south_pole(polygons: np.ndarray) -> np.ndarray:
    """Antarctica ends at the Mercator limit in the source: draw it on to the pole."""

    def stretch(xy: np.ndarray) -> np.ndarray:
        return np.column_stack([xy[:, 0], np.where(xy[:, 1] < MERCATOR_SOUTH_DEG, -90.0, xy[:, 1])])

    return shapely.transform(polygons, stretch)


def refuse_jumps(polygons: np.ndarray) -> None:
    """Stop when a ring leaves [-180, 180] or steps over the antimeridian without being cut there."""
    xy, ring = shapely.get_coordinates(shapely.get_rings(polygons), return_index=True)
    step = np.abs(np.diff(xy[:, 0]))[np.diff(ring) == 0]
    along = np.abs(np.diff(xy[:, 1]))[np.diff(ring) == 0] == 0
    if np.abs(xy[:, 0]).max() > 180 or step[~along].max() > 180:
        raise SystemExit("the source has rings that are not cut at 180 degrees")
