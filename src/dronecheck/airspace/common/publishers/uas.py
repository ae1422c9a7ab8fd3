"""Zones for drones as authorities and their services publish them in GeoJSON, in dronecheck's own properties.

| told by | publisher | read as |
|---|---|---|
| typeId, title, Bufferzone, Lovkrav, Enhed, datoTidSTART, datoTidSLUT | Droneluftrum, Denmark | needs authorisation, model airfields conditional; Lovkrav / Enhed is the distance to keep in km: around a point a circle, around an area open whether it is in it; dates in GMT |
| name, type, timeBegin, timeEnd and no other | dronemap, Finland 2018 | restricted, whatever the type (R, R2, L: no table of them is known); times in UTC |
| type_code and legal_ref or lower_limit_alt_ref, upper_limit_alt_ref | dipul, Germany | U_NFZ forbidden; § 17 LuftVO needs authorisation; § 21h and control zones conditional; units m, ft, FL; AGL, MSL, PA (pressure altitude); no upper limit: unknown; start_time, end_time |
| type_code, restriction, lower_limit_reference | Droneguide, Belgium | restriction as in ED-269; units F (feet), M, FL; GND is above ground, MSL, STD; FL 999 no ceiling; original_geometry is the circle; NOTAM, TEMPORARY-NO-FLY-ZONE and what was not active in the window asked for: times unknown; TIME_ZONE is information |
| variant, uom, lowerReference, upperReference | ENAIRE, Spain, ED-318 with all in the properties | type as in ED-318; lower, upper in M or FT above AGL or AMSL; "None" is nothing; startDateTime, endDateTime; other times: unknown |
"""  # noqa: E501

from __future__ import annotations

from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from dronecheck.airspace.common.meanings import UAS_EFFECTS
from dronecheck.airspace.common.publishers.foreign import Foreign, OriginalCircle, Properties, put_limit
from dronecheck.airspace.common.units import number_of
from dronecheck.airspace.schedule import Schedule
from dronecheck.airspace.zone import Effect
from dronecheck.messages import Message
from dronecheck.safe.io import plain

__all__ = ["belgian", "danish", "finnish", "german", "spanish"]

_NO_CEILING = 99_999.0
_TEMPORARY = frozenset({"NOTAM", "TEMPORARY-NO-FLY-ZONE"})
_LANGUAGES = ("en", "nl", "fr", "de")
_LONGEST_JSON = 20_000


def danish(given: Properties) -> Foreign:
    """Translate a zone of Droneluftrum."""
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
    return Foreign(own, schedule, radius_m=_danish_distance_m(given), is_advice=is_advice)


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


def finnish(given: Properties) -> Foreign:
    """Translate a zone of dronemap."""
    own: Properties = {"name": given.get("name"), "remarks": f"type {plain(given['type'], 40)}"}
    own["valid_from"], own["valid_to"] = given.get("timeBegin"), given.get("timeEnd")
    return Foreign(own, unknown_class=f"type {given['type']}")


def german(given: Properties) -> Foreign:
    """Translate a zone of dipul: one schema for all of its layers."""
    code, law = (str(given.get(key) or "").strip() for key in ("type_code", "legal_ref"))
    effect, unknown = Effect.NEEDS_AUTHORISATION, ""
    if code == "U_NFZ":
        effect = Effect.FORBIDDEN
    elif law.startswith("§ 21h") or code == "KONTROLLZONE":
        effect = Effect.CONDITIONAL
    elif not law.startswith("§ 17"):
        unknown = f"{law} {code}".strip()
    own: Properties = {
        "id": given.get("external_reference"),
        "name": given.get("name") or given.get("generated_name_EN"),
        "kind": "control" if code == "KONTROLLZONE" else "restricted",
        "effect": effect.value,
        "valid_from": given.get("start_time") or None,
        "valid_to": given.get("end_time") or None,
        "remarks": "; ".join(plain(v, 200) for v in (law, code, given.get("type_code_detail")) if v),
    }
    for side in ("lower", "upper"):
        value, unit, datum = (given.get(f"{side}_limit_{key}") for key in ("altitude", "unit", "alt_ref"))
        put_limit(own, side, value, unit, datum)
    return Foreign(own, unknown_class=unknown)


