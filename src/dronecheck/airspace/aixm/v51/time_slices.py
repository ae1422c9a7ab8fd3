"""AIXM 5.1 time slices: what a feature is from when to when, by the "AIXM Temporality Concept" 1.1.

| slice | read as |
|---|---|
| BASELINE, SNAPSHOT, none | the state from its begin to its end; an open end closes where a later one begins |
| PERMDELTA | its properties replace those of the baseline from its begin on, until a later baseline |
| TEMPDELTA | its properties replace those of the state while it lasts |
| the same sequence number twice | the highest correction number holds |

A delta replaces all values of a property it names. A PERMDELTA that begins with its baseline or before is in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from dronecheck.airspace.aixm.xml_tree import Node
from dronecheck.timebase import utc_ns

__all__ = ["OnlyChanges", "State", "UnreadableTime", "states_of"]

_TIMES = frozenset({
    "validTime", "interpretation", "sequenceNumber", "correctionNumber", "featureLifetime", "timeSliceMetadata",
})  # fmt: skip
_MOST_SLICES = 200
_FIRST, _LAST = -(2**62), 2**62


class OnlyChanges(Exception):
    """A feature of which the file has changes, but not what they change."""


class UnreadableTime(Exception):
    """A time slice whose time cannot be read."""


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """What a feature is from when to when (UTC nanoseconds, None: open): its properties, each with all its values."""

    from_ns: int | None
    to_ns: int | None
    properties: dict[str, list[Node]]

    def all(self, name: str) -> list[Node]:
        """Return the values of a property."""
        return self.properties.get(name, [])

    def said(self, name: str) -> str:
        """Return the text of a property; "" when there is none."""
        return next((node.text.strip() for node in self.all(name)), "")


@dataclass(frozen=True, slots=True, eq=False)
class _Slice:
    kind: str
    begin: int
    end: int
    number: tuple[int, int]
    properties: dict[str, list[Node]]


def states_of(feature: Node) -> list[State]:
    """Return the states of a feature in the order of time. Raises OnlyChanges and UnreadableTime."""
    slices = [_slice(node) for holder in feature.all("timeSlice") for node in holder.children]
    if len(slices) > _MOST_SLICES:
        raise UnreadableTime(f"more than {_MOST_SLICES} time slices")
    slices = _corrected(slices)
    baselines = sorted((s for s in slices if s.kind == "BASELINE"), key=lambda s: (s.begin, s.number))
    if not baselines:  # the change that brought it about says all of it
        baselines = [s for s in slices if s.kind == "PERMDELTA" and "geometryComponent" in s.properties][:1]
    if not baselines:
        raise OnlyChanges
    cuts = sorted({t for s in slices for t in (s.begin, s.end)})
    states = list[State]()
    for begin, end in pairwise(cuts):
        base = next((b for b in reversed(baselines) if b.begin <= begin < b.end), None)
        if base is None:
            continue
        deltas = sorted((s for s in slices if s is not base and _acts(s, base, begin)), key=_order)
        properties = dict(base.properties)
        for delta in deltas:
            properties.update(delta.properties)
        made = State(begin if begin > _FIRST else None, end if end < _LAST else None, properties)
        if states and states[-1].to_ns == made.from_ns and _same(states[-1].properties, properties):
            made = State(states.pop().from_ns, made.to_ns, properties)
        states.append(made)
    return states


def _acts(piece: _Slice, base: _Slice, begin: int) -> bool:
    if piece.kind == "PERMDELTA":
        return base.begin < piece.begin <= begin
    return piece.kind == "TEMPDELTA" and piece.begin <= begin < piece.end


def _order(piece: _Slice) -> tuple[bool, int, tuple[int, int]]:
    return piece.kind == "TEMPDELTA", piece.begin, piece.number


def _same(one: dict[str, list[Node]], other: dict[str, list[Node]]) -> bool:
    return one.keys() == other.keys() and all(one[key] is other[key] for key in one)


def _slice(node: Node) -> _Slice:
    kind = node.said("interpretation").upper() or "BASELINE"
    begin, end = _valid(node.child("validTime"), is_instant=kind == "PERMDELTA")
    properties: dict[str, list[Node]] = {}
    for child in node.children:
        if child.name not in _TIMES:
            properties.setdefault(child.name, []).append(child)
    number = tuple(_whole(node.said(name)) for name in ("sequenceNumber", "correctionNumber"))
    return _Slice("BASELINE" if kind == "SNAPSHOT" else kind, begin, end, (number[0], number[1]), properties)


def _valid(node: Node | None, *, is_instant: bool) -> tuple[int, int]:
    instant = next((n.text for n in (node.walk() if node else ()) if n.name == "timePosition"), "")
    begin = instant or next((n.text for n in (node.walk() if node else ()) if n.name == "beginPosition"), "")
    end = next((n.text for n in (node.walk() if node else ()) if n.name == "endPosition"), "")
    try:
        first = utc_ns(begin) if begin.strip() else None
        last = utc_ns(end, is_end=True) if end.strip() and not is_instant else None
    except (ValueError, OverflowError):
        raise UnreadableTime("a time slice whose time cannot be read") from None
    if first is not None and last is not None and last <= first:
        raise UnreadableTime("a time slice that ends before it begins")
    return _FIRST if first is None else first, _LAST if last is None else last


def _corrected(slices: Iterable[_Slice]) -> list[_Slice]:
    """Return the slices without those that a later correction of the same number replaces."""
    latest: dict[tuple[str, int], _Slice] = {}
    for number, piece in enumerate(slices):
        key = (piece.kind, piece.number[0] if piece.number[0] >= 0 else -1 - number)
        if key not in latest or latest[key].number[1] <= piece.number[1]:
            latest[key] = piece
    return list(latest.values())


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
