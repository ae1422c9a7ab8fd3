"""GeoJSON zones in dronecheck's own profile (RFC 7946 geometry), and what can be told of other people's.

| property | meaning | default |
|---|---|---|
| name | shown to people | required |
| id | stable identifier | the name |
| kind | prohibited, restricted, danger, control, nature, other | restricted |
| effect | forbidden, needs_authorisation, conditional, information | what the kind means |
| lower_m, lower_datum | floor in metres; AMSL, AGL, HAE, FL, GND, UNL | ground |
| upper_m, upper_datum | ceiling | unlimited |
| edge | planar, geodesic, rhumb; ambiguous: both of the first two are judged | planar (RFC 7946, 3.1.1) |
| accuracy_m | one standard deviation of the outline | 0 |
| valid_from, valid_to | ISO 8601 UTC | open |
| schedule | when it is in force: see `dronecheck.airspace.common.schedule_text` | always |
| authority, remarks | for people | "" |
| doubt | why an entry cannot be judged | none |
| radius_m | of a Point: the geodesic circle around it | a Point is no area |

`edition`, `licence`, `valid_from` and `valid_to` of the collection itself describe the edition, `covers` lists the
codes of the territories that it speaks for (`airspace.covers`).

What else is read as GeoJSON: a geometry alone, lists and lines of features, ArcGIS's and openAIP's JSON
(`json.features`). A `crs` member is honoured as in the formats of GIS programs.

Other properties are kept out of the verdict, but for those that speak of heights (`common.publishers.texts`). A limit
that cannot be read is unknown, never zero. Properties of publishers that are known are translated
(`common.publishers`); of others it is told that they were not read.
"""

from __future__ import annotations

import msgspec

from dronecheck.airspace.common.features import feature_zone, fitted, zones_of
from dronecheck.airspace.common.json_document import JsonDocument, decoded
from dronecheck.airspace.common.notes import LATIN1, Notes
from dronecheck.airspace.covers import known_covers
from dronecheck.airspace.json.features import as_feature, in_wgs84, stated_crs, to_wgs84_of
from dronecheck.airspace.zone import CoversFrom, Zone, ZoneSet, ZoneSource
from dronecheck.issues import Code
from dronecheck.messages import Message
from dronecheck.safe.io import Input, plain
from dronecheck.timebase import moment_ns

__all__ = ["read_document"]


def read_document(document: JsonDocument, source: Input) -> ZoneSet:
    """Read the zones of a parsed file. Raises UnreadableInput where its coordinate system is none that is known."""
    notes = Notes()
    origin = _origin(document, source, notes)
    if document.is_latin1:
        notes.add(Code.NOT_UTF8, LATIN1)
    to_wgs84 = to_wgs84_of(stated_crs(document), source.name)

    def zone(raw: msgspec.Raw, number: int, origin: ZoneSource, notes: Notes) -> Zone:
        feature, accuracy_m = in_wgs84(as_feature(decoded(raw)), to_wgs84)
        return fitted(feature_zone(feature, number, origin, notes), accuracy_m, number, notes)

    return zones_of(document.features, zone, origin, notes)


def _origin(document: JsonDocument, source: Input, notes: Notes) -> ZoneSource:
    """Return the edition as the collection's own members state it; a last day is included."""
    times: list[int | None] = []
    for key in ("valid_from", "valid_to"):
        value = document.member(key) if document.text("type") == "FeatureCollection" else None
        try:
            times.append(None if value is None else moment_ns(str(value), end_of_day=key == "valid_to"))
        except ValueError:
            times.append(None)
            notes.add(
                Code.EDITION_UNDATED,
                Message("{key} {value!r} is no day or time", key=key, value=plain(value, 40)),
                name=Message("the file"),
            )
    listed = document.member("covers")
    covers = known_covers(listed) if isinstance(listed, list) else ()
    return ZoneSource(
        source.name, source.sha256, document.text("edition"), document.text("licence"), None, times[0], times[1],
        covers=covers, covers_from=CoversFrom.FILE if covers else None,
    )  # fmt: skip
