"""The circles that are left out: around each place of home, moved and widened so that their middle is not home.

Whoever sees where tracks stop sees the rim, and finds the middle. So the middle is moved, by at most the radius asked
for, in a direction and by a length that follow from a digest of the log: each time the same, for several circles around
one home would tell it again. The radius grows by as much, so that all within the radius asked for stays out.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from math import inf, sqrt

import numpy as np

from dronecheck.arrays import Bools, Floats
from dronecheck.flight import Track
from dronecheck.geo.plane import LocalPlane, geodesic_ahead, geodesic_m
from dronecheck.geofence.result import Place
from dronecheck.quantities import coordinate_digits
from dronecheck.report.privacy.homes import Homes

__all__ = ["Circles"]

_ROUNDED_M = 1.0  # JSON has 8 digits, and the page draws to half a metre
_MOST_DIGITS = 7
_HALF = 16  # hex digits, of which the direction and the length take as many


@dataclass(frozen=True, slots=True)
class Circles:
    """Circles of one radius; `middles` are longitudes and latitudes, shape (n, 2)."""

    middles: Floats
    radius_m: float

    @classmethod
    def around(cls, homes: Homes, hide_m: float) -> Circles:
        """Return what hides all within `hide_m` of the places of home."""
        # With the radius, for two of them moved alike would tell where both were moved from.
        chosen = hashlib.sha256(f"{homes.digest} {float(hide_m)!r}".encode()).hexdigest()
        azimuth_deg = 360.0 * int(chosen[:_HALF], 16) / 16.0**_HALF
        # The root: as likely in every part of the circle of that radius.
        length_m = hide_m * sqrt(int(chosen[_HALF : 2 * _HALF], 16) / 16.0**_HALF)
        places = np.array([[t.place.lon_deg, t.place.lat_deg] for t in homes.places], dtype=np.float64).reshape(-1, 2)
        count = len(places)
        moved = geodesic_ahead(places, np.full(count, azimuth_deg), np.full(count, length_m)) if count else places
        return cls(moved, hide_m + length_m + _ROUNDED_M)

    def hides(self, place: Place) -> bool:
        """Tell whether a place is left out."""
        return bool(self._distance_m(np.array([place.lon_deg]), np.array([place.lat_deg]))[0] <= self.radius_m)

    def hides_written(self, place: Place, sigma_m: float | None) -> bool:
        """Tell whether a place is left out, or would seem to be, with as few digits as that sigma deserves or more."""
        some = range(coordinate_digits(sigma_m), _MOST_DIGITS + 1)
        written = (Place(round(place.lat_deg, digits), round(place.lon_deg, digits)) for digits in some)
        return self.hides(place) or any(map(self.hides, written))

    def hidden_rows(self, track: Track) -> Bools:
        """Tell which fixes are left out, shape (n,)."""
        return np.asarray(self._distance_m(track.lon_deg, track.lat_deg) <= self.radius_m, dtype=np.bool_)

    def hidden_steps(self, track: Track) -> Bools:
        """Tell which straight ways between two neighbouring fixes touch what is left out, shape (n - 1,)."""
        touched = np.zeros(max(len(track) - 1, 0), dtype=np.bool_)
        if not len(touched):
            return touched
        lonlat = np.column_stack([track.lon_deg, track.lat_deg])
        for lon, lat in self.middles.tolist():
            xy = LocalPlane(lon, lat).forward(lonlat)
            begin, step = xy[:-1], np.diff(xy, axis=0)
            length = np.maximum((step**2).sum(axis=1), 1e-12)
            share = np.clip(-(begin * step).sum(axis=1) / length, 0.0, 1.0)
            foot = begin + share[:, np.newaxis] * step
            touched |= ~(np.hypot(*foot.T) > self.radius_m)
        return touched

    def _distance_m(self, lon_deg: Floats, lat_deg: Floats) -> Floats:
        nearest_m = np.full(len(lon_deg), inf)
        for lon, lat in self.middles.tolist() if len(lon_deg) else ():
            nearest_m = np.minimum(nearest_m, geodesic_m(lon_deg, lat_deg, lon, lat))
        return nearest_m
