"""What a DJI controller log records beside positions: the receiver's velocities and clock, the barometric height."""

from __future__ import annotations

import numpy as np

from dronecheck.arrays import Ints
from dronecheck.flight import Witness
from dronecheck.readers.common.records import Records
from dronecheck.readers.common.witnesses import Columns, of_records, stored

__all__ = ["witnesses_of"]

GNSS: Columns = {f"vel_{name}_mps": stored(name, factor=0.01) for name in ("north", "east", "down")}
BAROMETER: Columns = {"pressure_alt_m": stored("height")}


def witnesses_of(gps: Records, estimate: Records, boot_us: Ints, utc_s: Ints) -> tuple[Witness, ...]:
    """Return the witnesses of records whose times are those of the tracks.

    `boot_us` is each GPS record's time by the log's own clock, `utc_s` the satellites' second, 0 where it is not told
    or not the first record of that second; both of shape (n,).
    """
    stated_s = np.where(utc_s > 0, utc_s, np.nan)
    boot_s = np.where(boot_us >= 0, boot_us / 1e6, np.nan)
    at = utc_s > 0
    clocks: Columns = {"boot_s": lambda _: boot_s[at], "gnss_utc_s": lambda _: stated_s[at]}
    moves = gps.numbers("north").any() or gps.numbers("east").any()  # else zeros throughout: never filled in
    return (
        *of_records("gnss", gps, {**(GNSS if moves else {}), "gnss_utc_s": lambda _: stated_s}),
        *of_records("clocks", gps.pick(at), clocks),
        *of_records("barometer", estimate, BAROMETER),
    )
