"""The track: one row per position fix, one column per height datum, units in the names. NaN is unknown."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dronecheck.arrays import Bools, Floats, Ints

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SigmaSource", "Track"]

_MARKS = ("is_timed", "part", "is_idle", "film_s")


class SigmaSource(StrEnum):
    """Where `Track.h_sigma_m` comes from."""

    LOGGED = "logged"  # metres of accuracy as the receiver states them
    ESTIMATED = "logged_of_estimate"  # metres of accuracy as the autopilot's estimator states them of itself
    DOP = "assumed_from_dop"  # dilution of precision times an assumed range error
    SATELLITES = "assumed_from_satellites"  # signal level or satellite count, by table
    ASSUMED = "assumed"  # nothing in the log: a default
    ESTIMATE = "assumed_of_estimate"  # an estimate without satellites behind it: a wide default
    MIXED = "mixed"


_FLOAT_COLUMNS = (
    "lat_deg",
    "lon_deg",
    "alt_amsl_m",
    "alt_hae_m",
    "alt_home_m",
    "alt_agl_m",
    "pressure_alt_m",
    "alt_unframed_m",
    "h_sigma_m",
    "v_sigma_m",
    "speed_mps",
    "film_s",
)


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One row per distinct position fix, in the order flown; every column has shape (n,) and is read-only.

    `time_ns` is UTC in nanoseconds since 1970 (time since boot when `Flight.clock.utc_known` is false). Where
    `is_timed` is false nobody knows the fix's time: `time_ns` holds a place between its neighbours' and says nothing
    else. `part` counts, from 0, the stretches between which the clock starts again: times ascend within a part and not
    beyond, and how long lies between two parts is unknown. `is_idle` is true where the log says that the aircraft
    stood on the ground with its motors off. `film_s` is where in its film a fix of a film or of subtitles stands.
    `h_sigma_m` is one standard deviation per horizontal axis. `alt_home_m` is the height above the take-off or
    home point, `alt_agl_m` above ground as the log itself measured or modelled it. `offset` is the byte offset
    of the record, or the line number (from 1) of a text file. `message` names the record kind behind the rows.

    >>> import dronecheck
    >>> track = dronecheck.read("samples/founding_dandong_sinuiju.ulg").track
    >>> len(track), track.message
    (2513, 'vehicle_global_position')
    >>> track[:100]
    Track(100 fixes of vehicle_global_position in 19.8 s)
    >>> track.to_pandas()["alt_amsl_m"].max().round(1).item()
    126.5
    """

    time_ns: Ints
    lat_deg: Floats
    lon_deg: Floats
    alt_amsl_m: Floats
    alt_hae_m: Floats
    alt_home_m: Floats
    alt_agl_m: Floats
    pressure_alt_m: Floats
    alt_unframed_m: Floats  # above nobody knows what: only its differences mean anything
    h_sigma_m: Floats
    v_sigma_m: Floats
    speed_mps: Floats
    offset: Ints
    is_timed: Bools
    part: Ints
    is_idle: Bools
    film_s: Floats  # since its film began; NaN where no film was made
    message: str = ""
    h_sigma_source: SigmaSource = SigmaSource.ASSUMED

    @classmethod
    def build(
        cls,
        *,
        time_ns: ArrayLike,
        lat_deg: ArrayLike,
        lon_deg: ArrayLike,
        offset: ArrayLike,
        message: str,
        h_sigma_source: SigmaSource = SigmaSource.ASSUMED,
        is_timed: ArrayLike | None = None,
        part: ArrayLike | None = None,
        is_idle: ArrayLike | None = None,
        **columns: ArrayLike,
    ) -> Self:
        """Make a track from columns of shape (n,); columns not given are NaN, all timed, one part, never idle.

        Raises ValueError when shapes differ, a part's time or the parts descend, or a position is not finite or off the
        globe: a reader must have dropped such rows (with an Issue) before.
        """
        unknown = set(columns) - set(_FLOAT_COLUMNS)
        if unknown:
            raise ValueError(f"no such track column: {', '.join(sorted(unknown))}")
        times = np.array(time_ns, dtype=np.int64)
        values: dict[str, Any] = {"time_ns": times, "offset": np.array(offset, dtype=np.int64)}
        values["is_timed"] = np.full(times.shape, True) if is_timed is None else np.array(is_timed, dtype=np.bool_)
        values["part"] = np.zeros(times.shape, np.int64) if part is None else np.array(part, dtype=np.int64)
        values["is_idle"] = np.full(times.shape, False) if is_idle is None else np.array(is_idle, dtype=np.bool_)
        given = {"lat_deg": lat_deg, "lon_deg": lon_deg, **columns}
        for name in _FLOAT_COLUMNS:
            values[name] = np.array(given[name], dtype=np.float64) if name in given else np.full(times.shape, np.nan)
        for name, column in values.items():
            if column.shape != times.shape or column.ndim != 1:
                raise ValueError(f"column {name} has shape {column.shape}, time_ns has {times.shape}")
            column.flags.writeable = False
        next_part = np.diff(values["part"])
        if np.any(next_part < 0) or np.any((np.diff(times) < 0) & (next_part == 0)):
            raise ValueError("time_ns must not descend within a part, nor part")
        lat, lon = values["lat_deg"], values["lon_deg"]
        if not (np.all(np.abs(lat) <= 90) and np.all(np.abs(lon) <= 180)):
            raise ValueError("positions must be finite, |lat| <= 90, |lon| <= 180")
        return cls(message=message, h_sigma_source=h_sigma_source, **values)

    @classmethod
    def empty(cls) -> Self:
        """Return a track without fixes."""
        return cls.build(time_ns=[], lat_deg=[], lon_deg=[], offset=[], message="")

    def __len__(self) -> int:
        return len(self.time_ns)

    def __repr__(self) -> str:
        return f"Track({self.summary()})"

    def summary(self) -> str:
        """Return in a few words how many fixes there are, of what, over what time."""
        if not len(self):
            return "no fixes"
        from dronecheck.safe.io import plain

        span_s = self.duration_s
        during = "" if span_s is None else f" in {span_s:,.1f} s"
        return f"{len(self):,} fixes of {plain(plain(self.message), 40)}{during}"

    def time_at(self, row: int) -> int | None:
        """Return the time of one fix (ns); None where nobody knows it, or without any fix."""
        return int(self.time_ns[row]) if len(self) and self.is_timed[row] else None

    @property
    def duration_s(self) -> float | None:
        """Return the seconds from the first fix to the last; None where the times do not tell."""
        if not len(self) or self.part[0] != self.part[-1] or not (self.is_timed[0] and self.is_timed[-1]):
            return None
        return int(self.time_ns[-1] - self.time_ns[0]) / 1e9

    def __getitem__(self, rows: slice) -> Self:
        """Return some of the fixes, as `track[10:20]` or `track[::5]`.

        Raises TypeError for anything but a slice: one fix is no track (its figures are `track.lat_deg[3]`), and a mask
        goes to `where`; ValueError for a step that goes back in time.
        """
        if not isinstance(rows, slice):
            raise TypeError(
                f"a Track is sliced, as track[10:20], not indexed by {type(rows).__name__}; see Track.where"
            )
        return self.replace(**{name: column[rows] for name, column in self._all_columns().items()})

    def where(self, rows: Bools | NDArray[np.integer]) -> Self:
        """Return the fixes that a mask of shape (n,) is true for, or those of these row numbers, ascending."""
        return self.replace(**{name: column[rows] for name, column in self._all_columns().items()})

    def shifted(self, by_ns: int) -> Self:
        """Return the same fixes later by so many nanoseconds (earlier where negative)."""
        return self.replace(time_ns=self.time_ns + by_ns) if by_ns else self

    def replace(self, **columns: ArrayLike) -> Self:
        """Return the track with these columns, shape (n,), instead of its own. Raises ValueError as `build` does."""
        given: dict[str, Any] = {**self._all_columns(), **columns}
        return self.build(message=self.message, h_sigma_source=self.h_sigma_source, **given)

    def columns(self) -> dict[str, Floats | Ints]:
        """Return the columns of figures by name, `time_ns` first, in the order of the class."""
        return {name: column for name, column in self._all_columns().items() if name not in _MARKS}

    def _all_columns(self) -> dict[str, Any]:
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("message", "h_sigma_source")}

    def to_pandas(self) -> pd.DataFrame:
        """Return the track as a DataFrame with a UTC DatetimeIndex named `time_utc` (imports pandas).

        Fixes whose time nobody knows have NaT and NA.
        """
        import pandas as pd

        frame = pd.DataFrame({k: np.array(v) for k, v in self.columns().items()})
        if not self.is_timed.all():
            frame["time_ns"] = frame["time_ns"].astype("Int64").where(self.is_timed)
        frame.index = pd.DatetimeIndex(pd.to_datetime(frame["time_ns"], unit="ns", utc=True), name="time_utc")
        return frame
