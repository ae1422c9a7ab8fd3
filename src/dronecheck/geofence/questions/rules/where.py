"""Which fixes were where a pack of rules speaks, beyond the errors of fixes and borders, and in the air."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from dronecheck.arrays import Bools, Floats
from dronecheck.borders.territories import Territory
from dronecheck.geo.outline.edges import Edge
from dronecheck.geofence.questions.nearby_territories import NearbyTerritories
from dronecheck.geofence.trajectory.trajectory import PlaneTile, Trajectory

__all__ = ["InPack", "WhereFlown", "airborne", "places_of"]

_NEAR_M = 1_500.0  # no border is known worse
_GROUND_M, _AT_REST_MPS = 5.0, 1.5


@dataclass(frozen=True, slots=True, eq=False)
class InPack:
    """Which fixes are where a pack speaks: for certain, or may be; and of these, on disputed ground; (n,) each."""

    certain: Bools
    maybe: Bools
    disputed: Bools
    territories: tuple[Territory, ...]

    @property
    def any(self) -> Bools:
        """Tell which fixes may be where the pack speaks."""
        return np.asarray(self.certain | self.maybe | self.disputed, dtype=np.bool_)


@dataclass(frozen=True, slots=True, eq=False)
class WhereFlown:
    """Of each territory near: how far each fix is from its outline (m, negative inside), and the guard band."""

    distances: dict[Territory, tuple[Floats, Floats]]
    count: int

    def near(self) -> tuple[Territory, ...]:
        """Return the territories that a fix is in, or may be by the errors."""
        return tuple(t for t, (signed_m, band_m) in self.distances.items() if bool((signed_m < band_m).any()))

    def in_pack(self, codes: Collection[str]) -> InPack:
        """Tell which fixes are in the territories that a pack names (ISO alpha-3).

        Between two of them it is in one or the other, whichever: for certain where no third can be.
        """
        inside, disputed, elsewhere = (np.zeros(self.count, dtype=np.bool_) for _ in range(3))
        candidates = np.zeros(self.count, dtype=np.int64)
        found = []
        for territory, (signed_m, band_m) in self.distances.items():
            near = signed_m < band_m
            if is_member(territory, codes):
                inside |= signed_m <= -band_m
                candidates += near
                found += [territory] if near.any() else []
            elif any(code in codes for code in territory.claimants):
                disputed |= near
                found += [territory] if near.any() else []
            else:
                elsewhere |= near
        certain = (inside | (candidates >= 2)) & ~elsewhere & ~disputed
        return InPack(certain, (candidates > 0) & ~certain & ~disputed, disputed, tuple(found))

    def outside(self, codes: Collection[str]) -> tuple[Floats, Floats]:
        """Return how deep each fix is in any other territory than those (m, negative outside of all), and its band."""
        deepest_m, band_m = np.full(self.count, -np.inf), np.zeros(self.count)
        for territory, (signed_m, own_m) in self.distances.items():
            if is_member(territory, codes):
                continue
            deeper = -signed_m > deepest_m
            deepest_m, band_m = np.where(deeper, -signed_m, deepest_m), np.where(deeper, own_m, band_m)
        return deepest_m, band_m


def is_member(territory: Territory, codes: Collection[str]) -> bool:
    """Tell whether a territory is one of a pack's: by its own code, or by all that claim it."""
    if territory.iso_a3 is not None:
        return territory.iso_a3 in codes
    return bool(territory.claimants) and all(code in codes for code in territory.claimants)


def places_of(trajectory: Trajectory, touched: Sequence[Territory], within_m: float = _NEAR_M) -> WhereFlown:
    """Return where the fixes are; `touched` are the territories the path was in, or may have been.

    A path with no border within `within_m` (m) and its errors is in the one there is: no outline is traced.
    """
    count = len(trajectory)
    if not count or not touched:
        return WhereFlown({}, count)
    pad_m = within_m + trajectory.thresholds.band_sigmas * float(trajectory.h_sigma_m.max())
    land = NearbyTerritories(trajectory, pad_m)
    only, is_uniform = land.only
    if is_uniform:
        return WhereFlown({only: (np.full(count, -np.inf), np.zeros(count))} if only else {}, count)
    return WhereFlown({t: _distance(trajectory, land, t) for t in land.territories}, count)


def _distance(trajectory: Trajectory, land: NearbyTerritories, territory: Territory) -> tuple[Floats, Floats]:
    # GEOS, only where a border is near
    from dronecheck.geo.outline.region import PlanarRegion

    signed_m = np.full(len(trajectory), np.inf)  # where no outline is in sight it is outside
    boundary_deg = np.full((len(trajectory), 2), np.nan)
    outline, regions = land.outline(territory), dict[PlaneTile, PlanarRegion | None]()
    for window in trajectory.windows:
        tile, rows = window.tile, slice(window.first, window.last + 1)
        if tile not in regions:
            box = tile.box(land.pad_m)
            geometry = outline(window, box)
            regions[tile] = None
            if geometry is not None and not geometry.is_empty:
                regions[tile] = PlanarRegion(geometry, Edge.PLANAR, window.plane, box)
        region = regions[tile]
        if region is not None and not region.is_empty:
            signed_m[rows], foot_m = region.signed_distance(window.xy_m)
            boundary_deg[rows] = window.plane.inverse(foot_m)
    sigma_m, p95_m = land.error_of(territory)(boundary_deg)
    band_m = np.maximum(trajectory.thresholds.band_sigmas * np.hypot(trajectory.h_sigma_m, sigma_m), p95_m)
    return signed_m, band_m


def airborne(trajectory: Trajectory) -> Bools:
    """Tell which fixes are of the flight itself, shape (n,): not the rest on the ground before and after it.

    A fix is on the ground where the log says that the motors are off, or it is at rest within 5 m of take-off height,
    with nothing but such before or behind it.
    """
    track = trajectory.track
    with np.errstate(invalid="ignore"):
        is_low = track.is_idle | ((np.abs(track.alt_home_m) <= _GROUND_M) & ~(track.speed_mps > _AT_REST_MPS))
    up = np.flatnonzero(~is_low)
    found = np.zeros(len(track), dtype=np.bool_)
    if len(up):
        found[up[0] : up[-1] + 1] = True
    return found & ~track.is_idle
