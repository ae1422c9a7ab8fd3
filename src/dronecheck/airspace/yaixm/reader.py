"""YAIXM, the airspace of the United Kingdom for gliders (A. Sparrow), as YAML or JSON.

| in the file | read as |
|---|---|
| airspace, rat | features: airspace, and temporary restrictions |
| geometry[] | volumes: one zone each, by their seq, #1, #2 ... behind the identifier |
| name, id, class, rules of a volume | instead of its feature's (rules: besides) |
| type, localtype, class | kind and effect: `MEANINGS` |
| upper, lower: FL195, 3000 ft, SFC | flight level, above mean sea level (as the schema says), the ground |
| boundary: line, arc (dir, radius, centre, to), circle | the outline, as in OpenAir: arcs are exact, edges ambiguous |
| rules: NOTAM | when it is in force cannot be told |
| release.airac_date | the edition |
| loa, obstacle, service | agreements of gliders, obstacles, frequencies: no zones |

Times in names ("(3-5 JUL)") are not read: such a zone is in force at all times. Fields after the published schema.
"""

from __future__ import annotations

import re

import msgspec

from dronecheck.airspace.common.drawn_outline import NOTED_M, NoOutline, Pen, TextRecord
from dronecheck.airspace.common.features import repair_note
from dronecheck.airspace.common.limit_text import read_limit
from dronecheck.airspace.common.meanings import MEANINGS as OPENAIR
from dronecheck.airspace.common.meanings import Meaning, meaning_of
from dronecheck.airspace.common.notes import Notes
from dronecheck.airspace.schedule import ALWAYS, Schedule
from dronecheck.airspace.yaixm.tree import Mapping, Value, parse_yaml
from dronecheck.airspace.zone import Datum, Effect, Limit, Zone, ZoneKind, ZoneSet, ZoneSource, contradiction_of
from dronecheck.errors import UnreadableInput
from dronecheck.geo.outline.edges import Edge
from dronecheck.issues import Code, Severity
from dronecheck.messages import Message, told_by
from dronecheck.safe.io import Input, plain

__all__ = ["MEANINGS", "read_yaixm"]

_DANGER = OPENAIR["Q"]
_AIRFIELD = Meaning(ZoneKind.OTHER, Effect.INFORMATION)
MEANINGS = {
    **{token: OPENAIR[token] for token in ("P", "R", "ATZ", "AWY", "CTA", "CTR", "TMA", "MATZ", "TMZ", "RMZ")},
    "RAT": OPENAIR["R"],
    **dict.fromkeys(("D", "D_OTHER", "DZ", "GVS", "HIRTA", "LASER"), _DANGER),
    **dict.fromkeys(("GLIDER", "UL", "NOATZ", "ILS"), _AIRFIELD),
}
_SILENT = frozenset({"OTHER"})  # then localtype says it
_STRENGTH = (Effect.INFORMATION, Effect.CONDITIONAL, Effect.NEEDS_AUTHORISATION, Effect.FORBIDDEN)
_ZONES, _NO_ZONES = (
    ("airspace", "rat"),
    {
        "loa": Message("agreements"),
        "obstacle": Message("obstacles"),
        "service": Message("frequencies"),
    },
)

_MOST_BYTES = 16 << 20
_MOST_VALUES = 500_000
_POINT = re.compile(r"\s*(\d\d)(\d\d)(\d\d(?:\.\d+)?)([NS])\s+(\d\d\d)(\d\d)(\d\d(?:\.\d+)?)([EW])\s*", re.ASCII)
_RADIUS = re.compile(r"(\d{0,4}(?:\.\d{1,9})?) ?(nm|km)", re.ASCII)
_KM_PER_NM = 1.852


def read_yaixm(source: Input) -> ZoneSet:
    """Read all volumes. What is odd or lost is an Issue with its line (JSON: none). Raises UnreadableInput."""
    if source.size_bytes > _MOST_BYTES:
        raise UnreadableInput("too_large", f"YAIXM of more than {_MOST_BYTES >> 20} MiB; the United Kingdom has 256 kB")
    document = _document(bytes(source.data))
    if not any(isinstance(document.members.get(key), list) for key in _ZONES):
        raise UnreadableInput("not_yaixm", "no YAIXM: neither a list airspace nor a list rat")
    notes, zones, seen = Notes(), list[Zone](), dict[str, int]()
    release = document.members.get("release")
    edition = release.text("airac_date") if isinstance(release, Mapping) else ""
    origin = ZoneSource(source.name, source.sha256, edition=plain(edition, 60) or None)
    for key in _ZONES:
        for feature in document.listed(key):
            zones += _zones(feature, key, origin, notes, seen)
    for key, what in _NO_ZONES.items():
        if document.members.get(key):
            notes.add(Code.NO_AREA, Message("{what} ({key}): no zones", what=what, key=key), severity=Severity.INFO)
    return notes.zone_set(zones, origin)


