"""Are the verdicts as often wrong as they say? Simulated flights past a border and a narrow zone. `make calibrate`.

True paths keep a known margin; the fixes carry a Gauss-Markov error (tau 180 s) and white noise, per axis, of the
sigma the log states. The margin runs from -5 (inside) to +5 sigma.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from math import erf, sqrt
from pathlib import Path

import numpy as np
import shapely

from dronecheck.flight import Track
from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.plane import LocalPlane
from dronecheck.geofence.result import Verdict
from dronecheck.geofence.settings import Thresholds
from dronecheck.geofence.trajectory.distance_profile import trace
from dronecheck.geofence.trajectory.region_distance import RegionDistance
from dronecheck.geofence.trajectory.trajectory import Trajectory
from dronecheck.geofence.trajectory.visits import closest_approach, decide_visit, visits

PLANE = LocalPlane(20.0, 45.0)
SIGMA_M, TAU_S, STEP_S, COUNT = 3.0, 180.0, 1.0, 60
WHITE = 0.3  # share of the sigma that is white
BORDER = shapely.Polygon(PLANE.inverse([[-9e3, -9e3], [0, -9e3], [0, 9e3], [-9e3, 9e3]]))
STRIP = shapely.Polygon(PLANE.inverse([[-20, -9e3], [0, -9e3], [0, 9e3], [-20, 9e3]]))  # 6.7 sigma wide


def noise(random: np.random.Generator) -> np.ndarray:
    keep = np.exp(-STEP_S / TAU_S)
    slow = np.empty((COUNT, 2))
    slow[0] = random.standard_normal(2)
    for row in range(1, COUNT):
        slow[row] = keep * slow[row - 1] + sqrt(1 - keep**2) * random.standard_normal(2)
    return SIGMA_M * (sqrt(1 - WHITE**2) * slow + WHITE * random.standard_normal((COUNT, 2)))


def fly(margin_m: float, random: np.random.Generator) -> Trajectory:
    """Along a parabola whose nearest point to the line x = 0 is `margin_m` from it (negative: inside)."""
    y = np.linspace(-300, 300, COUNT)
    truth = np.column_stack([margin_m + 120 * (y / 300) ** 2, y])
    lonlat = PLANE.inverse(truth + noise(random))
    times = (np.arange(COUNT) * STEP_S * 1e9).astype(np.int64) + 1_750_000_000_000_000_000
    track = Track.build(
        time_ns=times,
        lat_deg=lonlat[:, 1],
        lon_deg=lonlat[:, 0],
        offset=np.arange(COUNT),
        message="fix",
        h_sigma_m=np.full(COUNT, SIGMA_M),
    )
    return Trajectory(track, Thresholds())


def exact(foot: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.zeros(len(foot)), np.zeros(len(foot))


def verdict_of(path: Trajectory, zone: shapely.Geometry) -> Verdict:
    profile = trace(path, lambda *_: zone, Edge.PLANAR, 5_000)
    stays = visits(RegionDistance(profile, exact))
    if stays:
        found = [decide_visit(stay, path)[0] for stay in stays]
        return Verdict.VIOLATION if Verdict.VIOLATION in found else Verdict.INCONCLUSIVE
    near = closest_approach(RegionDistance(profile, exact))
    return Verdict.CLEAR if near is None or near.within is None else Verdict.INCONCLUSIVE


def run(flights: int, seed: int = 1) -> Iterator[tuple[str, float, Verdict]]:
    """Zone, true margin in sigmas (negative inside) and verdict of each flight."""
    random = np.random.default_rng(seed)
    for number in range(flights):
        margin = -5 + 10 * (number + 0.5) / flights
        path = fly(margin * SIGMA_M, random)
        for name, zone in (("border", BORDER), ("zone 20 m wide", STRIP)):
            yield name, margin, verdict_of(path, zone)


def wrong_rates(rows: list[tuple[str, float, Verdict]]) -> tuple[float, float]:
    """VIOLATION of flights that stayed outside, CLEAR of flights that went in, as shares of all flights."""
    violations = sum(m > 0 and v is Verdict.VIOLATION for _, m, v in rows)
    clears = sum(m < 0 and v is Verdict.CLEAR for _, m, v in rows)
    return violations / len(rows), clears / len(rows)


def undecided_in_theory(margins: np.ndarray) -> np.ndarray:
    """P(INCONCLUSIVE) if one error is common to the whole pass: the seen margin falls within +-2.3263 sigma.

    Real errors wander, and the nearest of many fixes decides: more passes outside stay open, fewer inside. That is
    `undecided_in_one_dimension`.
    """
    phi = np.vectorize(lambda x: 0.5 * (1 + erf(x / sqrt(2))))
    return np.asarray(phi(2.3263 - margins) - phi(-2.3263 - margins))


def undecided_in_one_dimension(margins: np.ndarray, runs: int = 4_000, seed: int = 2) -> np.ndarray:
    """The same by simulation on a line: no geometry, no engine, only the wandering error; the nearest fix decides."""
    random = np.random.default_rng(seed)
    keep = np.exp(-STEP_S / TAU_S)
    slow = random.standard_normal(runs)
    away = 120 * (np.linspace(-300, 300, COUNT) / 300) ** 2 / SIGMA_M
    least = np.full(runs, np.inf)
    for extra in away:
        white = WHITE * random.standard_normal(runs)
        least = np.minimum(least, extra + sqrt(1 - WHITE**2) * slow + white)
        slow = keep * slow + sqrt(1 - keep**2) * random.standard_normal(runs)
    return np.array([np.mean(np.abs(margin + least) < 2.3263) for margin in margins])


def _plot(rows: list[tuple[str, float, Verdict]], target: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axis = plt.subplots(figsize=(7, 4), dpi=100)
    edges = np.linspace(-5, 5, 21)
    middle = (edges[1:] + edges[:-1]) / 2
    margins = np.array([m for name, m, _ in rows if name == "border"])
    found = np.array([v.value for name, _, v in rows if name == "border"])
    cell = np.digitize(margins, edges) - 1
    for verdict, mark in ((Verdict.VIOLATION, "s-"), (Verdict.INCONCLUSIVE, "o--"), (Verdict.CLEAR, "^:")):
        share = [float(np.mean(found[cell == i] == verdict.value)) for i in range(len(middle))]
        axis.plot(middle, share, mark, label=verdict.value, markersize=4)
    fine = np.linspace(-5, 5, 201)
    axis.plot(fine, undecided_in_theory(fine), color="0.6", linewidth=1, label="INCONCLUSIVE, one common error")
    axis.plot(fine, undecided_in_one_dimension(fine), color="0.3", linewidth=1, dashes=(1, 1),
              label="INCONCLUSIVE, wandering error")  # fmt: skip
    axis.set_xlabel("true margin to the border (sigma of the fixes; negative: inside)")
    axis.set_ylabel("share of simulated flights")
    axis.legend(fontsize=8)
    axis.grid(alpha=0.3)
    figure.tight_layout()
    target.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(target, metadata={"Software": None})


def main() -> None:
    flights = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
    rows = list(run(flights))
    print(f"{'true margin':>14} {'zone':<16} {'VIOLATION':>9} {'INCONCL.':>9} {'CLEAR':>9} {'common':>9} {'wander':>9}")
    print(f"{'':67} theory of INCONCLUSIVE")
    for name in dict.fromkeys(row[0] for row in rows):
        for low in range(-5, 5):
            here = Counter(v for n, m, v in rows if n == name and low <= m < low + 1)
            margins = np.linspace(low, low + 1, 51)
            theory, wander = undecided_in_theory(margins).mean(), undecided_in_one_dimension(margins).mean()
            shares = (f"{here[v] / here.total():9.3f}" for v in Verdict)
            print(f"{low:+d} to {low + 1:+d} sigma {name:<16} {' '.join(shares)} {theory:9.3f} {wander:9.3f}")
        violation, clear = wrong_rates([row for row in rows if row[0] == name])
        print(f"{name}: wrong VIOLATION {violation:.2%}, wrong CLEAR {clear:.2%} of all flights\n")
    if flights >= 1_000:
        _plot(rows, Path(__file__).resolve().parents[1] / "docs/images/calibration.png")


if __name__ == "__main__":
    main()
