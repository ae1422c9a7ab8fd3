"""Cuts the border between China and North Korea at Dandong out of the borders that dronecheck ships.

    python samples/extract_border.py

writes `border_yalu.geojson`, so that `simulate.py` needs no part of dronecheck. Run it again, and `simulate.py` after
it, whenever the bundled borders change.
"""

from __future__ import annotations

import json
from pathlib import Path

import shapely

from dronecheck.borders.territories import border_source, territories_near

BOX_DEG = (124.25, 40.01, 124.49, 40.22)  # west, south, east, north
DECIMALS = 9  # 0.1 mm; the bundled lattice is 2**-18 degree
LINE_SIGMA_M = 2.0  # rounding to that lattice, against the 10 m line it was made from
OUT = Path(__file__).with_name("border_yalu.geojson")


def excerpt() -> str:
    """The excerpt as GeoJSON text: both territories within the box, and the line between them."""
    box = shapely.box(*BOX_DEG)
    polygons = {t.iso_a3: shape for t, shape in territories_near(*BOX_DEG).regions() if t.iso_a3 in ("CHN", "PRK")}
    line = shapely.line_merge(polygons["CHN"].boundary & polygons["PRK"].boundary) & box
    features = [_feature({"kind": "border", "between": ["CHN", "PRK"]}, line)]
    features += [_feature({"kind": "territory", "iso_a3": code}, polygons[code] & box) for code in ("CHN", "PRK")]
    source = border_source()
    about = {
        "attribution": source.attribution,
        "licence": "ODbL-1.0",
        "edition": source.edition,
        "line_sigma_m": LINE_SIGMA_M,
    }
    lines = ",\n".join(json.dumps(feature) for feature in features)
    return f'{{"type": "FeatureCollection", "about": {json.dumps(about)},\n"features": [\n{lines}\n]}}\n'


def _feature(properties: dict[str, object], geometry: shapely.Geometry) -> dict[str, object]:
    rounded = shapely.transform(geometry, lambda points: points.round(DECIMALS))
    return {"type": "Feature", "properties": properties, "geometry": shapely.geometry.mapping(rounded)}


if __name__ == "__main__":
    OUT.write_text(excerpt(), encoding="utf-8", newline="\n")