def belgian(given: Properties) -> Foreign:
    """Translate a zone of Droneguide."""
    code = str(given.get("type_code") or "").strip()
    own: Properties = {
        "id": given.get("unique_identifier") or given.get("code"),
        "name": _language(given.get("name")) or given.get("code"),
        "remarks": "; ".join(plain(v, 600) for v in (code, _language(given.get("description"))) if v),
    }
    doubt = Message("")
    if code == "TIME_ZONE":  # of the whole world, among the zones by mistake
        own["kind"], own["effect"] = "other", Effect.INFORMATION.value
    else:
        doubt = _put_uas_class(own, given.get("restriction"))
    for side in ("lower", "upper"):
        put_limit(own, side, *(given.get(f"{side}_limit_{key}") for key in ("altitude", "unit", "reference")))
    when = None
    if code in _TEMPORARY or number_of(given.get("active_within_window")) == 1:
        when = Schedule((), Message("temporary, or not active when the publisher was asked; its times are elsewhere"))
    return Foreign(own, schedule=when, original=_circle(given.get("original_geometry")), doubt=doubt)


def spanish(given: Properties) -> Foreign:
    """Translate a zone of ENAIRE's service: ED-318's words, all of them properties."""
    said: Properties = {key: value for key, value in given.items() if str(value).strip() not in ("", "None")}
    own: Properties = {
        "id": said.get("identifier") or said.get("GFID"),
        "name": said.get("name") or said.get("identifier"),
        "valid_from": said.get("startDateTime"),
        "valid_to": said.get("endDateTime"),
        "remarks": plain(said.get("extendedProperties") or "", 100),
    }
    doubt = _put_uas_class(own, said.get("type"))
    for side in ("lower", "upper"):
        value = said.get(side)
        if side == "upper" and (number_of(value) or 0.0) >= _NO_CEILING:
            own["upper_m"], own["upper_datum"] = None, "UNL"
            continue
        put_limit(own, side, value, said.get("uom") or "M", said.get(f"{side}Reference"))
    times = ("startTime", "startEvent", "endTime", "endEvent", "limitedApplicability")
    daily = [str(key) for key in times if key in said]
    daily += ["day"] if str(said.get("day", "ANY")).strip().upper() != "ANY" else []
    return Foreign(own, schedule=Schedule((), ", ".join(daily)) if daily else None, doubt=doubt)


def _put_uas_class(own: Properties, stated: object) -> Message:
    """Put the effect of a class of ED-269 or ED-318 into `own`; return the doubt where it is none."""
    effect = UAS_EFFECTS.get(str(stated).strip().upper())
    own["kind"] = "prohibited" if effect is Effect.FORBIDDEN else "restricted"
    own["effect"] = (effect or Effect.NEEDS_AUTHORISATION).value
    if effect is not None:
        return Message("")
    return Message("what it restricts is {stated!r}, none of those known", stated=plain(stated, 40))


def _language(text: object) -> str:
    """Return a text, or of texts by language, written as JSON in a text, the English one, else another."""
    found = _decoded(text)
    if not isinstance(found, dict):
        return "" if text is None else str(text)
    texts = [found.get(language) for language in (*_LANGUAGES, *found)]
    return next((text for text in texts if isinstance(text, str) and text.strip()), "")


def _circle(text: object) -> OriginalCircle | None:
    """Return the circle that the polygon was drawn from; None where it was none, or its unit is not metres."""
    found = text if isinstance(text, dict) else _decoded(text)
    if not isinstance(found, dict) or found.get("type") != "Circle":
        return None
    about, centre, radius = found.get("properties"), found.get("coordinates"), number_of(found.get("radius"))
    if not isinstance(about, dict) or about.get("radius_units") != "m" or radius is None:
        return None
    if not isinstance(centre, list) or len(centre) != 2:
        return None
    lon, lat = map(number_of, centre)
    return None if lon is None or lat is None else OriginalCircle((lon, lat), radius)


def _decoded(text: object) -> Any:
    if not isinstance(text, str) or not text.lstrip().startswith("{") or len(text) > _LONGEST_JSON:
        return None
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None
