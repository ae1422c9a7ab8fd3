"""Zones: an area with a floor and a ceiling, what it means, and where it comes from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dronecheck.airspace.schedule import ALWAYS, Schedule
from dronecheck.errors import UsageError
from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.types import Box
from dronecheck.issues import Issue
from dronecheck.messages import Message
from dronecheck.safe.io import plain

if TYPE_CHECKING:
    import geopandas
    from shapely.geometry.base import BaseGeometry

    from dronecheck.geo.outline.shape import Shape

__all__ = [
    "EFFECT_OF_KIND",
    "CoversFrom",
    "Datum",
    "Effect",
    "Incomplete",
    "Limit",
    "Zone",
    "ZoneKind",
    "ZoneSet",
    "ZoneSource",
    "contradiction_of",
    "joined",
]


class Datum(StrEnum):
    """What a vertical limit is measured from."""

    AMSL = "AMSL"  # metres above mean sea level
    AGL = "AGL"  # metres above ground
    HAE = "HAE"  # metres above the WGS 84 ellipsoid
    FL = "FL"  # pressure altitude at 1013.25 hPa, metres (flight level n is n * 30.48 m)
    GND = "GND"  # the ground itself
    UNL = "UNL"  # unlimited
    UNKNOWN = "UNKNOWN"  # the source says something that could not be read


@dataclass(frozen=True, slots=True)
class Limit:
    """A floor or ceiling; `value_m` is NaN for GND, UNL and UNKNOWN."""

    value_m: float
    datum: Datum


GROUND = Limit(float("nan"), Datum.GND)
UNLIMITED = Limit(float("nan"), Datum.UNL)


def contradiction_of(lower: Limit, upper: Limit) -> Message:
    """Return why nothing is between this floor and this ceiling: a slip of the file, for which the zone is in doubt.

    Limits above different surfaces are not compared; "" where nothing contradicts.
    """
    if lower.datum is Datum.UNL or upper.datum is Datum.GND:
        return Message("its floor is unlimited") if lower.datum is Datum.UNL else Message("its ceiling is the ground")
    if lower.datum is upper.datum and lower.value_m > upper.value_m:
        return Message(
            "its floor {floor_m:g} m lies above its ceiling {ceiling_m:g} m",
            floor_m=lower.value_m,
            ceiling_m=upper.value_m,
        )
    return Message("")


class ZoneKind(StrEnum):
    """What sort of zone it is."""

    BORDER = "border"
    PROHIBITED = "prohibited"
    RESTRICTED = "restricted"
    DANGER = "danger"
    CONTROL = "control"
    NATURE = "nature"
    OTHER = "other"
    RULE = "rule"  # a rule of a pack, in findings alone


class Effect(StrEnum):
    """What being inside means; only the first two reach the verdict."""

    FORBIDDEN = "forbidden"
    NEEDS_AUTHORISATION = "needs_authorisation"
    CONDITIONAL = "conditional"
    INFORMATION = "information"


EFFECT_OF_KIND = {
    ZoneKind.PROHIBITED: Effect.FORBIDDEN,
    ZoneKind.RESTRICTED: Effect.NEEDS_AUTHORISATION,
    ZoneKind.CONTROL: Effect.NEEDS_AUTHORISATION,
    ZoneKind.NATURE: Effect.NEEDS_AUTHORISATION,
    ZoneKind.OTHER: Effect.NEEDS_AUTHORISATION,
    ZoneKind.DANGER: Effect.CONDITIONAL,
}


class CoversFrom(StrEnum):
    """Who says which territories a source of zones speaks for."""

    FEED = "feed"  # the table of official feeds
    FILE = "file"  # the file, by the country that its zones name
    USER = "user"
    GUESS = "guess"  # nobody: it is where most of its zones lie, and holds no farther than near them


@dataclass(frozen=True, slots=True)
class ZoneSource:
    """Where zones come from: a file (or the bundled borders) with its hash, edition and terms.

    `valid_from_ns` and `valid_to_ns` bound the edition as a whole, as the file itself states them (None: it does not).
    `covers` are the codes of the territories it speaks for (`airspace.covers`); `covers_from` is None of what is no
    source of zones, and while nobody has asked.
    """

    name: str
    sha256: str
    edition: str | None = None
    licence: str | None = None
    accuracy_m: float | None = None
    valid_from_ns: int | None = None
    valid_to_ns: int | None = None
    attribution: str | None = None  # what the licence asks to be said
    covers: tuple[str, ...] = ()
    covers_from: CoversFrom | None = None

    @property
    def terms(self) -> str | None:
        """Return the licence with what it asks to be said."""
        return f"{self.licence}: {self.attribution}" if self.attribution else self.licence


@dataclass(frozen=True, slots=True, eq=False)
class Zone:
    """One zone. `accuracy_m` is one standard deviation of the outline.

    Times are UTC nanoseconds since 1970, None for open: outside `valid_from_ns` to `valid_to_ns` the zone does not
    exist, within them it is in force by its `schedule`.

    >>> import dronecheck
    >>> zone = dronecheck.load_zones(["samples/restricted_zone.geojson"]).zones[0]
    >>> zone.id, zone.upper.value_m, zone.upper.datum.value
    ('SIM-R1', 300.0, 'AMSL')
    """

    id: str
    name: str
    kind: ZoneKind
    shape: Shape
    source: ZoneSource
    edge: Edge = Edge.PLANAR
    lower: Limit = GROUND
    upper: Limit = UNLIMITED
    accuracy_m: float = 0.0
    authority: str = ""
    valid_from_ns: int | None = None
    valid_to_ns: int | None = None
    schedule: Schedule = ALWAYS
    stated_effect: Effect | None = None  # by the format's own classes; None: what its kind means
    remarks: str = ""  # conditions and messages of the source, for people
    doubt: str = ""  # what of its properties could not be read: then an entry cannot be judged

    @property
    def effect(self) -> Effect:
        """Return the zone's effect: what being inside means."""
        return self.stated_effect or EFFECT_OF_KIND.get(self.kind, Effect.NEEDS_AUTHORISATION)

    @property
    def geometry(self) -> BaseGeometry:
        """Return the area, polygonal in WGS 84 degrees, longitudes unwrapped within each polygon."""
        return self.shape.geometry

    def box_deg(self) -> Box:
        """Return the zone's box (degrees), with all that its outline may be and geodesic edges' bulge.

        The bulge of an edge W degrees of longitude wide is at most W^2 / 917 degrees for small W, and below W^2 / 667
        up to 90 degrees.
        """
        west, south, east, north = self.shape.bounds
        if self.edge in (Edge.PLANAR, Edge.RHUMB):
            return west, south, east, north
        width = east - west
        bulge = width**2 / 667.0 if width <= 90.0 else 180.0
        if max(abs(south), abs(north)) + bulge < 89.0:
            return west, south - bulge, east, north + bulge
        return -180.0, south - bulge, 180.0, north + bulge  # over a pole it may be at any longitude

    def digest(self) -> str:
        """Return the SHA-256 of all that a verdict can hang on; not of the file that it stands in."""
        shape = (self.shape.geometry.wkb, self.shape.uncertain.wkb if self.shape.uncertain is not None else b"")
        told = [getattr(self, f.name) for f in fields(self) if f.name not in ("shape", "source")]
        return hashlib.sha256(repr((shape, told)).encode("utf-8", "surrogatepass")).hexdigest()


