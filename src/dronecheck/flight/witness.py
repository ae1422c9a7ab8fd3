"""What a log records beside positions: the witnesses that its positions, heights and times are held against."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from dronecheck.arrays import Floats, Ints

__all__ = ["Deferred", "Witness"]


class Deferred(Mapping[str, Floats]):
    """Columns that are made when they are first asked for, and then kept."""

    def __init__(self, makers: Mapping[str, Callable[[], Floats]]) -> None:
        self._makers = dict(makers)
        self._made: dict[str, Floats] = {}

    def __getitem__(self, name: str) -> Floats:
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._makers

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


@dataclass(frozen=True, slots=True, eq=False)
class Witness:
    """The records of one kind, in file order; every column has shape (n,), NaN where a record says nothing.

    `name` is what kind of thing speaks, the same in all formats; `message` the record kind in the log. `time_ns` is in
    the time base of the flight's tracks, `offset` counts as theirs do. Of several witnesses of one name that of
    the judged track comes first. `values` holds these columns, where recorded (speed and velocities north and
    east are made of each other where only one of the two is):

        name        columns
        velocity    vel_north_mps, vel_east_mps, vel_down_mps, speed_mps: of the estimate that made "fused"
        gnss        vel_north_mps, vel_east_mps, vel_down_mps, speed_mps, course_deg, satellites, hdop, eph_m, epv_m,
                    fix_type (3 is 3D), noise, jamming (u-blox: 0 to 255), jamming_state (3 is critical),
                    spoofing (1 is none, 2 indicated, 3 several), gnss_utc_s (seconds since 1970), signal_level
                    (of DJI, 0 to 5)
        attitude    roll_deg, pitch_deg, yaw_deg (from true or magnetic north, 0 to 360)
        imu         accel_x_mps2, accel_y_mps2, accel_z_mps2 (forward, right, down; gravity included),
                    gyro_x_rads, gyro_y_rads, gyro_z_rads
        barometer   pressure_pa, pressure_alt_m (by the standard atmosphere, or above where it was set), temperature_c
        estimator   pos_ratio, vel_ratio, hgt_ratio, mag_ratio: innovations by their gates (1 is refused), reset_count
        battery     voltage_v, current_a, used_mah, remaining_percent
        clocks      boot_s, gnss_utc_s, host_utc_s: read at one instant, whichever the record holds
        distances   home_distance_m, mileage_m, speed_mps, height_home_m, height_amsl_m, height_agl_m, ground_amsl_m as
                    an exporter calculated them; max_... their maxima so far, ..._again the same from another column;
                    lat_deg, lon_deg, home_lat_deg, home_lon_deg of the same row;
                    height_unframed_m above nobody knows what
        engine      noise (0 to 999), as gliders record it
        camera      iso, shutter_per_s, f_number, ev, focal_mm, white_balance, as written
        text        how a line is written: length, fields, decimals_lat, decimals_lon, line_end (0 LF, 1 CR LF, 2 CR),
                    quoted, scientific (1.58E+14), day_numbers (44927.5 for a date), first_same (the first row with the
                    same text, from 0)
        state       armed (0 or 1), flying (0 or 1), mode (a number)
        sequence    seq (0 to 255, each sender counts its messages), component
    """

    name: str
    message: str
    time_ns: Ints
    offset: Ints
    values: Mapping[str, Floats] = field(default_factory=dict)

    def __post_init__(self) -> None:
        shape = self.time_ns.shape
        is_deferred = isinstance(self.values, Deferred)
        for name, column in {"offset": self.offset, **({} if is_deferred else self.values)}.items():
            if column.shape != shape or column.ndim != 1:
                raise ValueError(f"column {name} has shape {column.shape}, time_ns has {shape}")
        if not is_deferred:
            object.__setattr__(self, "values", MappingProxyType(dict(self.values)))

    def __len__(self) -> int:
        return len(self.time_ns)

    def has(self, *names: str) -> bool:
        """Tell whether all these columns are there, each with at least one figure."""
        return all(name in self.values and bool(np.isfinite(self.values[name]).any()) for name in names)

    def column(self, name: str) -> Floats:
        """Return a column, shape (n,); all NaN where it is not recorded."""
        return self.values[name] if name in self.values else np.full(len(self), np.nan)
