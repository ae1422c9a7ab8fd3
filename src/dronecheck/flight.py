"""The normalised flight: what every reader delivers and everything downstream consumes.

Units are in the names. One column per height datum makes mixing them impossible. NaN is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dronecheck.errors import UsageError
from dronecheck.issues import Issue

if TYPE_CHECKING:
    import geopandas
    import pandas as pd

__all__ = [
    "OPERATOR",
    "Clock",
    "ClockSource",
    "Completeness",
    "Event",
    "EventKind",
    "Flight",
    "Home",
    "HorizontalDatum",
    "SigmaSource",
    "Source",
    "Track",
    "Vehicle",
]

OPERATOR = "operator"  # the track of the pilot, phone or controller

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Completeness(StrEnum):
    """Whether the file is whole, judged by its framing."""

    COMPLETE = "complete"
    TRUNCATED = "truncated"  # what is there is intact, and the end is missing
    DAMAGED = "damaged"  # records inside are missing or broken


class HorizontalDatum(StrEnum):
    """Whether the positions are in WGS 84 for certain."""

    WGS84 = "wgs84"  # a satellite receiver's own figures, or a format that says so and is made from them
    UNPROVEN = "unproven"  # passed through an app that may have shifted them: inside mainland China, GCJ-02


class ClockSource(StrEnum):
    """Where absolute time comes from, best first."""

    GNSS = "gnss"  # satellite time in the log
    VEHICLE = "vehicle"  # the vehicle's own clock message
    EXPORT = "export"  # a UTC column written by the exporting app
    HOST = "host"  # the clock of a ground station or phone
    FILE_NAME = "file_name"
    USER = "user"
    NONE = "none"


class SigmaSource(StrEnum):
    """Where `Track.h_sigma_m` comes from."""

    LOGGED = "logged"  # metres of accuracy in the log
    DOP = "assumed_from_dop"  # dilution of precision times an assumed range error
    SATELLITES = "assumed_from_satellites"  # signal level or satellite count, by table
    ASSUMED = "assumed"  # nothing in the log: a default
    MIXED = "mixed"


class EventKind(StrEnum):
    """What happened, as the log itself records it (a state already on at the first record is no event)."""

    ARM = "arm"
    DISARM = "disarm"
    TAKEOFF = "takeoff"
    LAND = "land"
    MODE = "mode"
    MESSAGE = "message"
    HOME = "home"


@dataclass(frozen=True, slots=True)
class Source:
    """The evidence file: `path` as the user gave it, its size and SHA-256, and how it was read."""

    path: Path
    size_bytes: int
    sha256: str
    format: str  # the reader's NAME: "ulog", "csv", ...
    dialect: str  # the variant within the format, "" when there is only one
    reader: str  # the module and its version that read it


@dataclass(frozen=True, slots=True)
class Clock:
    """Is UTC known, from where, and how well (1 sigma, seconds; NaN when unknown)."""

    utc_known: bool
    source: ClockSource
    sigma_s: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Home:
    """The home (return) point as logged; `alt_amsl_m` NaN when unknown. It need not be the take-off place."""

    lat_deg: float
    lon_deg: float
    alt_amsl_m: float = float("nan")


@dataclass(frozen=True, slots=True)
class Vehicle:
    """Facts about the aircraft as the log states them. `serial` is private: only shown on request."""

    kind: str = ""
    model: str = ""
    firmware: str = ""
    hardware: str = ""
    serial: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One recorded event at `time_ns` (same time base as the tracks), traced to `offset`."""

    time_ns: int
    kind: EventKind
    text: str
    offset: int | None = None


