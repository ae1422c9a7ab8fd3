"""What classes (A to G) and types of airspace mean for a drone; docs/zone-formats.md publishes the table.

OpenAir 1 writes all of them as the class; OpenAir 2 has A to G and UNC as classes and the rest as types. Where class
and type both say something, the stronger holds. What is neither known is needs-authorisation: the cautious reading.
"""

from __future__ import annotations

from dataclasses import dataclass

from dronecheck.airspace.zone import Effect, ZoneKind

__all__ = ["MEANINGS", "UAS_EFFECTS", "Meaning", "meaning_of"]

_STRENGTH = (Effect.INFORMATION, Effect.CONDITIONAL, Effect.NEEDS_AUTHORISATION, Effect.FORBIDDEN)


@dataclass(frozen=True, slots=True)
class Meaning:
    """A kind, and what being inside means (None: the class decides, and without one nobody knows)."""

    kind: ZoneKind
    effect: Effect | None


_CONTROLLED = Meaning(ZoneKind.CONTROL, Effect.NEEDS_AUTHORISATION)
_OPEN_CONTROLLED = Meaning(ZoneKind.CONTROL, Effect.INFORMATION)
_BY_CLASS = Meaning(ZoneKind.CONTROL, None)
_RESTRICTED = Meaning(ZoneKind.RESTRICTED, Effect.NEEDS_AUTHORISATION)
_DANGER = Meaning(ZoneKind.DANGER, Effect.CONDITIONAL)
_CONDITIONS = Meaning(ZoneKind.OTHER, Effect.CONDITIONAL)
_INFORMATION = Meaning(ZoneKind.OTHER, Effect.INFORMATION)

MEANINGS = {
    "P": Meaning(ZoneKind.PROHIBITED, Effect.FORBIDDEN),
    **dict.fromkeys(("R", "TRA", "TSA", "TRAFR", "TFR", "OFR"), _RESTRICTED),
    **dict.fromkeys(("Q", "ALERT", "WARNING", "MTA", "MTR"), _DANGER),
    **dict.fromkeys(("A", "B", "C", "D", "CTR", "ATZ", "MATZ", "TIZ"), _CONTROLLED),
    "E": _OPEN_CONTROLLED,
    **dict.fromkeys(("TMA", "CTA", "AWY", "LTA", "UTA"), _BY_CLASS),
    **dict.fromkeys(("GP", "ASRA", "ADIZ", "HTZ", "TIA", "N"), _CONDITIONS),
    **dict.fromkeys(
        ("F", "G", "W", "TMZ", "RMZ", "TRZ", "GSEC", "FIR", "UIR", "FIS", "ACCSEC", "VFRSEC", "VFRR"), _INFORMATION
    ),
    "CUSTOM": Meaning(ZoneKind.OTHER, Effect.NEEDS_AUTHORISATION),
}
UAS_EFFECTS = {  # the classes of ED-269 (`restriction`) and ED-318 (`type`), in both spellings
    "PROHIBITED": Effect.FORBIDDEN,
    "REQ_AUTHORISATION": Effect.NEEDS_AUTHORISATION,
    "REQ_AUTHORIZATION": Effect.NEEDS_AUTHORISATION,
    "USPACE": Effect.NEEDS_AUTHORISATION,
    "CONDITIONAL": Effect.CONDITIONAL,
    "NO_RESTRICTION": Effect.INFORMATION,
}
_SILENT = frozenset({"", "UNC", "NONE"})


def meaning_of(classed: str, *types: str) -> tuple[Meaning, bool]:
    """Return kind and effect of a class and its types (version 1: none), and whether all of it is in the table."""
    said = [token.upper() for token in (*types, classed) if token.upper() not in _SILENT]
    known = [MEANINGS[token] for token in said if token in MEANINGS]
    is_known = bool(said) and len(known) == len(said)
    kind = known[0].kind if known else ZoneKind.OTHER
    effects = [meaning.effect for meaning in known if meaning.effect is not None]
    if not effects or not is_known:
        effects.append(Effect.NEEDS_AUTHORISATION)
    return Meaning(kind, max(effects, key=_STRENGTH.index)), is_known
