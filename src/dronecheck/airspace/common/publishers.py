"""GeoJSON zones of other publishers: their properties told in dronecheck's own.

| told by | publisher | read as |
|---|---|---|
| class, lowerType, lowerValue, lowerUnit, upper..., activationCode | aixmParser, French airspace | class and type as in OpenAir; ALT above sea level, HEI above ground, STD pressure altitude, in FT or FL; H24 always, else unknown |
| typeId, title, Bufferzone, Lovkrav, Enhed, datoTidSTART, datoTidSLUT | Droneluftrum, Denmark | needs authorisation, model airfields conditional; Lovkrav / Enhed is the distance to keep in km: around a point a circle, around an area open whether it is in it; dates in GMT |
| name, type, timeBegin, timeEnd and no other | dronemap, Finland 2018 | restricted, whatever the type (R, R2, L: no table of them is known); times in UTC |
| CEILING and any APT1_... | FAA, UAS Facility Map | a LAANC ceiling, no prohibition: controlled airspace, needs authorisation from the ground up; the ceiling (feet above ground, 0: further coordination) is kept for people |

Any other properties say nothing to dronecheck, and that is noted: such a zone is restricted from the ground up.
"""  # noqa: E501

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

from dronecheck.airspace.common.meanings import meaning_of
from dronecheck.airspace.common.properties import OWN
from dronecheck.airspace.common.units import FOOT_M, number_of
from dronecheck.airspace.schedule import ALWAYS, Schedule
from dronecheck.messages import Message
from dronecheck.safe.io import plain

__all__ = ["Foreign", "translated"]

Properties = dict[str, object]

_FRENCH_DATA = {"ALT": "AMSL", "HEI": "AGL", "STD": "FL"}
_FEET = {"FT": FOOT_M, "FL": 100 * FOOT_M, "M": 1.0}
_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Foreign:
    """A feature's properties in dronecheck's own, and what these have no place for.

    `radius_m`: the distance to keep from the geometry, 0 when there is none (None: the publisher has no such thing).
    """

    properties: Properties
    schedule: Schedule | None = None
    radius_m: float | None = None
    is_advice: bool = False  # it restricts nothing
    unknown_class: str = ""  # what no table has
    unread: str = ""  # properties that say nothing to dronecheck
    doubt: Message = Message("")  # why an entry cannot be judged


def translated(given: Properties) -> Foreign:
    """Return the properties as they are when they are dronecheck's own, else translated as far as they are known."""
    keys = given.keys()
    for marks, translate in _PUBLISHERS:
        if marks <= keys:
            return translate(given)
    if "type" in keys and keys <= {"name", "type", "timeBegin", "timeEnd"}:
        return _finnish(given)
    others = sorted(str(key) for key in keys - OWN)
    if not others or keys & (OWN - {"id", "name"}):
        return Foreign(given)
    shown = plain(", ".join(others[:_SHOWN]), 200) + (" ..." if len(others) > _SHOWN else "")
    return Foreign(given, unread=shown)


def _french(given: Properties) -> Foreign:
    own: Properties = {
        "id": given.get("id"),
        "name": " ".join(str(given[key]) for key in ("type", "name") if given.get(key)),
    }
    meaning, is_known = meaning_of(str(given["class"]), str(given.get("type") or ""))
    unknown = "" if is_known else f"{given['class']} {given.get('type')}"
    own["kind"], own["effect"] = meaning.kind, meaning.effect
    for which in ("lower", "upper"):
        number, unit = number_of(given.get(f"{which}Value")), _FEET.get(str(given.get(f"{which}Unit")))
        datum = _FRENCH_DATA.get(str(given.get(f"{which}Type")))
        if which == "lower" and number == 0:
            datum = "GND"
        own[f"{which}_m"] = None if number is None or unit is None else round(number * unit, 6)
        own[f"{which}_datum"] = datum or "UNKNOWN"
    about = str(given.get("activationDesc") or "").strip()
    always = given.get("activationCode") == "H24" and about in ("", "H24")
    when = plain(f"active {given.get('activationCode')}: {about}", 200)
    own["remarks"] = plain("; ".join(str(v) for v in (about, given.get("desc")) if v), 1_200)
    return Foreign(own, schedule=ALWAYS if always else Schedule((), when), unknown_class=unknown)


