"""Airspace for manned aircraft in GeoJSON: aixmParser's, and openAIP's, from its service and from its parsers.

| told by | publisher | read as |
|---|---|---|
| class, lowerType, lowerValue, lowerUnit, upper..., activationCode | aixmParser, French airspace | class and type as in OpenAir; ALT above sea level, HEI above ground, STD pressure altitude, in FT or FL; H24 always, else unknown |
| lowerLimit, upperLimit {value, unit, referenceDatum} | openAIP's service | unit 0 m, 1 ft, 6 flight level; datum 0 ground, 1 sea level, 2 standard; type and icaoClass by number, as in OpenAir; byNotam, onDemand, onRequest, hours and activeFrom that are not always: unknown |
| lowerCeiling, upperCeiling {value, unit, referenceDatum} | openAIP's parsers | the same in words; class and type as in OpenAir |
"""  # noqa: E501

from __future__ import annotations

from collections.abc import Iterable

from dronecheck.airspace.common.meanings import meaning_of
from dronecheck.airspace.common.publishers.foreign import Foreign, Properties, put_limit
from dronecheck.airspace.common.units import FOOT_M, number_of
from dronecheck.airspace.schedule import ALWAYS, Schedule
from dronecheck.safe.io import plain

__all__ = ["french", "openaip", "openaip_parser"]

_FRENCH_DATA = {"ALT": "AMSL", "HEI": "AGL", "STD": "FL"}
_FEET = {"FT": FOOT_M, "FL": 100 * FOOT_M, "M": 1.0}

# openAIP's numbers, in OpenAir's words: openaip.net's API, schema "Airspace".
_UNITS = {0: "M", 1: "FT", 6: "FL"}
_DATA = {0: "GND", 1: "MSL", 2: "STD"}
_TYPES = (
    "", "R", "Q", "P", "CTR", "TMZ", "RMZ", "TMA", "TRA", "TSA", "FIR", "UIR", "ADIZ", "ATZ", "MATZ", "AWY", "MTR",
    "ALERT", "WARNING", "PROTECTED", "HTZ", "GSEC", "TRP", "TIZ", "TIA", "MTA", "CTA", "ACCSEC", "ASRA", "OFR", "MRT",
    "TSA/TRA FEEDING ROUTE", "VFRSEC", "FIS", "LTA", "UTA", "CTR",
)  # fmt: skip
_CLASSES = ("A", "B", "C", "D", "E", "F", "G", "UNC", "UNC")
_BY_REQUEST = ("byNotam", "onDemand", "onRequest", "specialAgreement")
_WHOLE_WEEK = {0, 1, 2, 3, 4, 5, 6}


def french(given: Properties) -> Foreign:
    """Translate aixmParser's properties."""
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


def openaip(given: Properties) -> Foreign:
    """Translate the properties of openAIP's service, whose units, datums, types and classes are numbers."""
    types, classed = _of(_TYPES, given.get("type")), _of(_CLASSES, given.get("icaoClass", 8))
    own = _named(given, types or f"type {plain(given.get('type'), 20)}")
    unknown = _put_meaning(own, classed if classed is not None else plain(given.get("icaoClass"), 20), types)
    for side in ("lower", "upper"):
        limit = given.get(f"{side}Limit")
        limit = limit if isinstance(limit, dict) else {}
        unit, datum = (
            _of_number(table, limit.get(key)) for table, key in ((_UNITS, "unit"), (_DATA, "referenceDatum"))
        )
        put_limit(own, side, limit.get("value"), unit, datum)
        if any(f"{side}Limit{which}" in given for which in ("Min", "Max")):
            own[f"{side}_m"], own[f"{side}_datum"] = "one of two", "UNKNOWN"
    return Foreign(own, schedule=_openaip_times(given), unknown_class=unknown)


def openaip_parser(given: Properties) -> Foreign:
    """Translate the properties that openAIP's parsers write: units, datums, classes in words."""
    types, classed = plain(given.get("type") or "", 40), plain(given.get("class") or "", 20)
    own = _named(given, types)
    unknown = _put_meaning(own, classed, types)
    for side in ("lower", "upper"):
        limit = given.get(f"{side}Ceiling")
        limit = limit if isinstance(limit, dict) else {}
        put_limit(own, side, limit.get("value"), limit.get("unit"), limit.get("referenceDatum"))
    return Foreign(own, schedule=_openaip_times(given), unknown_class=unknown)


def _named(given: Properties, type_: str) -> Properties:
    return {
        "id": given.get("_id") or given.get("id"),
        "name": given.get("name"),
        "remarks": "; ".join(
            plain(value, 300) for value in (type_, given.get("country"), given.get("remarks")) if value
        ),
    }


def _put_meaning(own: Properties, classed: str, types: str | None) -> str:
    """Put kind and effect into `own`; return what no table has."""
    meaning, is_known = meaning_of(classed, types or "")
    own["kind"], own["effect"] = meaning.kind.value, meaning.effect.value if meaning.effect else None
    return "" if is_known else f"class {classed or 'none'}, type {types or 'none'}"


def _openaip_times(given: Properties) -> Schedule | None:
    """Return why nobody can tell when it is in force; None where it is always."""
    asked = [key for key in _BY_REQUEST if given.get(key)]
    hours = given.get("hoursOfOperation")
    days = hours.get("operatingHours") if isinstance(hours, dict) else None
    if isinstance(days, list) and not _is_whole_week(days):
        asked.append("hoursOfOperation")
    asked += [key for key in ("activeFrom", "activeUntil", "activatedBy") if given.get(key)]
    return Schedule((), ", ".join(asked)) if asked else None


def _is_whole_week(days: Iterable[object]) -> bool:
    whole = set()
    for day in days:
        if not isinstance(day, dict) or any(value is True for value in day.values()):
            return False  # by NOTAM, sunrise, holidays excluded
        if (day.get("startTime"), day.get("endTime")) != ("00:00", "00:00"):
            return False
        whole.add(day.get("dayOfWeek"))
    return whole >= _WHOLE_WEEK


def _of(table: tuple[str, ...], number: object) -> str | None:
    return table[number] if isinstance(number, int) and 0 <= number < len(table) else None


def _of_number(table: dict[int, str], number: object) -> str:
    return table.get(number, plain(number, 20)) if isinstance(number, int) else plain(number or "", 20)