def _document(data: bytes) -> Mapping:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableInput("not_yaixm", "no YAIXM: not UTF-8") from None
    if not text.lstrip().startswith("{"):
        return parse_yaml(text)
    if text.count(",") > _MOST_VALUES:
        raise UnreadableInput("too_large", f"YAIXM of more than {_MOST_VALUES:,} values; the United Kingdom has 30,000")
    try:
        value = _from_json(msgspec.json.decode(text), 0)
    except (msgspec.DecodeError, RecursionError) as error:
        raise UnreadableInput("not_yaixm", f"no YAIXM ({plain(error, 80)})") from None
    assert isinstance(value, Mapping)
    return value


def _from_json(value: object, depth: int) -> Value:
    if depth > 32:
        raise RecursionError("nested too deep")
    if isinstance(value, dict):
        return Mapping(0, {key: _from_json(member, depth + 1) for key, member in value.items()})
    if isinstance(value, list):
        return [_from_json(item, depth + 1) for item in value]
    return None if value is None else str(value)


def _zones(feature: Value, key: str, origin: ZoneSource, notes: Notes, seen: dict[str, int]) -> list[Zone]:
    if not isinstance(feature, Mapping):
        notes.skip(Message("no mapping"), name=Message("an entry of {key}", key=key))
        return []
    volumes = feature.listed("geometry")
    name = plain(feature.text("name") or f"zone of line {feature.line}", 120)
    if not volumes:
        _skip(feature, name, Message("no geometry"), feature, notes)
    zones = []
    for number, volume in enumerate(volumes, 1):
        if not isinstance(volume, Mapping):
            _skip(feature, name, Message("a volume that is no mapping"), feature, notes)
            continue
        identifier = plain(volume.text("id") or feature.text("id") or name, 100)
        suffix = f"#{plain(volume.text('seq') or number, 10)}" if len(volumes) > 1 and not volume.text("id") else ""
        seen[identifier + suffix] = count = seen.get(identifier + suffix, 0) + 1
        unique = identifier + suffix + (f"~{count}" if count > 1 else "")
        try:
            zones.append(_zone(feature, volume, unique, origin, notes))
        except NoOutline as why:
            _skip(feature, name, Message("{why} (line {line})", why=told_by(why), line=why.line), volume, notes)
    return zones


def _skip(feature: Mapping, name: str, why: Message, where: Mapping, notes: Notes) -> None:
    is_advice = _meaning(feature, where)[0].effect in (Effect.CONDITIONAL, Effect.INFORMATION)
    notes.skip(why, is_advice=is_advice, name=name, number=where.line or None)


def _zone(feature: Mapping, volume: Mapping, identifier: str, origin: ZoneSource, notes: Notes) -> Zone:
    name, line = plain(volume.text("name") or feature.text("name") or identifier, 120), volume.line or None
    outline = Pen().draw(_records(volume), volume.line)
    meaning, unknown = _meaning(feature, volume)
    lower, upper = _limit(volume, "lower", name, notes), _limit(volume, "upper", name, notes)
    doubt = contradiction_of(lower, upper)
    if doubt:
        notes.add(Code.ZONE_DOUBTFUL, doubt, name=name, number=line)
    if unknown:
        message = Message("{unknown} is not known; taken as one that needs authorisation", unknown=unknown)
        notes.add(Code.ZONE_CLASS_UNKNOWN, message, name=name, number=line)
    for at, text in outline.doubts:
        notes.add(Code.ZONE_OUTLINE_DOUBTFUL, text, name=name, number=at or None)
    if outline.shape.crosses_itself:
        notes.add(*repair_note(outline.shape), name=name, number=line)
    rules = [plain(rule, 40) for one in (feature, volume) for rule in one.listed("rules") if isinstance(rule, str)]
    said = [f"{key} {value}" for key in ("type", "localtype", "class") if (value := _text(feature, volume, key))]
    said += [f"rules {', '.join(rules)}"] if rules else []
    said += [plain(note, 200) for one in (feature, volume) for note in one.listed("notes") if isinstance(note, str)]
    by_notam = "NOTAM" in (rule.upper() for rule in rules)
    return Zone(
        id=identifier, name=name, kind=meaning.kind, shape=outline.shape, source=origin,
        edge=Edge.GEODESIC if outline.is_round else Edge.AMBIGUOUS, lower=lower, upper=upper,
        accuracy_m=outline.mismatch_m / 2 if outline.mismatch_m > NOTED_M else 0.0,
        schedule=Schedule(unknown=Message("activated by NOTAM")) if by_notam else ALWAYS,
        stated_effect=meaning.effect, remarks="; ".join(said)[:1_200], doubt=str(doubt),
    )  # fmt: skip


