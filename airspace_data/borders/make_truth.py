"""Make tests/data/border_truth.csv.gz: random places near borders and who claims them in the source.

    python airspace_data/borders/make_truth.py [--source osm_borders-maritime_10m-1.1.0.tgz]

Places lie 3 m to 3.2 km (log-uniform) from a random spot of a random border of the *unsimplified* source;
claimants and the distance to the nearest source border come from its polygons alone, never from the product.
`kind` says whether that nearest border lies between territories ("land") or is an outer limit ("sea").
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import sys
from pathlib import Path

import numpy as np
import shapely

sys.path.insert(0, str(Path(__file__).parent))

from faces import TOUCH_DEG, midpoints, owners_at
from source import read_package

TARGET = Path(__file__).parents[2] / "tests" / "data" / "border_truth.csv.gz"
SEED = 20261122
METRES_PER_DEGREE = 111_195.0
NEAREST_M, FARTHEST_M = 3.0, 3_200.0
WANTED = {"land": 10_000, "sea": 2_000}


def main() -> None:
    """Draw, measure, ask the source, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", type=Path)
    source = read_package(parser.parse_args().source)
    segments = border_segments(source.polygons)
    is_land = np.array([len(o) >= 2 for o in owners_at(source, midpoints(shapely.linestrings(segments)), TOUCH_DEG)])
    random = np.random.default_rng(SEED)
    rows = []
    for kind, count in WANTED.items():
        spots, reach_m = draw(segments[is_land == (kind == "land")], int(count * 1.3), random)
        distance_m, nearest = nearest_border(spots, reach_m, segments)
        good = (distance_m >= NEAREST_M) & (is_land[nearest] == (kind == "land"))
        chosen = np.flatnonzero(good)[:count]
        claimants = owners_at(source, shapely.points(spots[chosen]))
        for i, owners in zip(chosen, claimants, strict=True):
            rows.append(f"{spots[i, 0]:.7f},{spots[i, 1]:.7f},{distance_m[i]:.1f},{kind},{'|'.join(owners)}")
    text = "\n".join(["lon,lat,distance_m,kind,claimants", *rows]) + "\n"
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(len(rows), TARGET.stat().st_size, hashlib.sha256(TARGET.read_bytes()).hexdigest())


def border_segments(polygons: np.ndarray) -> np.ndarray:
    """Every segment of every ring (n, 2, 2), without the cuts at the antimeridian and the poles."""
    xy, ring = shapely.get_coordinates(shapely.get_rings(polygons), return_index=True)
    segments = np.stack([xy[:-1], xy[1:]], axis=1)[np.diff(ring) == 0]
    on_cut = (np.abs(segments[:, :, 0]) == 180).all(axis=1) | (np.abs(segments[:, :, 1]) == 90).all(axis=1)
    return segments[~on_cut]


def draw(segments: np.ndarray, count: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Places beside segments (drawn by length), and how far from the drawn spot they lie."""
    squeeze = np.stack([np.cos(np.radians(segments[:, :, 1].mean(axis=1))), np.ones(len(segments))], axis=1)
    lengths = np.linalg.norm((segments[:, 1] - segments[:, 0]) * squeeze, axis=1)
    picked = random.choice(len(segments), count, p=lengths / lengths.sum())
    along = random.random((count, 1))
    spot = segments[picked, 0] * (1 - along) + segments[picked, 1] * along
    reach_m = np.exp(random.uniform(np.log(NEAREST_M), np.log(FARTHEST_M), count))
    bearing = random.uniform(0, 2 * np.pi, count)
    step = np.stack([np.cos(bearing), np.sin(bearing)], axis=1) * (reach_m / METRES_PER_DEGREE)[:, None]
    places = np.round(spot + step / squeeze[picked], 7)
    inside = np.abs(places[:, 0]) < 180
    return places[inside], reach_m[inside]


def nearest_border(places: np.ndarray, reach_m: np.ndarray, segments: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distance in metres (local plane) to the nearest segment within reach (NaN: none), and its index."""
    squeeze = np.stack([np.cos(np.radians(places[:, 1])), np.ones(len(places))], axis=1)
    pad = 1.01 * reach_m[:, None] / METRES_PER_DEGREE / squeeze
    boxes = shapely.box(*(places - pad).T, *(places + pad).T)
    place, near = shapely.STRtree(shapely.linestrings(segments)).query(boxes)
    start = (segments[near, 0] - places[place]) * squeeze[place]
    run = (segments[near, 1] - segments[near, 0]) * squeeze[place]
    square = np.maximum((run**2).sum(axis=1), 1e-30)
    foot = start + run * np.clip(-(start * run).sum(axis=1) / square, 0, 1)[:, None]
    distance_m = np.linalg.norm(foot, axis=1) * METRES_PER_DEGREE
    order = np.lexsort((distance_m, place))[::-1]  # farthest first, so that the nearest is written last
    least_m, nearest = np.full(len(places), np.nan), np.zeros(len(places), int)
    least_m[place[order]], nearest[place[order]] = distance_m[order], near[order]
    return least_m, nearest


if __name__ == "__main__":
    main()
