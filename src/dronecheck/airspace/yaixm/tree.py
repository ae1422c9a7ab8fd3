"""YAML as a tree of mappings, lists and words, each mapping with its line. Read with PyYAML (the extra `yaml`).

Nothing can grow, name code or nest without end: anchors, aliases and tags are refused where they stand, and so are keys
that stand twice, more than one document, and more of anything than any such file has. Words stay as they are written:
numbers and dates are text, and only an empty value, `~` and `null` are none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from dronecheck.errors import UnreadableInput
from dronecheck.safe.extras import require
from dronecheck.safe.io import plain

__all__ = ["Mapping", "Value", "parse_yaml"]

_DEEPEST = 32
_MOST_LINES = 200_000
_MOST_VALUES = 400_000
_NONE = ("", "~", "null")
_DIRECTIVE = re.compile(r"^%(?!YAML)", re.MULTILINE)


@dataclass(slots=True)
class Mapping:
    """The members of a mapping and the line on which it begins."""

    line: int
    members: dict[str, Value] = field(default_factory=dict)

    def text(self, key: str) -> str:
        """Return a member that is a word; "" when it is absent or something else."""
        value = self.members.get(key)
        return value if isinstance(value, str) else ""

    def listed(self, key: str) -> list[Value]:
        """Return a member that is a list; [] when it is absent or something else."""
        value = self.members.get(key)
        return value if isinstance(value, list) else []


Value: TypeAlias = "str | list[Value] | Mapping | None"


def parse_yaml(text: str) -> Mapping:
    """Return the document, a mapping. Raises UnreadableInput that names the line, UsageError without PyYAML."""
    require("yaml", "yaml", "YAIXM in YAML (as JSON it needs none)")
    import yaml

    if text.count("\n") > _MOST_LINES:
        raise UnreadableInput("too_large", f"YAIXM of more than {_MOST_LINES:,} lines; the United Kingdom has 11,000")
    directive = _DIRECTIVE.search(text)  # libyaml compares each with all others: quadratic time
    if directive is not None:
        raise _refusal(text.count("\n", 0, directive.start()) + 1, "a directive, of which YAIXM has no need")
    tree = _Tree(yaml)
    try:
        for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            tree.take(event)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _refusal(line, f"no YAML ({plain(error.problem, 80)})") from None
    except yaml.YAMLError as error:
        raise UnreadableInput("not_yaixm", f"no YAIXM: no YAML ({plain(' '.join(str(error).split()), 80)})") from None
    if not isinstance(tree.root, Mapping):
        raise UnreadableInput("not_yaixm", "no YAIXM: no mapping with airspace in it")
    return tree.root


class _Tree:
    """Puts PyYAML's events together: whatever is refused is refused before anything is made of it."""

    def __init__(self, yaml: Any) -> None:
        self.yaml = yaml
        self.root: Value = None
        self.open: list[tuple[Mapping | list[Value], str | None]] = []  # what is begun, and the key that awaits a value
        self.count = self.documents = 0

    def take(self, event: Any) -> None:
        """Take one event. Raises UnreadableInput."""
        yaml, line = self.yaml, event.start_mark.line + 1
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise _refusal(line, "a second document")
        elif isinstance(event, yaml.CollectionEndEvent):
            self.open.pop()
        elif isinstance(event, yaml.NodeEvent):
            self._check(event, line)
            if isinstance(event, yaml.ScalarEvent):
                self._put(event.value, line, is_none=event.style is None and event.value in _NONE)
            else:
                begun = Mapping(line) if isinstance(event, yaml.MappingStartEvent) else list[Value]()
                self._put(begun, line)
                self.open.append((begun, None))

    def _check(self, event: Any, line: int) -> None:
        self.count += 1
        if self.count > _MOST_VALUES:
            text = f"YAIXM of more than {_MOST_VALUES:,} values; the United Kingdom has 30,000"
            raise UnreadableInput("too_large", text)
        if isinstance(event, self.yaml.AliasEvent) or event.anchor is not None:
            raise _refusal(line, "an anchor or an alias, of which YAIXM has no need")
        if event.tag is not None:
            raise _refusal(line, f"a tag, of which YAIXM has no need ({plain(event.tag, 40)})")
        if len(self.open) > _DEEPEST:
            raise _refusal(line, f"nested more than {_DEEPEST} deep")

    def _put(self, value: Value, line: int, *, is_none: bool = False) -> None:
        """Put a value into what is begun last; in a mapping every other one is a key."""
        if not self.open:
            self.root = None if is_none else value
            return
        holder, key = self.open[-1]
        if isinstance(holder, list):
            holder.append(None if is_none else value)
        elif key is not None:
            holder.members[key] = None if is_none else value
            self.open[-1] = (holder, None)
        elif not isinstance(value, str):
            raise _refusal(line, "a key that is no word")
        elif value in holder.members:
            raise _refusal(line, f"{plain(value, 40)} stands twice in one mapping")
        else:
            self.open[-1] = (holder, value)


def _refusal(line: int, why: str) -> UnreadableInput:
    return UnreadableInput("not_yaixm", f"line {line}: {why}; write it as plain YAML, or as JSON")
