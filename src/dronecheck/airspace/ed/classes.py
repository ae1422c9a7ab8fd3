"""What the classes of ED-269 (`restriction`) and ED-318 (`type`) mean; docs/zone-formats.md publishes this table.

ED-269 writes REQ_AUTHORISATION, ED-318 REQ_AUTHORIZATION; both spellings are read in both. USPACE needs
authorisation: in U-space airspace every flight needs one before it begins (Regulation (EU) 2021/664, article 10).
"""

from __future__ import annotations

from dronecheck.airspace.common.meanings import UAS_EFFECTS
from dronecheck.airspace.ed.text import listed
from dronecheck.airspace.zone import Effect, ZoneKind
from dronecheck.messages import Message
from dronecheck.safe.io import plain

__all__ = ["EFFECTS", "class_of"]

EFFECTS = UAS_EFFECTS
_KINDS = {Effect.FORBIDDEN: ZoneKind.PROHIBITED, Effect.INFORMATION: ZoneKind.OTHER}


def class_of(stated: object, reasons: object) -> tuple[Effect, ZoneKind, Message]:
    """Return effect, kind and, when the class is none of those known, the doubt: then an entry cannot be judged."""
    effect = EFFECTS.get(str(stated).strip().upper())
    if effect is None:
        doubt = Message("what it restricts is not stated")
        if stated is not None:
            doubt = Message("what it restricts is {stated!r}, none of those known", stated=plain(stated, 40))
        return Effect.NEEDS_AUTHORISATION, ZoneKind.OTHER, doubt
    if effect in _KINDS:
        return effect, _KINDS[effect], Message("")
    is_nature = [str(reason).strip().upper() for reason in listed(reasons)] == ["NATURE"]
    return effect, ZoneKind.NATURE if is_nature else ZoneKind.RESTRICTED, Message("")
