"""Properties of other publishers, told in dronecheck's own as far as their publisher is known.

Of any others it is noted that they say nothing to dronecheck: such a zone is restricted, from the ground up unless
something of it speaks of heights (`texts`). A cautious reading never gives fewer findings, and never a false one.
"""

from __future__ import annotations

from collections.abc import Callable

from dronecheck.airspace.common.properties import OWN
from dronecheck.airspace.common.publishers.aviation import french, openaip, openaip_parser
from dronecheck.airspace.common.publishers.faa import facility_map
from dronecheck.airspace.common.publishers.foreign import Foreign, Properties, listed_keys
from dronecheck.airspace.common.publishers.makers import dji, is_dji
from dronecheck.airspace.common.publishers.texts import heights_in, lines_of, put_limits, put_unknown, said
from dronecheck.airspace.common.publishers.uas import belgian, danish, finnish, german, spanish
from dronecheck.airspace.common.units import number_of
from dronecheck.messages import Message, several

__all__ = ["Foreign", "translated"]

_PUBLISHERS: tuple[tuple[frozenset[str], Callable[[Properties], Foreign]], ...] = (
    (frozenset({"class", "lowerType", "lowerValue", "lowerUnit", "upperType", "upperValue", "upperUnit"}), french),
    (frozenset({"typeId", "title", "Bufferzone"}), danish),
    *((frozenset({"CEILING", f"APT1_{key}"}), facility_map) for key in ("LAANC", "ICAO", "FAAID", "NAME")),
    (frozenset({"type_code", "restriction", "lower_limit_reference"}), belgian),
    (frozenset({"type_code", "restriction", "upper_limit_reference"}), belgian),
    (frozenset({"type_code", "legal_ref"}), german),
    (frozenset({"type_code", "lower_limit_alt_ref"}), german),
    (frozenset({"type_code", "upper_limit_alt_ref"}), german),
    (frozenset({"variant", "uom", "lowerReference", "upperReference"}), spanish),
    (frozenset({"lowerLimit", "upperLimit", "icaoClass"}), openaip),
    (frozenset({"lowerCeiling", "upperCeiling", "class"}), openaip_parser),
)
_OF_A_ZONE = frozenset({"kind", "effect", "lower_m", "lower_datum", "upper_m", "upper_datum", "schedule", "radius_m"})
_OF_LIMITS = ("lower_m", "lower_datum", "upper_m", "upper_datum")
_FENCE = frozenset({"Type", "Action", "MinAlt", "MaxAlt"})  # INAV's geozones, as mwp writes them


def translated(given: Properties) -> Foreign:
    """Return the properties as they are when they are dronecheck's own, else translated as far as they are known."""
    keys = given.keys()
    for marks, translate in _PUBLISHERS:
        if marks <= keys:
            return translate(given)
    if "type" in keys and keys <= {"name", "type", "timeBegin", "timeEnd"}:
        return finnish(given)
    if is_dji(given):
        return dji(given)
    others = sorted(str(key) for key in keys - OWN)
    is_own = not others or bool(keys & (OWN - {"id", "name"}))
    own, doubts = dict(given), list[Message]()
    speaks = "" if not others or any(key in keys for key in _OF_LIMITS) else _put_heights(own, others, doubts)
    if is_own:
        circle_m = number_of(given.get("radius_m"))
        is_zone = bool(keys & _OF_A_ZONE)
        return Foreign(own, is_published=False, is_zone=is_zone, circle_m=circle_m, doubt=several(doubts))
    unusable = Message("")
    if keys >= _FENCE and str(given["Type"]).strip().lower() == "inclusive":
        unusable = Message("an area to stay within; leaving it is not judged")
    named = given.get("name") or given.get("Name")
    own = {**own, "name": named} if named is not None else own
    return Foreign(
        own, is_published=False, is_zone=bool(speaks), unusable=unusable, unread=listed_keys(others),
        doubt=several(doubts),
    )  # fmt: skip


def _put_heights(own: Properties, others: list[str], doubts: list[Message]) -> str:
    """Put the limits that properties of nobody known state into `own`; return what speaks of them, "" for nothing."""
    foreign = [(key, own[key]) for key in others if key in own]
    speaks = heights_in(foreign)
    if speaks:
        put_unknown(own, speaks)
        doubts += put_limits(own, said(lines_of(foreign)))
    return speaks
