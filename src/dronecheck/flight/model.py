"""The normalised flight: what every reader delivers and everything downstream consumes.

Units are in the names. One column per height datum makes mixing them impossible. NaN is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from dronecheck.errors import UsageError
from dronecheck.flight.gravity import Gravity, graver, gravity_of
from dronecheck.flight.integrity import Integrity
from dronecheck.flight.track import Track
from dronecheck.flight.witness import Witness
from dronecheck.issues import Issue
from dronecheck.messages import Message

if TYPE_CHECKING:
    import geopandas

__all__ = [
    "OPERATOR",
    "Clock",
    "ClockMapping",
    "ClockSource",
    "Completeness",
    "Event",
    "EventKind",
    "Flight",
    "Home",
    "HorizontalDatum",
    "RecordHeader",
    "RecordingKey",
    "Source",
    "Trust",
    "Vehicle",
]

OPERATOR = "operator"  # the track of the pilot, phone or controller


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
    HEADER = "header"  # the start that the header of a record states whose track cannot be read
    FILE_NAME = "file_name"
    USER = "user"
    NONE = "none"


class EventKind(StrEnum):
    """What happened, as the log itself records it (a state already on at the first record is no event)."""

    ARM = "arm"
    DISARM = "disarm"
    TAKEOFF = "takeoff"
    LAND = "land"
    MODE = "mode"
    MESSAGE = "message"
    HOME = "home"
    PHOTO = "photo"  # a picture was taken, or the camera was told to
    VIDEO = "video"  # a film began or ended


@dataclass(frozen=True, slots=True)
class Source:
    """The evidence file: `path` as the user gave it, its size and SHA-256, and how it was read.

    `private_digest` is a second digest of its bytes, which no output shows: what is hidden around home is moved by it.
    """

    path: Path
    size_bytes: int
    sha256: str
    format: str  # the reader's NAME: "ulog", "csv", ...
    dialect: str  # the variant within the format, "" when there is only one
    reader: str  # the module and its version that read it
    private_digest: str = field(default="", repr=False, compare=False)

    @property
    def span(self) -> int:
        """Return more than any offset in the file, a byte's or a line's: what those of the next file count on from."""
        return self.size_bytes + 2


@dataclass(frozen=True, slots=True)
class ClockMapping:
    """How UTC follows from the autopilot's clock: UTC is `offset_s` and its time, which runs `slope_ppm` slow.

    `residual_s` is how far satellite time lies from that line (68 % of the records that state it). Of several starts of
    the clock it is the one with most such records. Times of fixes follow the records themselves, not the line.
    """

    offset_s: float
    slope_ppm: float
    residual_s: float


@dataclass(frozen=True, slots=True)
class Clock:
    """Is UTC known, from where, and how well (1 sigma, seconds; NaN when unknown)."""

    utc_known: bool
    source: ClockSource
    sigma_s: float
    note: Message = Message("")
    is_assumed: bool = (
        False  # its time zone is assumed: UTC may be hours off, and no zone's times can be held against it
    )
    power_up_ns: int | None = None  # when the aircraft's own clock began to count, in the tracks' time base
    elapsed_s: float | None = None  # what a stopwatch of the flight shows at the first fix, where the log has one
    mapping: ClockMapping | None = None  # of the autopilot's clock to satellite time, where the log has both


@dataclass(frozen=True, slots=True)
class Trust:
    """How far the log's own records may be believed."""

    is_simulated: bool = False  # the log says that it comes from a simulator
    looks_simulated: bool = False  # it begins where simulators do


@dataclass(frozen=True, slots=True)
class Home:
    """The home (return) point as logged; `alt_amsl_m` NaN when unknown. It need not be the take-off place."""

    lat_deg: float
    lon_deg: float
    alt_amsl_m: float = float("nan")


@dataclass(frozen=True, slots=True)
class RecordHeader:
    """What a record whose track cannot be read says of its whole flight in clear; unknown is NaN or None.

    It stayed within `within_m` of its start and below `below_m` above take-off, both None where the header's figures
    contradict each other. `pictures` are the places of those taken, (latitude, longitude) in degrees.
    """

    lat_deg: float
    lon_deg: float
    start_ns: int | None
    duration_s: float
    within_m: float | None
    below_m: float | None
    pictures: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class RecordingKey:
    """What two recorders of one flight write alike: the place of take-off and its height by pressure (decimetres)."""

    lat_deg: float
    lon_deg: float
    level_dm: float

    def is_of(self, other: RecordingKey) -> bool:
        """Tell whether both are of one take-off; places may differ by how they are stored, radians or degrees."""
        apart_deg = max(abs(self.lat_deg - other.lat_deg), abs(self.lon_deg - other.lon_deg))
        return self.level_dm == other.level_dm and apart_deg < 1e-9


@dataclass(frozen=True, slots=True)
class Vehicle:
    """Facts about the aircraft as the log states them. `serial` is private: only shown on request."""

    kind: str = ""
    model: str = ""
    firmware: str = ""
    hardware: str = ""
    serial: str = ""
    system: int | None = None  # its number in a stream of several vehicles (MAVLink)


@dataclass(frozen=True, slots=True)
class Event:
    """One recorded event at `time_ns` (same time base as the tracks), traced to `offset`.

    `stated` is the severity that the log gives a message, NOTICE where it gives none. `camera_deg` is which way the
    camera looked at a photo, where the log tells: yaw from north, pitch (-90 straight down) and roll.
    """

    time_ns: int
    kind: EventKind
    text: str
    offset: int | None = None
    stated: Gravity = Gravity.NOTICE
    camera_deg: tuple[float, float, float] | None = None

    @property
    def gravity(self) -> Gravity:
        """Return how grave a message is, as stated or by its words; all else is a notice."""
        return graver(self.stated, gravity_of(self.text)) if self.kind is EventKind.MESSAGE else Gravity.NOTICE


