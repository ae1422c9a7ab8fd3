"""The engine's regions against brute force on random cases: `python -m tests.oracle.geofence_run COUNT SEED`."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
import shapely

from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.outline.region import PlanarRegion
from dronecheck.geo.outline.rings import unwrap_ring
from dronecheck.geofence.trajectory.trajectory import PlaneTile, Window
from tests.oracle import geofence_cases as cases
from tests.oracle import geofence_region as oracle

MODELS = ("geodesic", "geodesic", "planar", "rhumb")
NEAR_M = 0.05


@dataclass
class Tally:
    """What was compared. `farthest_m` is how far from an edge the farthest disagreement lay."""

    polygons: int = 0
    points: int = 0
    inside: int = 0
    disagreements: int = 0
    farthest_m: float = 0.0
    example: str = ""

    def __str__(self) -> str:
        return (
            f"{self.points} points, {self.polygons} polygons, {self.inside} inside, "
            f"{self.disagreements} disagreements, the farthest {self.farthest_m * 1000:.1f} mm from an edge"
            f"{'  ' + self.example if self.farthest_m > NEAR_M else ''}"
        )


def engine_inside(case):
    """The region's own answer, in the window that a flight through these points has."""
    lonlat = np.column_stack([np.unwrap(case.points[:, 0], period=360.0), case.points[:, 1]])
    window = Window(0, len(lonlat) - 1, lonlat, PlaneTile.around(lonlat))
    rings = [unwrap_ring(ring) for ring in case.rings]
    polygon = shapely.Polygon(rings[0], rings[1:])
    box = window.tile.box(6_000.0)
    if case.model == "planar":
        turn = 360.0 * np.round((sum(box[::2]) / 2 - sum(polygon.bounds[::2]) / 2) / 360.0)
        polygon = shapely.transform(polygon, lambda xy: xy + np.array([turn, 0.0]))
    region = PlanarRegion(polygon, Edge(case.model), window.plane, box)
    return region, window, region.contains(window.xy_m)


def is_usable(case):
    """Rings are drawn by geodesics; with planar edges they may cross, and then the repair would be asked."""
    return case.model != "planar" or shapely.Polygon(case.rings[0], case.rings[1:]).is_valid


def answers(case):
    """The oracles' answers, each by its name."""
    if case.model == "geodesic":
        return {
            "azimuth": oracle.inside_by_azimuth(case.points, case.rings),
            "horizon": oracle.inside_by_horizon(case.points, case.rings),
        }
    return {"even-odd": oracle.inside_in_degrees(case.points, case.rings, case.model == "rhumb")}


def run(count, seed, models=MODELS):
    """Compare at least `count` points."""
    random, tally = np.random.default_rng(seed), Tally()
    while tally.points < count:
        case = cases.make(random, models[tally.polygons % len(models)])
        if not is_usable(case):
            tally.polygons += 1
            continue
        found = engine_inside(case)[2]
        expected = answers(case)
        tally.polygons += 1
        tally.points += len(found)
        tally.inside += int(found.sum())
        for name, truth in expected.items():
            for k in np.flatnonzero(found != truth):
                tally.disagreements += 1
                off_m = oracle.edge_distance_m(case.points[k], case.rings, case.model)
                if off_m > tally.farthest_m:
                    tally.farthest_m = off_m
                    tally.example = f"{name} {case.model} {case.shape} polygon {tally.polygons} point {k}"
    return tally


if __name__ == "__main__":
    tally = run(int(sys.argv[1]), int(sys.argv[2]))
    print(tally)
    sys.exit(tally.farthest_m > NEAR_M)
