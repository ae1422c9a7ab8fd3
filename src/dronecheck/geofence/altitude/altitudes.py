"""A path's heights in the frame that a limit asks for, by the best way there is, each with its sigma.

Direct columns come first, conversions where they have no figure:

    AMSL       logged; else HAE - N; else above take-off + its height that the user states; else above home + the logged
               height of home; else above take-off + the ground there
    HAE        logged; else logged AMSL + N
    AGL        logged (range finder or the autopilot's terrain); else AMSL - ground; else above take-off, over the place
               of the take-off; else above take-off, give or take the relief that the user states
    pressure   logged static pressure; else AMSL with a QNH; else AMSL, give or take 250 m (30 hPa)

A height whose frame the log contradicts (`datum_check`) counts as unknown, and so does all that follows from it; the
ground at take-off does not follow from it.

Beyond that a height above ground is bounded by the Earth: no land is lower than 450 m below the sea, none higher than
8,850 m above it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np

from dronecheck.airspace.zone import Datum
from dronecheck.arrays import Floats, Ints
from dronecheck.flight import Home
from dronecheck.geo.plane import local_offsets_m
from dronecheck.geo.vertical.datum import HeightColumn, VerticalDatum, pressure_from_amsl_m
from dronecheck.geofence.result import Place, Reason
from dronecheck.geofence.settings import Settings
from dronecheck.geofence.trajectory.trajectory import Trajectory

if TYPE_CHECKING:
    from dronecheck.geo.vertical.geoid import Geoid
    from dronecheck.geo.vertical.terrain import TerrainSource

__all__ = ["HIGHEST_GROUND_M", "LOWEST_GROUND_M", "Altitudes", "DatumHeights", "TerrainHeights"]

LOWEST_GROUND_M, HIGHEST_GROUND_M = -450.0, 8_850.0  # above sea level: the shore of the Dead Sea, Mount Everest
_RELIEF_OF_EARTH_M = HIGHEST_GROUND_M - LOWEST_GROUND_M
_OVER_TAKEOFF_M = 15.0


class TerrainHeights(Protocol):
    """Heights of the ground."""

    def ground_amsl_m(self, lon_deg: Floats, lat_deg: Floats) -> tuple[Floats, Floats]:
        """Return height above EGM96 and its sigma (m), both (n,), at places (n,); NaN where unknown."""
        ...

    def closest_surface_m(self, lon_deg: Floats, lat_deg: Floats, alt_amsl_m: Floats) -> Floats:
        """Return the distance to the closest point of the surface (m), shape (n,); NaN where unknown."""
        ...

    @property
    def sources(self) -> Sequence[TerrainSource]:
        """Return what the heights asked for so far came from."""
        ...


@dataclass(frozen=True, slots=True)
class DatumHeights:
    """Heights above one datum, and why those missing (or known within a bound only) are so."""

    column: HeightColumn
    why: Reason


class Altitudes:
    """All that is known of a path's heights. `geoid` is called only when a conversion needs it.

    `takeoff_row` is the row of the take-off where it is known to be on the ground, for logs without heights above it.
    """

    def __init__(
        self,
        trajectory: Trajectory,
        settings: Settings,
        *,
        home: Home | None = None,
        takeoff: Place | None = None,
        takeoff_row: int | None = None,
        ground: TerrainHeights | None = None,
        geoid: Callable[[], Geoid] | None = None,
        doubted: frozenset[VerticalDatum] = frozenset(),
    ) -> None:
        self.trajectory, self.settings, self.home, self.takeoff, self.ground = (
            trajectory,
            settings,
            home,
            takeoff,
            ground,
        )
        self.doubted, self._takeoff_row = doubted, takeoff_row
        self._geoid = geoid

    def in_datum(self, datum: Datum) -> DatumHeights:
        """Return the heights for a limit of this datum (AMSL, HAE, AGL or FL)."""
        if datum is Datum.AGL:
            return DatumHeights(self._agl, self._why_no_agl())
        ask = {Datum.AMSL: self._amsl, Datum.HAE: self._hae, Datum.FL: self._pressure}
        frame, reason = {
            Datum.AMSL: (VerticalDatum.AMSL, Reason.HEIGHT_UNKNOWN),
            Datum.HAE: (VerticalDatum.HAE, Reason.HEIGHT_UNKNOWN),
            Datum.FL: (VerticalDatum.PRESSURE, Reason.VERTICAL_FRAME_UNKNOWN),
        }[datum]
        return DatumHeights(ask[datum], Reason.VERTICAL_FRAME_UNKNOWN if frame in self.doubted else reason)

    def highest_above_ground(self) -> tuple[int, float, float] | None:
        """Return where the height above the ground is most: row, height, distance to the closest surface point (m).

        None without terrain.
        """
        agl_m = self._over_terrain.value_m(VerticalDatum.AGL_TERRAIN)
        below_m, _ = self._below
        known = np.isfinite(agl_m) & np.isfinite(below_m)
        if self.ground is None or not known.any():
            return None
        row = int(np.argmax(np.where(known, agl_m, -np.inf)))
        at, track = slice(row, row + 1), self.trajectory.track
        closest_m = self.ground.closest_surface_m(track.lon_deg[at], track.lat_deg[at], (agl_m + below_m)[at])
        return row, float(agl_m[row]), float(closest_m[0])

    def closest_surface(self, rows: Ints) -> HeightColumn:
        """Return the distances to the closest point of the surface at some rows, NaN elsewhere and without terrain."""
        column, distance_m = self._over_terrain, np.full(len(self.trajectory), np.nan)
        if self.ground is not None and len(rows):
            amsl_m, track = self._amsl.value_m(VerticalDatum.AMSL), self.trajectory.track
            known = rows[np.isfinite(amsl_m[rows])]
            distance_m[known] = self.ground.closest_surface_m(track.lon_deg[known], track.lat_deg[known], amsl_m[known])
        return HeightColumn.of(VerticalDatum.AGL_TERRAIN, distance_m, column.sigma_m)

    @cached_property
    def above_home(self) -> HeightColumn:
        """Return the heights above home.

        Their errors are the barometer's drift, and a scale error from air colder or warmer than standard.
        """
        height, limits = self.trajectory.track.alt_home_m, self.trajectory.thresholds
        return HeightColumn.of(
            VerticalDatum.HOME, height, np.hypot(limits.baro_sigma_m, limits.baro_scale_sigma * np.abs(height))
        )

    @cached_property
    def on_any_ground(self) -> HeightColumn:
        """Return the heights above ground, give or take all the relief that there is on Earth."""
        middle_m = (LOWEST_GROUND_M + HIGHEST_GROUND_M) / 2
        column = self._amsl.moved(VerticalDatum.AGL_TERRAIN, -middle_m, 0.0, _RELIEF_OF_EARTH_M / 2)
        return column.or_else(self.above_takeoff.moved(VerticalDatum.AGL_TERRAIN, 0.0, 0.0, _RELIEF_OF_EARTH_M))

    @property
    def takeoff_ground_amsl_m(self) -> float:
        """Return the height of the ground at take-off above the sea, by the log or the user; NaN where nobody knows."""
        amsl_m = self._amsl.value_m(VerticalDatum.AMSL)
        at_takeoff_m = amsl_m - self.above_takeoff.value_m(VerticalDatum.HOME)
        known_m = np.sort(at_takeoff_m[np.isfinite(at_takeoff_m)])
        return float(known_m[len(known_m) // 2]) if len(known_m) else float("nan")

    @cached_property
    def above_takeoff(self) -> HeightColumn:
        """Return the heights above home; of a log without any, the rise from the take-off at rest."""
        row = self._takeoff_row
        if row is None or self.above_home.is_known.any() or not self._amsl.is_known[row]:
            return self.above_home
        amsl_m, sigma_m = self._amsl.value_m(VerticalDatum.AMSL), self._amsl.sigma_m
        return HeightColumn.of(VerticalDatum.HOME, amsl_m - amsl_m[row], np.hypot(sigma_m, sigma_m[row]))

    @cached_property
    def _over_takeoff(self) -> HeightColumn:
        """Return the heights above ground where that is the take-off's: over its place, within 15 m and the error."""
        if self.takeoff is None or not self.above_takeoff.is_known.any():
            return self._unknown(VerticalDatum.AGL_TERRAIN)
        track, error_m = self.trajectory.track, self.trajectory.h_sigma_m
        at = self.takeoff.lon_deg, self.takeoff.lat_deg
        away_m = np.hypot(*local_offsets_m(track.lon_deg, track.lat_deg, *at))  # PROJ takes longer than all else
        is_over = (away_m <= _OVER_TAKEOFF_M + error_m) & (error_m <= _OVER_TAKEOFF_M)
        sigma_m = self.trajectory.thresholds.terrain_sigma_m
        return self.above_takeoff.moved(VerticalDatum.AGL_TERRAIN, np.where(is_over, 0.0, np.nan), sigma_m)

    @cached_property
    def _v_sigma_m(self) -> Floats:
        logged = self.trajectory.track.v_sigma_m
        return np.where(np.isfinite(logged), logged, self.trajectory.thresholds.assumed_amsl_sigma_m)

    def _unknown(self, frame: VerticalDatum) -> HeightColumn:
        return HeightColumn.of(frame, np.full(len(self.trajectory), np.nan), np.nan)

    def _logged(self, frame: VerticalDatum, value_m: Floats) -> HeightColumn:
        return self._unknown(frame) if frame in self.doubted else HeightColumn.of(frame, value_m, self._v_sigma_m)

    @cached_property
    def _undulation(self) -> tuple[Floats, float]:
        if self._geoid is None:
            return np.full(len(self.trajectory), np.nan), 0.0
        geoid = self._geoid()
        return geoid.undulation_m(self.trajectory.track.lon_deg, self.trajectory.track.lat_deg), geoid.sigma_m

    @cached_property
    def _amsl(self) -> HeightColumn:
        column = self._logged(VerticalDatum.AMSL, self.trajectory.track.alt_amsl_m)
        ellipsoidal = self._logged(VerticalDatum.HAE, self.trajectory.track.alt_hae_m)
        if (ellipsoidal.is_known & ~column.is_known).any():
            n_m, sigma_m = self._undulation
            column = column.or_else(ellipsoidal.moved(VerticalDatum.AMSL, -n_m, sigma_m))
        if self.settings.takeoff_amsl_m is not None:
            sigma_m = self.trajectory.thresholds.terrain_sigma_m
            column = column.or_else(self.above_home.moved(VerticalDatum.AMSL, self.settings.takeoff_amsl_m, sigma_m))
        if self.home and np.isfinite(self.home.alt_amsl_m) and VerticalDatum.AMSL not in self.doubted:
            sigma_m = self.trajectory.thresholds.assumed_amsl_sigma_m
            column = column.or_else(self.above_home.moved(VerticalDatum.AMSL, self.home.alt_amsl_m, sigma_m))
        if self.ground is not None and self.takeoff is not None and (self.above_home.is_known & ~column.is_known).any():
            at = np.array([self.takeoff.lon_deg]), np.array([self.takeoff.lat_deg])
            ground_m, sigma = self.ground.ground_amsl_m(*at)
            column = column.or_else(self.above_home.moved(VerticalDatum.AMSL, float(ground_m[0]), float(sigma[0])))
        return column

    @cached_property
    def _hae(self) -> HeightColumn:
        column = self._logged(VerticalDatum.HAE, self.trajectory.track.alt_hae_m)
        if VerticalDatum.HAE in self.doubted or not (self._amsl.is_known & ~column.is_known).any():
            return column
        n_m, sigma_m = self._undulation
        return column.or_else(self._amsl.moved(VerticalDatum.HAE, n_m, sigma_m))

    @cached_property
    def _below(self) -> tuple[Floats, Floats]:
        """Return the ground under the path, above sea level, and its sigma, metres."""
        track = self.trajectory.track
        if self.ground is None:
            return np.full(len(track), np.nan), np.full(len(track), np.nan)
        return self.ground.ground_amsl_m(track.lon_deg, track.lat_deg)

    def _why_no_agl(self) -> Reason:
        """Return why there is no height above ground: no ground; or ground, and no height to hold against it."""
        open_ = ~self._agl.is_known | (self._agl.bound_m > 0)
        if not (open_ & np.isfinite(self._below[0])).any():
            return Reason.NO_TERRAIN
        return Reason.VERTICAL_FRAME_UNKNOWN if VerticalDatum.AMSL in self.doubted else Reason.HEIGHT_UNKNOWN

    @cached_property
    def _over_terrain(self) -> HeightColumn:
        """Return heights above the ground that the terrain files give, whatever the log itself says of it."""
        if self.ground is None:
            return self._unknown(VerticalDatum.AGL_TERRAIN)
        below_m, ground_sigma_m = self._below
        return self._amsl.moved(VerticalDatum.AGL_TERRAIN, -below_m, ground_sigma_m)

    @cached_property
    def _agl(self) -> HeightColumn:
        # Measured or modelled, the log does not always say: the worse of the two is assumed.
        sigma_m = np.hypot(self._v_sigma_m, self.trajectory.thresholds.terrain_sigma_m)
        column = HeightColumn.of(VerticalDatum.AGL_TERRAIN, self.trajectory.track.alt_agl_m, sigma_m)
        if self.ground is not None and not column.is_known.all():
            column = column.or_else(self._over_terrain)
        if not column.is_known.all():
            column = column.or_else(self._over_takeoff)
        if self.settings.relief_m is not None:
            by_relief = self.above_takeoff.moved(VerticalDatum.AGL_TERRAIN, 0.0, 0.0, self.settings.relief_m)
            column = column.or_else(by_relief)
        return column

    @cached_property
    def _pressure(self) -> HeightColumn:
        limits, qnh_hpa = self.trajectory.thresholds, self.settings.qnh_hpa
        column = HeightColumn.of(VerticalDatum.PRESSURE, self.trajectory.track.pressure_alt_m, limits.pressure_sigma_m)
        if column.is_known.all():
            return column
        amsl_m = self._amsl.value_m(VerticalDatum.AMSL)
        scale_m = limits.baro_scale_sigma * np.abs(amsl_m)
        if qnh_hpa is None:
            return column.or_else(self._amsl.moved(VerticalDatum.PRESSURE, 0.0, scale_m, limits.unknown_qnh_m))
        by_m = pressure_from_amsl_m(amsl_m, qnh_hpa) - amsl_m
        return column.or_else(
            self._amsl.moved(VerticalDatum.PRESSURE, by_m, np.hypot(scale_m, limits.pressure_sigma_m))
        )