_FLOAT_COLUMNS = (
    "lat_deg",
    "lon_deg",
    "alt_amsl_m",
    "alt_hae_m",
    "alt_home_m",
    "alt_agl_m",
    "pressure_alt_m",
    "h_sigma_m",
    "v_sigma_m",
    "speed_mps",
)


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One row per distinct position fix, ascending in time; every column has shape (n,) and is read-only.

    `time_ns` is UTC in nanoseconds since 1970 (time since boot when `Flight.clock.utc_known` is false).
    `h_sigma_m` is one standard deviation per horizontal axis. `alt_home_m` is the height above the take-off or
    home point, `alt_agl_m` above ground as the log itself measured or modelled it. `offset` is the byte offset
    of the record, or the line number (from 1) of a text file. `message` names the record kind behind the rows.

    >>> import dronecheck
    >>> track = dronecheck.read("samples/founding_dandong_sinuiju.ulg").track
    >>> len(track), track.message
    (2513, 'vehicle_global_position')
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
    h_sigma_m: Floats
    v_sigma_m: Floats
    speed_mps: Floats
    offset: Ints
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
        **columns: ArrayLike,
    ) -> Self:
        """Make a track from columns of shape (n,); columns not given are NaN.

        Raises ValueError when shapes differ, time descends, or a position is not finite or off the globe: a
        reader must have dropped such rows (with an Issue) before.
        """
        unknown = set(columns) - set(_FLOAT_COLUMNS)
        if unknown:
            raise ValueError(f"no such track column: {', '.join(sorted(unknown))}")
        times = np.array(time_ns, dtype=np.int64)
        values: dict[str, Any] = {"time_ns": times, "offset": np.array(offset, dtype=np.int64)}
        given = {"lat_deg": lat_deg, "lon_deg": lon_deg, **columns}
        for name in _FLOAT_COLUMNS:
            values[name] = np.array(given[name], dtype=np.float64) if name in given else np.full(times.shape, np.nan)
        for name, column in values.items():
            if column.shape != times.shape or column.ndim != 1:
                raise ValueError(f"column {name} has shape {column.shape}, time_ns has {times.shape}")
            column.flags.writeable = False
        if len(times) and (np.any(np.diff(times) < 0)):
            raise ValueError("time_ns must not descend")
        lat, lon = values["lat_deg"], values["lon_deg"]
        if not (np.all(np.abs(lat) <= 90) and np.all(np.abs(lon) <= 180)):
            raise ValueError("positions must be finite, |lat| <= 90, |lon| <= 180")
        return cls(message=message, h_sigma_source=h_sigma_source, **values)

    @classmethod
    def empty(cls) -> Self:
        """A track without fixes."""
        return cls.build(time_ns=[], lat_deg=[], lon_deg=[], offset=[], message="")

    def __len__(self) -> int:
        return len(self.time_ns)

    def columns(self) -> dict[str, Floats | Ints]:
        """The columns by name, `time_ns` first, in the order of the class."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("message", "h_sigma_source")}

    def to_pandas(self) -> pd.DataFrame:
        """The track as a DataFrame with a UTC DatetimeIndex named `time_utc` (imports pandas)."""
        import pandas as pd

        frame = pd.DataFrame({k: np.array(v) for k, v in self.columns().items()})
        frame.index = pd.DatetimeIndex(pd.to_datetime(frame["time_ns"], unit="ns", utc=True), name="time_utc")
        return frame


@dataclass(frozen=True, eq=False)
class Flight:
    """One flight log, read and normalised.

    `tracks` by name ("gnss" raw satellite fixes, "fused" the autopilot's estimate, "operator" the pilot's or
    phone's position, which never stands for the aircraft); `primary` names the one that is judged, "" when the log has
    none of the aircraft. `datum` holds for all of them.

    >>> import dronecheck
    >>> flight = dronecheck.read("samples/cut_short.ulg")
    >>> flight.completeness.value, flight.clock.source.value
    ('truncated', 'gnss')
    >>> [issue.code.value for issue in flight.issues if issue.severity == "DAMAGE"]
    ['truncated']
    """

    source: Source
    tracks: Mapping[str, Track]
    primary: str
    clock: Clock
    completeness: Completeness = Completeness.COMPLETE
    home: Home | None = None
    vehicle: Vehicle = field(default_factory=Vehicle)
    events: tuple[Event, ...] = ()
    issues: tuple[Issue, ...] = ()
    datum: HorizontalDatum = HorizontalDatum.WGS84

    def __post_init__(self) -> None:
        judged = sorted(set(self.tracks) - {OPERATOR})
        if self.primary not in judged and (judged or self.primary == OPERATOR):
            raise ValueError(f"primary track {self.primary!r} is not among {judged}")
        object.__setattr__(self, "tracks", MappingProxyType(dict(self.tracks)))

    @cached_property
    def track(self) -> Track:
        """The primary track (empty when the log has no position of the aircraft)."""
        return self.tracks.get(self.primary) or Track.empty()

    def to_geopandas(self) -> geopandas.GeoDataFrame:
        """The primary track as points in WGS 84 (EPSG:4326), one row a fix, with the columns of `Track.to_pandas`.

        Raises UsageError where geopandas is not installed.
        """
        try:
            import geopandas
        except ImportError:
            raise UsageError("Flight.to_geopandas() needs geopandas: pip install geopandas") from None
        frame = self.track.to_pandas()
        places = geopandas.points_from_xy(frame["lon_deg"], frame["lat_deg"])
        return geopandas.GeoDataFrame(frame, geometry=places, crs="EPSG:4326")

    def _repr_html_(self) -> str:
        """Facts and a small map, for notebooks."""
        from dronecheck.notebook_html import facts_table, small_map

        track, source = self.track, self.source
        facts: list[tuple[str, object]] = [("log", source.path.name), ("format", f"{source.format} {source.dialect}")]
        facts += [("aircraft", " ".join(filter(None, (self.vehicle.model, self.vehicle.firmware))) or "not said")]
        if len(track):
            start, end = (np.datetime64(int(track.time_ns[i]), "ns").astype("datetime64[s]") for i in (0, -1))
            when = f"{start} to {end} UTC" if self.clock.utc_known else "UTC unknown"
            minutes = (int(track.time_ns[-1]) - int(track.time_ns[0])) / 6e10
            facts += [("time", f"{when} ({minutes:.1f} min; clock: {self.clock.source.value})")]
        facts += [("fixes", f"{len(track):,} ({self.primary or 'no track of the aircraft'})")]
        facts += [("file", self.completeness.value)]
        noted = [f"{issue.severity.value}: {issue.message}" for issue in self.issues if issue.severity.value != "INFO"]
        facts += [("note", text) for text in noted[:5]]
        facts += [("notes", f"{len(noted) - 5} more in Flight.issues")] if len(noted) > 5 else []
        return facts_table(facts) + small_map(track.lat_deg, track.lon_deg)
