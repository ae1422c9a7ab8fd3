"""What a DJI flight record tells beside positions, as witnesses against them.

witness      record    fields
velocity     OSD       speeds x, y, z: north, east, down (dm/s)
gnss         OSD       satellites, signal level
attitude     OSD       @24 pitch, @26 roll, @28 yaw (0.1 degrees)
state        OSD       motors, ground or sky, flight mode
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dronecheck.arrays import Floats, Ints
from dronecheck.flight import Witness
from dronecheck.readers.common.witnesses import of_columns

__all__ = ["witnesses_of"]

MOTORS, PLACE, IN_SKY, MODE = 0x08, 0x06, 2, 0x7F


def witnesses_of(rows: NDArray[np.void], offsets: Ints, time_ns: Ints) -> tuple[Witness, ...]:
    """Return the witnesses of all position records, in file order; columns of shape (n,)."""

    def tenths(name: str) -> Floats:
        return rows[name].astype(np.float64) / 10

    velocity = {"vel_north_mps": tenths("vx"), "vel_east_mps": tenths("vy"), "vel_down_mps": tenths("vz")}
    gnss = {
        "satellites": rows["satellites"].astype(np.float64),
        "signal_level": (rows["level"] >> 2 & 0x0F).astype(np.float64),
    }
    attitude = {"roll_deg": tenths("roll"), "pitch_deg": tenths("pitch"), "yaw_deg": tenths("yaw")}
    state = {
        "armed": ((rows["state"] & MOTORS) > 0).astype(np.float64),
        "flying": ((rows["state"] & PLACE) > IN_SKY).astype(np.float64),
        "mode": (rows["mode"] & MODE).astype(np.float64),
    }
    named: dict[str, dict[str, Floats]] = {"velocity": velocity, "gnss": gnss, "attitude": attitude, "state": state}
    if not any(angle.any() for angle in attitude.values()):
        del named["attitude"]  # zeros throughout: never filled in
    return tuple(w for name, values in named.items() for w in of_columns(name, "OSD", time_ns, offsets, values))
