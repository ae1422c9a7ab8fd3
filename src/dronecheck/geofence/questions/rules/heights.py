"""Heights in a law's own reference: to the closest point of the surface, or straight down to the ground."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dronecheck.airspace.zone import Datum
from dronecheck.arrays import Bools, Floats
from dronecheck.geo.vertical.datum import VerticalDatum
from dronecheck.geofence.altitude.altitudes import Altitudes
from dronecheck.geofence.answers import breakeven
from dronecheck.geofence.answers.reasons import Reason
from dronecheck.geofence.clauses import Clause, ClauseCode
from dronecheck.geofence.questions.limits.over_limit import LimitHeld

__all__ = ["above_ground", "from_surface", "room"]

_MOST_MEASURED = 400  # fixes whose distance to the surface is measured: each looks at hundreds of places


def above_ground(limit_m: float, altitudes: Altitudes) -> LimitHeld:
    """Hold the height straight above the ground against a limit (m)."""
    known = altitudes.in_datum(Datum.AGL)
    column, k = known.column, altitudes.trajectory.thresholds.band_sigmas
    value_m = column.value_m(VerticalDatum.AGL_TERRAIN)
    return LimitHeld.of(limit_m, value_m, column.sigma_m, column.bound_m, k, known.why)


def from_surface(limit_m: float, altitudes: Altitudes) -> LimitHeld:
    """Hold the distance to the closest point of the surface against a limit (m).

    It is never more than the height straight down: where that keeps the limit, so does it. Beyond, it is measured where
    there is terrain; where the user states the relief, no ground is higher above take-off than that.
    """
    down = above_ground(limit_m, altitudes)
    with np.errstate(invalid="ignore"):
        kept = np.isfinite(down.value) & (down.value + down.band < limit_m)
    value_m, sigma_m, bound_m = _measured(~kept & np.isfinite(down.value), down, altitudes)
    if altitudes.settings.relief_m is not None:
        stated = np.isnan(value_m) & (down.bound > 0)
        value_m, bound_m = np.where(stated, down.value, value_m), np.where(stated, down.bound, bound_m)
    k = altitudes.trajectory.thresholds.band_sigmas
    why = Reason.SURFACE_UNKNOWN if bool(np.isfinite(down.value).all()) else down.why
    return replace(LimitHeld.of(limit_m, value_m, sigma_m, bound_m, k, why), kept=kept)


def _measured(rows: Bools, down: LimitHeld, altitudes: Altitudes) -> tuple[Floats, Floats, Floats]:
    """Return distance to the surface, sigma and bound (m) at rows, by the terrain; NaN where there is none.

    Of many rows some are measured: another's distance differs from theirs by no more than the way between them.
    """
    found = np.flatnonzero(rows).astype(np.int64)
    nothing = np.full(len(rows), np.nan), down.sigma, np.zeros(len(rows))
    if altitudes.ground is None or not len(found):
        return nothing
    some = found
    if len(found) > _MOST_MEASURED:
        evenly = found[np.linspace(0, len(found) - 1, _MOST_MEASURED).astype(np.int64)]
        some = np.unique(np.append(evenly, found[int(np.argmax(down.value[found]))]))
    column = altitudes.closest_surface(some)
    value_m = column.value_m(VerticalDatum.AGL_TERRAIN)
    at = some[np.isfinite(value_m[some])]
    if not len(at):
        return nothing
    up_m = np.nan_to_num(altitudes.in_datum(Datum.AMSL).column.value_m(VerticalDatum.AMSL))
    way_m = altitudes.trajectory.along_m[1] + np.concatenate([[0.0], np.cumsum(np.abs(np.diff(up_m)))])
    after = np.clip(np.searchsorted(at, found), 0, len(at) - 1)
    before = np.clip(after - 1, 0, len(at) - 1)
    is_nearer = way_m[found] - way_m[at[before]] < np.abs(way_m[at[after]] - way_m[found])
    nearest = np.where(is_nearer, at[before], at[after])
    bound_m, filled_m = np.zeros(len(rows)), np.full(len(rows), np.nan)
    filled_m[found], bound_m[found] = value_m[nearest], np.abs(way_m[found] - way_m[nearest])
    return filled_m, np.where(np.isfinite(filled_m), column.sigma_m, down.sigma), bound_m


def room(limit_m: float, altitudes: Altitudes, asked: Bools) -> tuple[Clause, ...]:
    """Say how high it was above take-off where no ground is known, and which ground would keep the limit."""
    top_m = altitudes.above_takeoff.value_m(VerticalDatum.HOME)[asked]
    top_m = top_m[np.isfinite(top_m)]
    if not len(top_m):
        return ()
    highest_m = float(top_m.max())
    ground = breakeven.ground_for_limit(limit_m, highest_m, altitudes)
    return (
        Clause.of(ClauseCode.RULE_ABOVE_TAKEOFF, height_m=highest_m),
        *(Clause(ClauseCode.RULE_WITHIN_BY_GROUND, clause.values) for clause in ground),
    )
