"""What AIXM's airspace types mean for a drone; docs/zone-formats.md publishes the table.

Type and class (A to G) both speak, and the stronger holds: a CTA of class D needs authorisation, one of class E is
information. A part (`TMA_P`) is as its whole. Types that say little (`RAS`, `D_OTHER`, `PART`, `OTHER`) are told by the
local type beside them where that is known. A FIR (or another area of information) with classes of both sorts has them
in layers, class G near the ground as a rule, and its controlled parts are published as CTAs and TMAs: conditional, or
every drone of a country would need leave. What is not in the table is needs-authorisation: the cautious reading.
"""

from __future__ import annotations

from collections.abc import Sequence

from dronecheck.airspace.common.meanings import Meaning
from dronecheck.airspace.zone import Effect, ZoneKind

__all__ = ["CLASSES", "LOCAL_TYPES", "TYPES", "meaning_of_type"]

_STRENGTH = (Effect.INFORMATION, Effect.CONDITIONAL, Effect.NEEDS_AUTHORISATION, Effect.FORBIDDEN)
_INFORMATION = Meaning(ZoneKind.OTHER, Effect.INFORMATION)
_CONDITIONS = Meaning(ZoneKind.OTHER, Effect.CONDITIONAL)

TYPES = {
    "P": Meaning(ZoneKind.PROHIBITED, Effect.FORBIDDEN),
    **dict.fromkeys(("R", "TRA", "TSA", "CBA", "RCA"), Meaning(ZoneKind.RESTRICTED, Effect.NEEDS_AUTHORISATION)),
    **dict.fromkeys(("D", "A", "W", "Q", "D_OTHER"), Meaning(ZoneKind.DANGER, Effect.CONDITIONAL)),
    **dict.fromkeys(("CTR", "ATZ"), Meaning(ZoneKind.CONTROL, Effect.NEEDS_AUTHORISATION)),
    **dict.fromkeys(("TMA", "CTA", "OCA", "UTA", "LTA", "OTA", "AWY", "CLASS"), Meaning(ZoneKind.CONTROL, None)),
    "PROTECT": Meaning(ZoneKind.NATURE, Effect.NEEDS_AUTHORISATION),
    **dict.fromkeys(("ADIZ", "HTZ", "MTR", "ADV", "UADV"), _CONDITIONS),
    **dict.fromkeys(("NAS", "FIR", "UIR", "NO_FIR", "POLITICAL", "SECTOR", "SECTOR_C", "AMA", "ASR"), _INFORMATION),
}
CLASSES = {
    **dict.fromkeys("ABCD", Effect.NEEDS_AUTHORISATION),
    **dict.fromkeys("EFG", Effect.INFORMATION),
}
LOCAL_TYPES = {**dict.fromkeys(("TMZ", "RMZ", "SIV", "FIS"), _INFORMATION)}
_BY_LOCAL_TYPE = frozenset({"RAS", "D_OTHER", "PART", "OTHER"})


def meaning_of_type(kind: str, classes: Sequence[str] = (), local_type: str = "") -> tuple[Meaning, bool]:
    """Return kind and effect of a type and its classes, and whether the type is known.

    The type is as written, in either version.
    """
    token = kind.strip().upper().replace("-", "_")
    whole = token.removesuffix("_P")
    by_class = [CLASSES[name] for name in (c.strip().upper() for c in classes) if name in CLASSES]
    local = local_type.strip().upper()
    if local in LOCAL_TYPES and (token.partition(":")[0] in _BY_LOCAL_TYPE or not token):
        return LOCAL_TYPES[local], True
    if token == "PART" and by_class:
        return Meaning(ZoneKind.CONTROL, max(by_class, key=_STRENGTH.index)), True
    found = TYPES.get(token) or TYPES.get(whole)
    if found is None:
        return Meaning(ZoneKind.OTHER, Effect.NEEDS_AUTHORISATION), False
    if found.effect is Effect.INFORMATION and len(set(by_class)) > 1:
        return Meaning(found.kind, Effect.CONDITIONAL), True
    effects = [*by_class, *([found.effect] if found.effect is not None else [])]
    return Meaning(found.kind, max(effects, key=_STRENGTH.index, default=Effect.NEEDS_AUTHORISATION)), True