def _text(feature: Mapping, volume: Mapping, key: str) -> str:
    return plain(volume.text(key) or feature.text(key), 40)


def _meaning(feature: Mapping, volume: Mapping) -> tuple[Meaning, str]:
    """Return kind and effect, the strongest of type, localtype and class; and what no table has."""
    said = [token.upper() for key in ("type", "localtype") if (token := feature.text(key))]
    tokens = [token for token in said if token not in _SILENT]
    classed = _text(feature, volume, "class").upper()
    known = [MEANINGS[token] for token in tokens if token in MEANINGS]
    by_class, is_known_class = meaning_of(classed) if classed else (None, True)
    if not known or len(known) < len(tokens) or not is_known_class:
        kind = known[0].kind if known else ZoneKind.OTHER
        return Meaning(kind, Effect.NEEDS_AUTHORISATION), " ".join([*said, classed]).strip() or Message("its type")
    told = [(one.effect, one.kind) for one in known if one.effect is not None]
    told += [(by_class.effect, known[0].kind)] if by_class is not None and by_class.effect is not None else []
    effect, kind = max(
        told, key=lambda one: _STRENGTH.index(one[0]), default=(Effect.NEEDS_AUTHORISATION, known[0].kind)
    )
    return Meaning(kind, effect), ""


def _limit(volume: Mapping, key: str, name: str, notes: Notes) -> Limit:
    text = volume.text(key)
    limit = read_limit(text).limit
    if limit.datum is Datum.UNKNOWN:
        side = Message("lower") if key == "lower" else Message("upper")
        what = Message("no {side} limit", side=side)
        if text:
            what = Message("its {side} limit {text!r} is no height that can be read", side=side, text=plain(text, 40))
        notes.add(Code.ZONE_LIMIT_UNKNOWN, what, name=name, number=volume.line or None)
    return limit


def _records(volume: Mapping) -> list[TextRecord]:
    """Return the boundary in OpenAir's words. Raises NoOutline."""
    records, last = list[TextRecord](), ""
    for segment in volume.listed("boundary"):
        if not isinstance(segment, Mapping) or len(segment.members) != 1:
            raise NoOutline(Message("a segment of its boundary that is neither line, arc nor circle"), volume.line)
        ((kind, value),) = segment.members.items()
        if kind == "line" and isinstance(value, list) and value:
            points = [_point(point, segment.line) for point in value]
            records += [TextRecord(segment.line, "DP", point) for point in points]
            last = points[-1]
        elif kind == "circle" and isinstance(value, Mapping):
            records.append(TextRecord(segment.line, "V", f"X={_point(value.members.get('centre'), value.line)}"))
            records.append(TextRecord(segment.line, "DC", _radius_nm(value)))
        elif kind == "arc" and isinstance(value, Mapping) and value.text("dir") in ("cw", "ccw") and last:
            end = _point(value.members.get("to"), value.line)
            records.append(TextRecord(segment.line, "V", f"X={_point(value.members.get('centre'), value.line)}"))
            records.append(TextRecord(segment.line, "V", "D=+" if value.text("dir") == "cw" else "D=-"))
            records.append(TextRecord(segment.line, "DB", f"{last}, {end}"))
            last = end
        else:
            raise NoOutline(
                Message("a segment {kind!r} of its boundary that cannot be read", kind=plain(kind, 20)), segment.line
            )
    return records


def _point(value: Value, line: int) -> str:
    found = _POINT.fullmatch(value) if isinstance(value, str) and len(value) < 60 else None
    if found is None:
        raise NoOutline(Message("a coordinate that cannot be read: {value!r}", value=plain(value, 40)), line)
    d, m, s, ns, dd, mm, ss, ew = found.groups()
    return f"{d}:{m}:{s} {ns} {dd}:{mm}:{ss} {ew}"


def _radius_nm(value: Mapping) -> str:
    found = _RADIUS.fullmatch(value.text("radius").strip())
    if found is None or not found[1]:
        raise NoOutline(
            Message("a radius that cannot be read: {radius!r}", radius=plain(value.text("radius"), 40)), value.line
        )
    return found[1] if found[2] == "nm" else f"{float(found[1]) / _KM_PER_NM:.9f}"