class Incomplete(StrEnum):
    """Why zones of a place are not known: an entry into them cannot be excluded."""

    UNREADABLE = "unreadable"  # a feature, or an edition of the library, that could not be read
    NO_EDITION = "no_edition"  # a source of this place has no edition for the flight's day
    PAGE = "page"  # a page of a service, which says that there are more


@dataclass(frozen=True, repr=False)
class ZoneSet:
    """Zones with the sources they come from and what could not be read in them.

    It has a length and is iterated zone by zone; it is true even when it has no zones, for an empty zone file is not
    the same as none.

    `zones` may decode each zone when it is asked for; such a sequence has its own `boxes_deg`. `alternatives` is given
    where one of several sets holds and nobody can tell which: then `zones` has the zones of all of them. `skipped`
    features could not be read; `incomplete` says why zones are missing, in the order of the enum. `format` says as what
    a file was read, "" for zones of several files and of the library. `parts` are the sets of single files that it was
    joined of: each speaks for territories of its own.

    >>> import dronecheck
    >>> zones = dronecheck.load_zones("samples/restricted_zone.geojson")
    >>> len(zones), [zone.id for zone in zones]
    (2, ['SIM-R1', 'SIM-C1'])
    """

    zones: Sequence[Zone] = ()
    sources: tuple[ZoneSource, ...] = ()
    issues: tuple[Issue, ...] = field(default=())
    alternatives: tuple[ZoneSet, ...] = ()
    skipped: int = 0
    incomplete: tuple[Incomplete, ...] = ()
    format: str = ""
    parts: tuple[ZoneSet, ...] = ()

    def __len__(self) -> int:
        return len(self.zones)

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Iterator[Zone]:
        return iter(self.zones)

    def __repr__(self) -> str:
        names = [plain(plain(source.name), 60) for source in self.sources]
        of = f" of {names[0] if len(names) == 1 else f'{len(names)} sources'}" if names else ""
        return f"ZoneSet({len(self)} zones{of}, {len(self.issues)} issues)"

    def to_geopandas(self) -> geopandas.GeoDataFrame:
        """Return a GeoDataFrame: one row a zone, properties in metres and UTC, outlines in EPSG:4326.

        Raises UsageError without geopandas.
        """
        try:
            import geopandas
        except ImportError:
            raise UsageError("zones as a GeoDataFrame need geopandas: pip install geopandas") from None
        rows = [_row(zone) for zone in self.zones]
        columns = {name: [row[name] for row in rows] for name in _COLUMNS}
        frame = geopandas.GeoDataFrame(columns, geometry=[zone.geometry for zone in self.zones], crs="EPSG:4326")
        for name in ("valid_from", "valid_to"):
            frame[name] = frame[name].astype("Int64").astype("datetime64[ns, UTC]")
        return frame

    @cached_property
    def digests(self) -> tuple[str, ...]:
        """Return `Zone.digest` of every zone."""
        return tuple(zone.digest() for zone in self.zones)

    @cached_property
    def boxes_deg(self) -> NDArray[np.float64]:
        """Return `Zone.box_deg` of every zone, shape (n, 4)."""
        known: NDArray[np.float64] | None = getattr(self.zones, "boxes_deg", None)
        if known is not None:
            return known
        return np.array([zone.box_deg() for zone in self.zones], dtype=np.float64).reshape(-1, 4)


