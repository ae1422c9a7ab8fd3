"""GCJ-02, the shifted coordinates of mainland Chinese maps: 24 to 705 m beside WGS 84, by a fixed function of place.

The standard itself is not public. The function is the one that has been known since 2012 and that the open map
libraries share: a Krasovsky-1940 ellipsoid (a = 6378245 m, e^2 = 0.00669342162296594) and a polynomial with sine terms
around 105 E 35 N. It agrees with map providers to about a metre.
"""

from __future__ import annotations

import numpy as np

from dronecheck.arrays import Floats

__all__ = ["gcj02_from_wgs84", "wgs84_from_gcj02"]


_SEMI_MAJOR_M = 6378245.0
_ECCENTRICITY_SQ = 0.00669342162296594323
_ROUNDS = 10  # the inverse gains a factor of about 500 each: four already reach 1e-10 degrees


def gcj02_from_wgs84(lonlat_deg: Floats) -> Floats:
    """Move points of shape (n, 2), longitude and latitude in degrees, from WGS 84 to GCJ-02."""
    return np.asarray(lonlat_deg + _shift(lonlat_deg), dtype=np.float64)


def wgs84_from_gcj02(lonlat_deg: Floats) -> Floats:
    """Move points of shape (n, 2), longitude and latitude in degrees, from GCJ-02 to WGS 84.

    The inverse of `gcj02_from_wgs84`, by fixed-point iteration.
    """
    guess = lonlat_deg - _shift(lonlat_deg)
    for _ in range(_ROUNDS):
        guess = lonlat_deg - _shift(guess)
    return np.asarray(guess, dtype=np.float64)


def _shift(lonlat_deg: Floats) -> Floats:
    """Return the degrees of longitude and latitude that GCJ-02 adds, shape (n, 2)."""
    x, y = lonlat_deg[:, 0] - 105.0, lonlat_deg[:, 1] - 35.0
    root = np.sqrt(np.abs(x))
    common = (20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)) * 2 / 3
    north_m = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common
    north_m = north_m + (20 * np.sin(np.pi * y) + 40 * np.sin(np.pi / 3 * y)) * 2 / 3
    north_m = north_m + (160 * np.sin(np.pi / 12 * y) + 320 * np.sin(np.pi / 30 * y)) * 2 / 3
    east_m = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common
    east_m = east_m + (20 * np.sin(np.pi * x) + 40 * np.sin(np.pi / 3 * x)) * 2 / 3
    east_m = east_m + (150 * np.sin(np.pi / 12 * x) + 300 * np.sin(np.pi / 30 * x)) * 2 / 3
    phi = np.radians(lonlat_deg[:, 1])
    w = 1 - _ECCENTRICITY_SQ * np.sin(phi) ** 2
    meridional_m = _SEMI_MAJOR_M * (1 - _ECCENTRICITY_SQ) / w**1.5
    parallel_m = _SEMI_MAJOR_M / np.sqrt(w) * np.cos(phi)
    return np.column_stack([np.degrees(east_m / parallel_m), np.degrees(north_m / meridional_m)])
