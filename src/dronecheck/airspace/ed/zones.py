"""What the ED-269 and ED-318 readers share: a file's zones out of their features.

A zone of several volumes (ED-269 `geometry`, ED-318 layers of a GeometryCollection) becomes one Zone a volume, each
with its own limits, by the zone's name and its identifier with #1, #2 ... behind: a flight is in the zone when it is in
any of them.

A mask of viewers is for information: a feature marked `hidden`, and the whole Earth with a hole for the authority's own
territory. It darkens what the authority does not speak for, and bans nobody from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from dronecheck.airspace.common.areas import transposed
from dronecheck.airspace.common.json_document import JsonDocument, decoded
from dronecheck.airspace.common.notes import LATIN1, Notes
from dronecheck.airspace.common.rejects import NoArea, Unusable
from dronecheck.airspace.covers import stated_by
from dronecheck.airspace.ed.activation import schedule_of
from dronecheck.airspace.ed.axis_order import is_latitude_first
from dronecheck.airspace.ed.classes import class_of
from dronecheck.airspace.ed.text import authority_of, remarks_of, text_of
from dronecheck.airspace.zone import CoversFrom, Effect, Limit, Zone, ZoneSet, ZoneSource, contradiction_of
from dronecheck.geo.outline.shape import Shape
from dronecheck.issues import Code, Severity
from dronecheck.messages import Message, as_message, several, told_by
from dronecheck.safe.io import Input, plain

__all__ = ["EdDialect", "Properties", "Turn", "Volume", "zones_of"]

Properties = dict[str, object]
Turn = Callable[[NDArray[np.float64]], NDArray[np.float64]] | None

_SAMPLE = 64
_WORLD_DEG = (359.0, 179.0)  # wide and high


@dataclass(frozen=True, slots=True, eq=False)
class Volume:
    """One volume: its shape, limits, and what is noted about it as (code, text), or as information only."""

    shape: Shape
    lower: Limit
    upper: Limit
    notes: tuple[tuple[Code, Message], ...] = ()
    facts: tuple[tuple[Code, Message], ...] = ()


@dataclass(frozen=True, slots=True)
class EdDialect:
    """How one of the two formats is written.

    `split` takes a feature apart into its properties and undecoded volumes, `volume` reads one of these.
    """

    class_key: str
    times_key: str
    absent_is_always: bool
    split: Callable[[dict[str, object]], tuple[Properties, list[object]]]
    area: Callable[[object], object]
    volume: Callable[[object, Turn], Volume]


def zones_of(
    document: JsonDocument,
    source: Input,
    dialect: EdDialect,
    edition: str | None,
    valid_from_ns: int | None = None,
    valid_to_ns: int | None = None,
) -> ZoneSet:
    """Read all features. Each odd one is an Issue; the rest is read."""
    origin = ZoneSource(
        source.name, source.sha256, edition=edition, valid_from_ns=valid_from_ns, valid_to_ns=valid_to_ns
    )
    notes, zones, countries = Notes(), list[Zone](), list[object]()
    turn = _turn(document, dialect, notes)
    if document.is_latin1:
        notes.add(Code.NOT_UTF8, LATIN1)
    for number, raw in enumerate(document.features, 1):
        try:
            feature = decoded(raw)
            if isinstance(feature, dict):
                countries.append(dialect.split(feature)[0].get("country"))
            zones += _zones(feature, number, origin, dialect, turn, notes)
        except NoArea as why:
            notes.add(
                Code.NO_AREA,
                told_by(why),
                name=Message("feature {number}", number=number),
                number=number,
                severity=Severity.INFO,
            )
        except Unusable as why:
            notes.skip(told_by(why), name=Message("feature {number}", number=number), number=number)
    if covers := stated_by(countries):
        origin = replace(origin, covers=covers, covers_from=CoversFrom.FILE)
    return notes.zone_set(zones, origin)


def _turn(document: JsonDocument, dialect: EdDialect, notes: Notes) -> Turn:
    sample = []
    for feature in document.first(_SAMPLE):
        properties, volumes = dialect.split(feature)
        sample.append((properties.get("country"), [dialect.area(volume) for volume in volumes]))
    if not is_latitude_first(sample):
        return None
    notes.add(Code.ZONE_AXES, Message("latitude comes first: only so do the zones lie in the countries they name"))
    return transposed


def _zones(
    feature: object, number: int, origin: ZoneSource, dialect: EdDialect, turn: Turn, notes: Notes
) -> list[Zone]:
    if not isinstance(feature, dict):
        raise Unusable(Message("no object"))
    properties, volumes = dialect.split(feature)
    if not volumes:
        raise Unusable(Message("no geometry"))
    name = text_of(properties.get("name")) or text_of(properties.get("identifier")) or f"feature {number}"
    identifier = text_of(properties.get("identifier")) or name
    made: list[Zone] = []
    for part, given in enumerate(volumes, 1):
        suffix = f"#{part}" if len(volumes) > 1 else ""
        try:
            volume = dialect.volume(given, turn)
        except Unusable as why:
            notes.skip(told_by(why), name=f"{name} {suffix}".strip(), number=number)
            continue
        for code, text in volume.notes:
            notes.add(code, text, name=name, number=number)
        for code, text in volume.facts:
            notes.add(code, text, name=name, number=number, severity=Severity.INFO)
        made.append(_zone(identifier + suffix, name, volume, properties, origin, dialect))
    if any(_is_mask(properties, zone) for zone in made):
        text = Message("a mask of viewers, no zone: for information")
        notes.add(Code.ZONE_IS_MASK, text, name=name, number=number, severity=Severity.INFO)
        made = [replace(zone, stated_effect=Effect.INFORMATION) for zone in made]
    return _with_common(made, properties, dialect, number, notes)


def _is_mask(properties: Properties, zone: Zone) -> bool:
    """Tell whether an authority's feature is a mask of viewers: hidden in them, or the whole Earth with a hole."""
    if not properties.get("zoneAuthority") or not stated_by([properties.get("country")]):
        return False  # a user's own zone around the world keeps in, and counts
    if properties.get("hidden") is True:
        return True
    west, south, east, north = zone.shape.bounds
    is_world = east - west >= _WORLD_DEG[0] and north - south >= _WORLD_DEG[1]
    return is_world and bool(shapely.get_num_interior_rings(shapely.get_parts(zone.geometry)).any())


