"""OpenAir airspace files, versions 1 (WinPilot, 1998) and 2 (Naviter, 2.1): text, one record a line.

| record | meaning |
|---|---|
| AC class | a zone begins: A to G, UNC; in version 1 also R, Q, P, CTR, TMZ, RMZ, W, GP |
| AY type | version 2: P, R, Q, CTR, TMA, TRA, ... (`common.meanings`) |
| AN, AI | name; identifier (else one is made from the content) |
| AH, AL | ceiling, floor (`common.limit_text`) |
| AA | version 2: times of activation in UTC, or NONE (`openair.activation`) |
| AG, AF, AR, AX | station, frequency, transponder code: kept for people |
| V X=, V D=, DP, DA, DB, DC | the outline (`common.drawn_outline`) |
| DY; TO, TC; AT, SP, SB | airway: unreadable; terrain: no zone; label, pen, brush: drawing |
| * | comment, to the end of the line |

Sources: the OpenAir specification of 10 December 1998 (updated 1999), Naviter's "SeeYou OpenAir specification" 2.1.0.
The text is UTF-8, else Windows-1252; coordinates are WGS 84. What lies between two vertices is written nowhere, so
edges are ambiguous. Times in names ("MON-FRI") and in comments are not read: such a zone is in force at all times.
"""

from __future__ import annotations

import hashlib

from dronecheck.airspace.common.drawn_outline import NOTED_M, NoOutline, OnlyALine, Outline, Pen
from dronecheck.airspace.common.features import repair_note
from dronecheck.airspace.common.limit_text import read_limit
from dronecheck.airspace.common.meanings import Meaning, meaning_of
from dronecheck.airspace.common.notes import CEILING, FLOOR, Notes
from dronecheck.airspace.openair.activation import read_schedule
from dronecheck.airspace.openair.records import Block, blocks, decode, records
from dronecheck.airspace.schedule import ALWAYS, Schedule
from dronecheck.airspace.zone import Datum, Effect, Limit, Zone, ZoneSet, ZoneSource, contradiction_of
from dronecheck.errors import UnreadableInput
from dronecheck.geo.outline.edges import Edge
from dronecheck.issues import Code, Severity
from dronecheck.messages import Message, several, told_by
from dronecheck.safe.io import Input, plain

__all__ = ["read_openair"]

_SAID = {"AG": "station", "AF": "frequency", "AR": "frequency", "AX": "transponder"}


def read_openair(source: Input) -> ZoneSet:
    """Read all zones of an OpenAir file. What is odd, lost or assumed is an Issue with its line.

    Raises UnreadableInput when there is no AC record.
    """
    notes = Notes()
    text = decode(bytes(source.data), notes)
    origin = ZoneSource(name=source.name, sha256=source.sha256)
    pen, zones, seen = Pen(), [], dict[str, int]()
    found_any = False
    for block in blocks(records(text), notes):
        found_any = True
        try:
            outline = pen.draw(block.outline, block.line)
        except NoOutline as why:
            _skip(block, why, notes)
        else:
            zones.append(_zone(block, outline, origin, notes, seen))
    if not found_any:
        raise UnreadableInput("not_openair", "no OpenAir zone file: no AC record with anything after it")
    return notes.zone_set(zones, origin)


def _skip(block: Block, why: NoOutline, notes: Notes) -> None:
    if why.line == block.line:
        text = Message("{why} (line {line})", why=told_by(why), line=block.line)
    else:
        text = Message("{why} (line {line}, {other})", why=told_by(why), line=block.line, other=why.line)
    if isinstance(why, OnlyALine):
        notes.add(Code.NO_AREA, text, name=block.name, number=block.line, severity=Severity.INFO)
        return
    is_advice = _meaning(block)[0].effect in (Effect.CONDITIONAL, Effect.INFORMATION)
    notes.skip(text, is_advice=is_advice, name=block.name, number=block.line)


def _meaning(block: Block) -> tuple[Meaning, bool]:
    return meaning_of(block.classed, *block.texts("AY"))


