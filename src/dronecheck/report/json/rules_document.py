"""What `rules list --json` and `rules show --json` write, as types: packs of rules with their figures in SI units.

Unknown is null, and so is a bound that there is not; days are local law days, `valid_to` the last of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal

import msgspec

from dronecheck.report.json.document import without_code
from dronecheck.rules import Pack, Quantity, Rule, RulesOnDay

__all__ = ["RulesDocument", "encode", "rules_document", "schema_bytes"]

SCHEMA: Literal["dronecheck.packs/1"] = "dronecheck.packs/1"


class _RulesPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Nothing undeclared is written, and every field is always present."""


class RuleDescription(_RulesPart, frozen=True):
    """One number of one paragraph.

    `value` is in the law's `unit`, `other_value` a second figure of the same paragraph; `limits_si` the least and the
    greatest of them in m, m/s, degrees or seconds, null for a rule without a number. Certainty A: the official text was
    read; B: quoted by an authority or others.
    """

    id: str
    title: str
    quantity: Quantity
    value: float | None
    unit: str | None
    other_value: float | None
    other_unit: str | None
    limits_si: tuple[float, float] | None
    citation: str
    source: str
    certainty: Literal["A", "B"]
    valid_from: date
    valid_to: date | None
    exceptions: tuple[str, ...]
    not_in_log: tuple[str, ...]
    informs: bool
    min_weight_g: float | None
    max_weight_g: float | None
    classes: tuple[str, ...]
    min_lat_deg: float | None
    max_lat_deg: float | None


class PackDescription(_RulesPart, frozen=True):
    """A pack; with `on`, the rules that were law on that day, else all of them."""

    id: str
    title: str
    territories: tuple[str, ...]
    checked: date
    on: date | None
    applies_if: tuple[str, ...]
    not_checkable: tuple[str, ...]
    left_out: tuple[str, ...]
    rules: tuple[RuleDescription, ...]


class RulesDocument(_RulesPart, frozen=True):
    """As read on the day `checked` of each pack; not legal advice."""

    schema: Literal["dronecheck.packs/1"]
    packs: tuple[PackDescription, ...]


def rules_document(shown: Iterable[tuple[Pack, date | None]]) -> RulesDocument:
    """Return packs as a document, each with all its rules or with those of one day."""
    return RulesDocument(schema=SCHEMA, packs=tuple(_pack(pack, day) for pack, day in shown))


def encode(document: RulesDocument) -> bytes:
    """Encode as indented UTF-8 JSON with a final newline."""
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def schema_bytes() -> bytes:
    """Return the JSON Schema (2020-12) of the document, as it ships in `rules.schema.json`."""
    (document,), definitions = msgspec.json.schema_components([RulesDocument], ref_template="#/$defs/{name}")
    without_code(definitions)
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA,
        "title": "dronecheck rules list --json, dronecheck rules show --json",
        **document,
        "$defs": dict(sorted(definitions.items())),
    }
    return msgspec.json.format(msgspec.json.encode(schema, order="deterministic"), indent=2) + b"\n"


def _pack(pack: Pack, day: date | None) -> PackDescription:
    rules = pack.rule if day is None else RulesOnDay(pack, day).rules
    return PackDescription(
        id=pack.id,
        title=pack.title,
        territories=pack.territories,
        checked=pack.checked,
        on=day,
        applies_if=pack.applies_if,
        not_checkable=pack.not_checkable,
        left_out=pack.left_out,
        rules=tuple(map(_rule, rules)),
    )


def _rule(rule: Rule) -> RuleDescription:
    told = msgspec.structs.asdict(rule) | {
        "unit": None if rule.value is None else rule.unit,
        "other_unit": None if rule.other_value is None else rule.other_unit,
        "limits_si": rule.limits_si,
    }
    return RuleDescription(**told)
