"""A ring of vertices as it is meant on the globe: the short way over the antimeridian, and around a pole."""

from __future__ import annotations

import numpy as np

from dronecheck.arrays import Floats

__all__ = ["unwrap_ring"]


_EXACT_DEG = 1e-9


def unwrap_ring(ring_deg: Floats) -> Floats:
    """Return a closed ring (n, 2) with longitudes that do not jump, closed over the pole that it goes around, if any.

    179 to -179 is the short way. Exactly 360 degrees in one edge is the whole way round, as in a box of the world.
    """
    lon, lat = ring_deg[:, 0], ring_deg[:, 1]
    step = np.diff(lon)
    turns = np.where(np.abs(np.abs(step) - 360.0) < _EXACT_DEG, 0.0, np.round(step / 360.0))
    turns[np.abs(step) == 180.0] = 0.0
    unwrapped = lon - 360.0 * np.concatenate([[0.0], np.cumsum(turns)])
    ring = np.column_stack([unwrapped, lat])
    turn = unwrapped[-1] - unwrapped[0]
    if abs(abs(turn) - 360.0) < _EXACT_DEG:
        pole = float(np.copysign(90.0, lat.mean()))
        ring = np.vstack([ring, [ring[-1, 0], pole], [ring[0, 0], pole], ring[:1]])
    return ring