def _danish(given: Properties) -> Foreign:
    kind = str(given.get("typeId"))
    is_advice = "modelfly" in kind.lower()
    own: Properties = {
        "id": given.get("OBJECTID"),
        "name": given.get("title"),
        "kind": "restricted",
        "effect": "conditional" if is_advice else None,
        "remarks": "; ".join(
            str(v) for v in (kind, given.get("zoneKategori"), given.get("Kommentar")) if v is not None
        ),
    }
    schedule = None
    for key, own_key in (("datoTidSTART", "valid_from"), ("datoTidSLUT", "valid_to")):
        if given.get(key):
            own[own_key] = _rfc_1123(given[key])
    if not ("valid_from" in own or "valid_to" in own) and given.get("Aktiv") == "NEJ":
        schedule = Schedule((), Message("marked as not active, without dates"))
    return Foreign(own, schedule, _danish_distance_m(given), is_advice)


def _danish_distance_m(given: Properties) -> float:
    """Return the distance of a Danish rule (m): Lovkrav / Enhed, else the text ("2 km", "150 m"); 0 when there is none.

    Enhed is a count in a kilometre (5 / 1, 150 / 1000).
    """
    amount, per_km = number_of(given.get("Lovkrav")), number_of(given.get("Enhed"))
    if amount is not None and per_km and amount > 0 < per_km:
        return 1000.0 * amount / per_km
    words = str(given.get("Bufferzone") or "").replace(",", ".").split()
    number = number_of(words[0]) if len(words) == 2 else None
    return max(0.0, number) * {"km": 1000.0, "m": 1.0}.get(words[1], 0.0) if number is not None else 0.0


def _rfc_1123(value: object) -> str:
    """Turn an RFC 1123 time into ISO 8601; what cannot be read stays as it is, and is a doubt later."""
    try:
        moment = parsedate_to_datetime(str(value))
    except (ValueError, TypeError, OverflowError):
        return str(value)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()


def _finnish(given: Properties) -> Foreign:
    own: Properties = {"name": given.get("name"), "remarks": f"type {plain(given['type'], 40)}"}
    own["valid_from"], own["valid_to"] = given.get("timeBegin"), given.get("timeEnd")
    return Foreign(own, unknown_class=f"type {given['type']}")


def _facility_map(given: Properties) -> Foreign:
    """Translate a grid cell of the FAA: how high an authorisation may be given at once, not what is forbidden."""
    feet = number_of(given.get("CEILING"))
    airports = [
        " ".join(str(given[f"APT{n}_{key}"]) for key in ("ICAO", "NAME") if given.get(f"APT{n}_{key}"))
        for n in range(1, 6)
    ]
    about = "LAANC ceiling unknown" if feet is None else f"LAANC ceiling {feet:g} ft ({feet * FOOT_M:g} m) above ground"
    how = "" if feet is None else "up to it authorisation may be given at once; above it only by further coordination"
    own: Properties = {
        "id": f"UASFM {given.get('GLOBALID') or given.get('OBJECTID') or ''}".strip(),
        "name": plain(f"{'; '.join(a for a in airports if a) or 'UAS Facility Map'}: {about}", 120),
        "kind": "control",
        "authority": given.get("UNIT"),
        "remarks": "; ".join(
            part
            for part in (
                "only by further coordination" if feet == 0 else how,
                "no LAANC here" if number_of(given.get("APT1_LAANC")) == 0 else "",
                f"map of {given['MAP_EFF']}" if given.get("MAP_EFF") else "",
            )
            if part
        ),
    }
    return Foreign(own)


_PUBLISHERS: tuple[tuple[frozenset[str], Callable[[Properties], Foreign]], ...] = (
    (frozenset({"class", "lowerType", "lowerValue", "lowerUnit", "upperType", "upperValue", "upperUnit"}), _french),
    (frozenset({"typeId", "title", "Bufferzone"}), _danish),
    *((frozenset({"CEILING", f"APT1_{key}"}), _facility_map) for key in ("LAANC", "ICAO", "FAAID", "NAME")),
)