@dataclass(frozen=True, eq=False)
class Flight:
    """One flight log, read and normalised.

    `tracks` by name ("gnss" raw satellite fixes, "fused" the autopilot's estimate, "operator" the pilot's or
    phone's position, which never stands for the aircraft); `primary` names the one that is judged, "" when the log has
    none of the aircraft. `datum` holds for all of them.

    A flight may be joined of several logs (`flight.joined`): `source` is the first, and offsets of tracks and events
    count on through all `sources`; `in_source` gives the file and the place in it.

    `rivals` are those tracks of the aircraft that contradict the primary one beyond their errors: each is judged as
    well. `others` are further vehicles in the file: each is judged as one more flight.

    Two flights are equal only if they are the same object: to ask whether they are of one file, compare
    `source.sha256`. (Comparing all columns would make a dictionary lookup as dear as reading, and tell apart the same
    file read by two versions.)

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
    trust: Trust = Trust()
    ends_airborne: bool = False  # the log breaks off in flight: what follows is unknown
    rivals: tuple[str, ...] = ()
    others: tuple[Flight, ...] = ()  # the other vehicles of the same log, none of which has others
    more_sources: tuple[Source, ...] = ()  # the further files of a flight that was joined of several, as flown
    segments: tuple[Flight, ...] = ()  # what was joined, a flight a file: judged for whether they are one flight
    header: RecordHeader | None = None  # of a record whose track cannot be read without keys
    recording_keys: tuple[RecordingKey, ...] = ()  # of its take-offs, by which another recorder's file is known
    unread_s: float = 0.0  # of the flight, in positions that stand in the log and could not be read
    witnesses: tuple[Witness, ...] = ()  # what the log records beside positions; let go once it was assessed
    integrity: Integrity | None = None  # what tests of the log against itself found; None before they were run

    def __post_init__(self) -> None:
        judged = sorted(set(self.tracks) - {OPERATOR})
        if self.primary not in judged and (judged or self.primary == OPERATOR):
            raise ValueError(f"primary track {self.primary!r} is not among {judged}")
        if not set(self.rivals) <= set(judged) - {self.primary}:
            raise ValueError(f"rivals {self.rivals} are not among {judged} beside {self.primary!r}")
        object.__setattr__(self, "tracks", MappingProxyType(dict(self.tracks)))

    def __repr__(self) -> str:
        from dronecheck.safe.io import plain

        source = self.source
        return f"Flight({plain(plain(source.path.name), 60)}, {source.format}: {self.track.summary()})"

    @property
    def sources(self) -> tuple[Source, ...]:
        """Return the files that it was read from, in the order flown."""
        return (self.source, *self.more_sources)

    def in_source(self, offset: int) -> tuple[int, int]:
        """Return which of `sources` an offset of a track or an event stands in, and its place in that file."""
        for number, source in enumerate(self.sources[:-1]):
            if offset < source.span:
                return number, offset
            offset -= source.span
        return len(self.more_sources), offset

    def of_system(self, system: int) -> Flight | None:
        """Return the flight of the vehicle with that number alone; None where there is none."""
        every = (replace(self, others=()), *self.others)
        return next((flight for flight in every if flight.vehicle.system == system), None)

    @property
    def whole_integrity(self) -> Integrity | None:
        """Return what tests of the log against itself found, of all vehicles in it; None before they were run."""
        if not self.others:
            return self.integrity
        every = (self, *self.others)
        return Integrity.together(one.integrity and one.integrity.of_system(one.vehicle.system) for one in every)

    @cached_property
    def track(self) -> Track:
        """Return the primary track (empty when the log has no position of the aircraft)."""
        return self.tracks.get(self.primary) or Track.empty()

    def to_geopandas(self) -> geopandas.GeoDataFrame:
        """Return the primary track as points in WGS 84 (EPSG:4326), one row a fix, columns as in `Track.to_pandas`.

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
        """Return facts and a small map, for notebooks."""
        from dronecheck.flight.notebook import facts_table, header_facts, small_map

        track, source = self.track, self.source
        facts: list[tuple[str, object]] = [("log", source.path.name), ("format", f"{source.format} {source.dialect}")]
        facts += [("aircraft", " ".join(filter(None, (self.vehicle.model, self.vehicle.firmware))) or "not said")]
        if len(track):
            start, end = (np.datetime64(int(track.time_ns[i]), "ns").astype("datetime64[s]") for i in (0, -1))
            when = f"{start} to {end} UTC" if self.clock.utc_known else "UTC unknown"
            minutes = (int(track.time_ns[-1]) - int(track.time_ns[0])) / 6e10
            facts += [("time", f"{when} ({minutes:.1f} min; clock: {self.clock.source.value})")]
        if self.header is not None and not len(track):
            facts += header_facts(self.header)
        facts += [("fixes", f"{len(track):,} ({self.primary or 'no track of the aircraft'})")]
        facts += [("file", self.completeness.value)]
        noted = [f"{issue.severity.value}: {issue.message}" for issue in self.issues if issue.severity.value != "INFO"]
        facts += [("note", text) for text in noted[:5]]
        facts += [("notes", f"{len(noted) - 5} more in Flight.issues")] if len(noted) > 5 else []
        return facts_table(facts) + small_map(track.lat_deg, track.lon_deg)