_COLUMNS = (
    "id", "name", "kind", "effect", "lower_m", "lower_datum", "upper_m", "upper_datum", "edge", "accuracy_m",
    "valid_from", "valid_to", "is_always_active", "authority", "remarks", "doubt", "source",
)  # fmt: skip


def _row(zone: Zone) -> dict[str, object]:
    """Return a zone's values by the names of `_COLUMNS`."""
    values = (
        zone.id, zone.name, zone.kind.value, zone.effect.value, zone.lower.value_m, zone.lower.datum.value,
        zone.upper.value_m, zone.upper.datum.value, zone.edge.value, zone.accuracy_m, zone.valid_from_ns,
        zone.valid_to_ns, zone.schedule.is_always, zone.authority, zone.remarks, zone.doubt, zone.source.name,
    )  # fmt: skip
    return dict(zip(_COLUMNS, values, strict=True))


def joined(sets: Iterable[ZoneSet]) -> ZoneSet:
    """Return one set of all zones in their order, with all that is known to be missing; a single set stays itself."""
    sets = tuple(sets)
    if len(sets) == 1:
        return sets[0]
    missing = {why for one in sets for why in one.incomplete}
    return ZoneSet(
        zones=tuple(zone for one in sets for zone in one.zones),
        sources=tuple(source for one in sets for source in one.sources),
        issues=tuple(issue for one in sets for issue in one.issues),
        skipped=sum(one.skipped for one in sets),
        incomplete=tuple(why for why in Incomplete if why in missing),
        parts=tuple(part for one in sets for part in one.parts or (one,)),
    )
