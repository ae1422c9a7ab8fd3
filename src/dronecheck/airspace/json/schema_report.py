"""Where a JSON zone file departs from a published JSON schema: a report beside the reading, never a gate.

Real feeds depart from ED-318's official schema and are read all the same; an authority may want to know where. The
schema is the user's own file (EUROCAE publishes ED-318's in several that refer to each other by name, drafts 7): the
others are looked for beside it, and nothing is fetched. Needs `jsonschema` (the extra `schema`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from dronecheck.errors import UnreadableInput, UsageError
from dronecheck.safe.extras import require
from dronecheck.safe.io import Input, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jsonschema.exceptions import ValidationError
    from referencing import Resource

__all__ = ["Departure", "departures"]

SCHEMA_AT_MOST_BYTES = 4 << 20
EXAMPLE_CHARS = 60
_WORDS = {
    "type": "is not of type {}",
    "enum": "is none of {}",
    "const": "is not {}",
    "pattern": "does not match {}",
    "minLength": "is shorter than {}",
    "maxLength": "is longer than {}",
    "minItems": "has fewer than {}",
    "maxItems": "has more than {}",
    "minimum": "is less than {}",
    "maximum": "is more than {}",
    "additionalProperties": "has properties that the schema does not know",
    "anyOf": "fits none of the alternatives",
    "oneOf": "fits not exactly one of the alternatives",
}


@dataclass(slots=True)
class Departure:
    """One rule that is not kept, wherever in the file: `place` with * for numbers, the first feature, and how often."""

    place: str
    rule: str
    example: str
    first: int | None  # number of the feature, from 1
    count: int = 1


def departures(source: Input, schema: Path) -> list[Departure]:
    """Return every rule of the schema that the document breaks, the most frequent first.

    Raises UnreadableInput when the input is no JSON, UsageError when the schema cannot be used.
    """
    require("jsonschema", "schema", "--schema")
    from jsonschema import validators
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    rules = _loaded(schema)
    try:
        document = json.loads(bytes(source.data))
    except (ValueError, RecursionError):
        raise UnreadableInput("not_json", "a JSON schema can only be held against a JSON file") from None
    kind = validators.validator_for(rules)
    registry: Registry[object] = Registry(retrieve=lambda uri: _beside(schema, uri))  # type: ignore[call-arg]
    try:
        kind.check_schema(rules)
        return _grouped(kind(rules, registry=registry).iter_errors(document))  # pyright: ignore[reportArgumentType]
    except Unresolvable as error:
        raise UsageError(
            f"{plain(schema.name)} refers to {plain(str(error.ref), 80)}, which is not beside it"
        ) from None
    except RecursionError:
        raise UnreadableInput("too_deep", "nested too deeply to be held against a schema") from None
    except Exception as error:
        if type(error).__name__ != "SchemaError":
            raise
        raise UsageError(f"{plain(schema.name)} is no JSON schema that can be used") from None


def _loaded(path: Path) -> dict[str, object]:
    try:
        with path.open("rb") as file:
            data = file.read(SCHEMA_AT_MOST_BYTES + 1)
        found = json.loads(data) if len(data) <= SCHEMA_AT_MOST_BYTES else None
    except OSError as error:
        raise UsageError(f"{plain(str(path))}: {error.strerror}") from None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise UsageError(f"{plain(path.name)} is no JSON schema")
    return found


def _beside(schema: Path, uri: str) -> Resource[object]:
    """Return a further file of the schema, by its name alone, from the same folder."""
    from referencing import Resource
    from referencing.exceptions import NoSuchResource
    from referencing.jsonschema import DRAFT7

    name = PurePosixPath(urlsplit(uri).path).name
    path = schema.with_name(name) if name else schema
    if not path.is_file():
        raise NoSuchResource(uri)
    return Resource.from_contents(_loaded(path), default_specification=DRAFT7)


def _grouped(errors: Iterable[ValidationError]) -> list[Departure]:
    found: dict[tuple[str, str], Departure] = {}
    for error in (leaf for whole in errors for leaf in _leaves(whole)):
        steps = list(error.absolute_path)
        place = ".".join("*" if isinstance(step, int) else plain(str(step), 40) for step in steps) or "(document)"
        rule = _rule(error)
        if (place, rule) in found:
            found[place, rule].count += 1
            continue
        is_feature = len(steps) > 1 and steps[0] == "features" and isinstance(steps[1], int)
        first = int(steps[1]) + 1 if is_feature else None
        example = plain(json.dumps(error.instance, ensure_ascii=False), EXAMPLE_CHARS)
        found[place, rule] = Departure(place, rule, example, first)
    return sorted(found.values(), key=lambda one: (-one.count, one.place, one.rule))


def _leaves(error: ValidationError) -> Iterator[ValidationError]:
    """Yield what is wrong in the alternative that comes nearest, where a schema offers several."""
    if error.validator not in ("anyOf", "oneOf") or not error.context:
        yield error
        return
    alternatives: dict[object, list[ValidationError]] = {}
    for inner in error.context:
        alternatives.setdefault(inner.relative_schema_path[0], []).append(inner)

    def farness(inner: list[ValidationError]) -> tuple[bool, int]:
        return any(e.validator == "type" and e.absolute_path == error.absolute_path for e in inner), len(inner)

    for one in min(alternatives.values(), key=farness):
        yield from _leaves(one)


def _rule(error: ValidationError) -> str:
    """Return the rule in words."""
    value = error.validator_value
    if error.validator == "required" and isinstance(value, list) and isinstance(error.instance, dict):
        # one error a missing name; its message begins with the name
        return "lacks " + plain(error.message.split("'")[1] if "'" in error.message else "a property", 60)
    text = _WORDS.get(str(error.validator), f"breaks {error.validator} {{}}")
    return text.format(plain(json.dumps(value, ensure_ascii=False), EXAMPLE_CHARS))
