"""What a height is measured from, as a closed set, and the only ways from one to another.

A `HeightColumn` gives its numbers only to who names their frame, and two columns combine only within one frame: heights
of different frames cannot be mixed by accident. Standard deviations add in quadrature.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dronecheck.arrays import Floats

__all__ = [
    "HeightColumn",
    "VerticalDatum",
    "flight_level_m",
    "pressure_altitude_m",
    "pressure_from_amsl_m",
    "static_pressure_altitude_m",
]


_STANDARD_HPA = 1013.25
_SCALE_M = 288.15 / 0.0065  # temperature at sea level over the lapse rate
_EXPONENT = 5.25588
_LOWEST_HPA, _HIGHEST_HPA = 300.0, 1100.0  # 9,200 m up; the deepest ground in the highest pressure
_FLIGHT_LEVEL_M = 30.48  # a hundred feet


class VerticalDatum(StrEnum):
    """What a height is measured from."""

    AMSL = "amsl"  # mean sea level, EGM96 where the log does not say otherwise
    HAE = "hae"  # the WGS 84 ellipsoid
    HOME = "home"  # the home or take-off point
    PRESSURE = "pressure"  # the 1013.25 hPa surface: pressure altitude and flight levels
    AGL_TERRAIN = "agl_terrain"  # the ground below, from a terrain model
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, eq=False)
class HeightColumn:
    """Heights of one frame, shape (n,), NaN unknown, each with its standard deviation.

    `bound_m` bounds an error that is no noise and has no sigma (unknown relief, unknown air pressure): the true height
    may be anywhere within it.
    """

    frame: VerticalDatum
    _value_m: Floats = field(repr=False)
    sigma_m: Floats
    bound_m: Floats

    @classmethod
    def of(cls, frame: VerticalDatum, value_m: ArrayLike, sigma_m: ArrayLike, bound_m: ArrayLike = 0.0) -> HeightColumn:
        """Return a column; sigma and bound may be one number for all."""
        value = np.asarray(value_m, dtype=np.float64)
        sigma = np.broadcast_to(np.asarray(sigma_m, dtype=np.float64), value.shape)
        slack = np.broadcast_to(np.asarray(bound_m, dtype=np.float64), value.shape)
        return cls(frame, value, sigma, slack)

    def __len__(self) -> int:
        return len(self._value_m)

    def value_m(self, frame: VerticalDatum) -> Floats:
        """Return the numbers, for who knows what they are. Raises ValueError when they are of another datum."""
        if frame is not self.frame:
            raise ValueError(f"heights above {self.frame} are not heights above {frame}")
        return self._value_m

    @property
    def is_known(self) -> NDArray[np.bool_]:
        """Tell where there is a height."""
        return np.isfinite(self._value_m)

    def moved(self, to: VerticalDatum, by_m: ArrayLike, sigma_m: ArrayLike, bound_m: ArrayLike = 0.0) -> HeightColumn:
        """Return the heights in another datum, whose zero lies `by_m` below this one's, known to `sigma_m`."""
        return HeightColumn.of(
            to, self._value_m + np.asarray(by_m), np.hypot(self.sigma_m, sigma_m), self.bound_m + np.asarray(bound_m)
        )

    def or_else(self, other: HeightColumn) -> HeightColumn:
        """Return this column, and the other where this one has no height. Raises ValueError when the datums differ."""
        value, known = other.value_m(self.frame), self.is_known
        return HeightColumn.of(
            self.frame,
            np.where(known, self._value_m, value),
            np.where(known, self.sigma_m, other.sigma_m),
            np.where(known, self.bound_m, other.bound_m),
        )


def pressure_altitude_m(pressure_hpa: ArrayLike, reference_hpa: float = _STANDARD_HPA) -> Floats:
    """Return the height in the standard atmosphere (ISO 2533) above the surface of `reference_hpa`, metres."""
    ratio = np.asarray(pressure_hpa, dtype=np.float64) / reference_hpa
    return np.asarray(_SCALE_M * (1.0 - ratio ** (1.0 / _EXPONENT)), dtype=np.float64)


def static_pressure_altitude_m(pressure_hpa: ArrayLike) -> Floats:
    """Return the pressure altitude (m) where a logged pressure can be the outside air's (300 to 1100 hPa), else NaN."""
    pressure = np.asarray(pressure_hpa, dtype=np.float64)
    plausible = (pressure >= _LOWEST_HPA) & (pressure <= _HIGHEST_HPA)
    return pressure_altitude_m(np.where(plausible, pressure, np.nan))


def pressure_from_amsl_m(amsl_m: ArrayLike, qnh_hpa: float) -> Floats:
    """Return the pressure altitude (m) of a height above sea level in a standard atmosphere with this QNH."""
    share = np.maximum(1.0 - np.asarray(amsl_m, dtype=np.float64) / _SCALE_M, 0.0)
    return pressure_altitude_m(qnh_hpa * share**_EXPONENT)


def flight_level_m(level: float) -> float:
    """Return the pressure altitude of a flight level, metres."""
    return level * _FLIGHT_LEVEL_M