def _zone(block: Block, outline: Outline, origin: ZoneSource, notes: Notes, seen: dict[str, int]) -> Zone:
    meaning, is_known = _meaning(block)
    remarks = [f"{_SAID[tag]} {plain(text, 60)}" for tag in _SAID for text in block.texts(tag)[:3]]
    remarks += [f"also named {plain(text, 60)}" for text in block.texts("AN")[:-1][:3]]
    if not is_known:
        said = (block.classed, *block.texts("AY")[:3])
        shown = " ".join(plain(token, 20) for token in said if token) or Message("none")
        remarks.insert(0, f"class {shown}")
        message = Message("class {shown} is not known; taken as one that needs authorisation", shown=shown)
        notes.add(Code.ZONE_CLASS_UNKNOWN, message, name=block.name, number=block.line)
    for line, odd in outline.doubts:
        notes.add(Code.ZONE_OUTLINE_DOUBTFUL, odd, name=block.name, number=line)
    if outline.shape.crosses_itself:
        notes.add(*repair_note(outline.shape), name=block.name, number=block.line)
    lower, floor_condition = _limit(block, "AL", notes)
    upper, ceiling_condition = _limit(block, "AH", notes)
    doubt = several(filter(None, (block.doubt, contradiction_of(lower, upper))))
    schedule = _schedule(block, [c for c in (floor_condition, ceiling_condition) if c], notes)
    if doubt:
        notes.add(Code.ZONE_DOUBTFUL, doubt, name=block.name, number=block.line)
    return Zone(
        id=_identifier(block, seen),
        name=block.name,
        kind=meaning.kind,
        shape=outline.shape,
        source=origin,
        edge=Edge.GEODESIC if outline.is_round else Edge.AMBIGUOUS,
        lower=lower,
        upper=upper,
        # the true arc lies between its two radii: half the difference is as good as one standard deviation
        accuracy_m=outline.mismatch_m / 2 if outline.mismatch_m > NOTED_M else 0.0,
        authority=plain(next(iter(block.texts("AG")), ""), 120),
        schedule=schedule,
        stated_effect=meaning.effect,
        remarks="; ".join(remarks),
        doubt=str(doubt),
    )


def _limit(block: Block, tag: str, notes: Notes) -> tuple[Limit, str]:
    """Return a limit and the condition in its brackets.

    Two different ones, none and what is no height are unknown.
    """
    which = FLOOR if tag == "AL" else CEILING
    said = block.attributes.get(tag, [])
    readings = [read_limit(record.text) for record in said]
    if not readings:
        notes.add(
            Code.ZONE_LIMIT_UNKNOWN, Message("no {which} is given", which=which), name=block.name, number=block.line
        )
        return Limit(float("nan"), Datum.UNKNOWN), ""
    line, reading = said[0].line, readings[0]
    shown = plain(said[0].text, 40)
    if any(repr(other) != repr(reading) for other in readings[1:]):
        notes.add(
            Code.ZONE_LIMIT_UNKNOWN,
            Message("different values for its {which}", which=which),
            name=block.name,
            number=said[1].line,
        )
        return Limit(float("nan"), Datum.UNKNOWN), ""
    if reading.limit.datum is Datum.UNKNOWN:
        message = Message("its {which} {shown!r} is no height that can be read", which=which, shown=shown)
        notes.add(Code.ZONE_LIMIT_UNKNOWN, message, name=block.name, number=line)
    elif reading.assumed:
        message = Message("a {which} without a datum is read as above mean sea level", which=which)
        notes.add(Code.ZONE_LIMIT_ASSUMED, message, name=block.name, number=line)
    return reading.limit, plain(reading.condition, 60)


def _schedule(block: Block, conditions: list[str], notes: Notes) -> Schedule:
    schedule, odd = read_schedule(block.texts("AA"))
    for text in odd:
        message = Message("an activation time that cannot be read: {text!r}", text=plain(text, 60))
        notes.add(Code.ZONE_DOUBTFUL, message, name=block.name, number=block.attributes["AA"][0].line)
    if conditions:
        condition = " and ".join(dict.fromkeys(conditions))
        message = Message(
            "a condition beside its limits, {condition!r}: when it is in force cannot be told", condition=condition
        )
        notes.add(Code.ZONE_DOUBTFUL, message, name=block.name, number=block.line)
        return (
            Schedule(unknown=Message("{condition!r} beside its limits", condition=condition))
            if schedule is ALWAYS
            else schedule
        )
    return schedule


def _identifier(block: Block, seen: dict[str, int]) -> str:
    """Return the AI record, else a hash of what the zone says; unique in the file.

    Comments, drawing and spaces are not hashed.
    """
    own = next(iter(block.texts("AI")), "")
    if own:
        identifier = plain(own, 120)
    else:
        said = [block.classed, *(r.tag + r.text for tag in sorted(block.attributes) for r in block.attributes[tag])]
        said += [record.tag + record.text for record in block.outline]
        content = "\n".join("".join(text.split()) for text in said).upper()
        identifier = "openair-" + hashlib.sha256(content.encode("utf-8", "replace")).hexdigest()[:16]
    seen[identifier] = seen.get(identifier, 0) + 1
    return identifier if seen[identifier] == 1 else f"{identifier}~{seen[identifier]}"
