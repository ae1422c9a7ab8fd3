"""A sentence's template: a string to be filled, or a choice among several by one of the values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["By", "Plural", "Template", "all_templates"]


@dataclass(frozen=True)
class By:
    """One template for each value of a field; "*" for all others ("none" is None, "true" and "false" are bools)."""

    field: str
    ways: Mapping[str, Template]


@dataclass(frozen=True)
class Plural:
    """A template for one and for several, by the field `count`."""

    one: str
    other: str


Template = str | By | Plural


def all_templates(template: Template) -> list[str | Plural]:
    """List every string, and every pair of singular and plural, that a template may come to."""
    if isinstance(template, By):
        return [one for way in template.ways.values() for one in all_templates(way)]
    return [template] if template else []
