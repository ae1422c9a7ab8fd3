"""The features of an XML zone file as small trees: everything around them is passed over.

Names and attributes come without their namespace prefix. What would cost more memory than any zone file needs is
refused; comments that hold two hyphens, which XML forbids and real files have, are blanked.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dronecheck.airspace.aixm.comments import blanked
from dronecheck.airspace.common.notes import Notes
from dronecheck.errors import UnreadableInput
from dronecheck.issues import Code, Severity
from dronecheck.messages import Message
from dronecheck.safe.io import Input
from dronecheck.safe.xml import Stop, walk_xml

__all__ = ["TEXT_AT_MOST_CHARS", "FeatureDocument", "Node", "read_features"]

TEXT_AT_MOST_CHARS = 2 << 20  # of a list of coordinates: some 60,000 vertices
_MOST_BYTES = 192 << 20
_MOST_NODES = 300_000  # held at a time, reduced ones aside
_BLANKED_AT_MOST_BYTES = 48 << 20


@dataclass(slots=True, eq=False)
class Node:
    """An element; `value` is what a reducer made of it."""

    name: str
    attributes: Mapping[str, str]
    offset: int
    text: str = ""
    children: Sequence[Node] = ()
    value: object = None

    def all(self, name: str) -> list[Node]:
        """Return the node's children of that name."""
        return [child for child in self.children if child.name == name]

    def child(self, *path: str) -> Node | None:
        """Return the first element down this path of names."""
        here: Node | None = self
        for name in path:
            here = next((child for child in here.children if child.name == name), None) if here else None
        return here

    def said(self, *path: str) -> str:
        """Return the text at the end of a path, without spaces around it; "" when there is none."""
        found = self.child(*path)
        return found.text.strip() if found else ""

    def walk(self) -> Iterator[Node]:
        """Yield the node and all below it, in the order of the file."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(slots=True, eq=False)
class FeatureDocument:
    """The attributes of the root and the features in the order of the file."""

    root: Mapping[str, str] = field(default_factory=dict)
    features: list[Node] = field(default_factory=list)


class _Gatherer:
    """The walker: builds a tree for each element that is wanted and for nothing else."""

    def __init__(
        self,
        wanted: frozenset[str],
        unread: frozenset[str],
        reducers: Mapping[str, Callable[[Node], object]],
    ) -> None:
        self.wanted, self.unread, self.reducers = wanted, unread, reducers
        self.document = FeatureDocument()
        self.stack: list[Node] = []
        self.depth = self.muted = self.count = 0
        self.names: dict[str, str] = {}

    def start(self, name: str, attributes: Mapping[str, str], offset: int) -> None:
        self.depth += 1
        if self.depth == 1:
            self.document.root = _bare(attributes)
        if self.muted or not (self.stack or name in self.wanted):
            return
        if self.stack and name in self.unread:
            self.muted = self.depth
            return
        self.count += 1
        if self.count > _MOST_NODES:
            raise UnreadableInput("too_large", f"XML of more than {_MOST_NODES:,} elements about zones; split the file")
        node = Node(self.names.setdefault(name, name), _bare(attributes) if attributes else _NONE, offset)
        if self.stack:
            holder = self.stack[-1]
            if isinstance(holder.children, list):
                holder.children.append(node)
            else:  # most have none: no list for them
                holder.children = [node]
        self.stack.append(node)

    def end(self, name: str, text: str, offset: int) -> None:
        depth, self.depth = self.depth, self.depth - 1
        if self.muted:
            self.muted = 0 if depth == self.muted else self.muted
            return
        if not self.stack:
            return
        node = self.stack.pop()
        node.text = text if text and not text.isspace() else ""
        if node.name in self.reducers:
            node.value = self.reducers[node.name](node)
            self.count -= sum(1 for _ in node.walk()) - 1
            node.children = ()
        if not self.stack:
            self.document.features.append(node)


_NONE: Mapping[str, str] = {}


def _bare(attributes: Mapping[str, str]) -> dict[str, str]:
    return {key.rpartition(":")[2]: value for key, value in attributes.items()}


def read_features(
    source: Input,
    notes: Notes,
    wanted: frozenset[str],
    unread: frozenset[str] = frozenset(),
    reducers: Mapping[str, Callable[[Node], object]] | None = None,
) -> FeatureDocument:
    """Read the elements called as one of `wanted`, without what is below `unread`; a reduced element has no children.

    Where the document breaks off, what was whole before is kept, and the rest is noted as lost. Raises UnreadableInput
    for entities, and for more than any zone file holds.
    """
    if source.size_bytes > _MOST_BYTES:
        raise UnreadableInput("too_large", f"XML of more than {_MOST_BYTES >> 20} MiB; split the zone file")
    gatherer, stop = _gather(source.data, wanted, unread, reducers or {})
    if stop is not None and not stop.cut and source.size_bytes <= _BLANKED_AT_MOST_BYTES:
        again = blanked(bytes(source.data), only_odd=True)
        if again is not None:
            message = Message("comments with two hyphens, which XML forbids; passed over")
            notes.add(Code.BAD_RECORD, message, severity=Severity.INFO)
            gatherer, stop = _gather(again, wanted, unread, reducers or {})
    if stop is not None:
        why = Message("the file ends") if stop.cut else Message("no XML ({why})", why=stop.why)
        notes.skip(
            Message("{why} at byte {offset}: what follows is lost", why=why, offset=stop.offset),
            number=stop.offset,
        )
    return gatherer.document


def _gather(
    data: bytes | mmap.mmap,
    wanted: frozenset[str],
    unread: frozenset[str],
    reducers: Mapping[str, Callable[[Node], object]],
) -> tuple[_Gatherer, Stop | None]:
    gatherer = _Gatherer(wanted, unread, reducers)
    return gatherer, walk_xml(data, gatherer, text_at_most_chars=TEXT_AT_MOST_CHARS)