def _zone(
    identifier: str, name: str, volume: Volume, properties: Properties, origin: ZoneSource, dialect: EdDialect
) -> Zone:
    effect, kind, doubt = class_of(properties.get(dialect.class_key), properties.get("reason"))
    lower, upper = volume.lower, volume.upper
    doubt = several(filter(None, (doubt, contradiction_of(lower, upper))))
    return Zone(
        id=identifier, name=name, kind=kind, shape=volume.shape, source=origin, lower=lower, upper=upper,
        stated_effect=effect, doubt=str(doubt),
    )  # fmt: skip


def _with_common(
    zones: list[Zone], properties: Properties, dialect: EdDialect, number: int, notes: Notes
) -> list[Zone]:
    """Return the zones of one feature with what they share."""
    schedule, unclear = schedule_of(properties.get(dialect.times_key), absent_is_always=dialect.absent_is_always)
    authority, remarks = authority_of(properties.get("zoneAuthority")), remarks_of(properties)
    for zone in zones[:1]:
        for text in unclear:
            notes.add(Code.ZONE_TIMES_UNKNOWN, plain(text, 120), name=zone.name, number=number)
    for zone in zones:
        if zone.doubt:
            notes.add(Code.ZONE_DOUBTFUL, as_message(zone.doubt), name=zone.name, number=number)
    return [replace(zone, schedule=schedule, authority=authority, remarks=remarks) for zone in zones]
