"""Packs of rules for a terminal: what they say, in the law's own figures, in lines of 80 columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from dronecheck.borders.territories import territory_names
from dronecheck.quantities import plural
from dronecheck.report.terminal.lines import Lines
from dronecheck.rules import Pack, Quantity, Rule, RulesOnDay, compared

__all__ = ["differences_text", "pack_text", "packs_text"]

_MOST_NAMES, _MOST_CODES = 3, 6
_MEASURED = {
    Quantity.DISTANCE_TO_SURFACE: "from the closest point of the surface of the earth, in space",
    Quantity.HEIGHT_AGL: "straight above the ground",
    Quantity.HEIGHT_AGL_OR_STRUCTURE: "above the ground; what stands on it nearby may lift it",
    Quantity.GROUND_SPEED: "over the ground",
    Quantity.SUN_ELEVATION: "elevation of the centre of the sun, and no lower",
    Quantity.SUN_TIME: "before sunrise and after sunset",
    Quantity.HOME_TERRITORY: "the territory that the pack speaks for",
    Quantity.BORDER_DISTANCE: "from the land border, and no nearer",
}
_CERTAIN = {"A": "A: the official text", "B": "B: as told by others"}
_SI_UNIT = {"ft": "m", "km": "m", "NM": "m", "mph": "m/s", "kt": "m/s"}


def packs_text(packs: Sequence[Pack], *, day: date | None = None, territory: str | None = None, width: int = 80) -> str:
    """Return two or three lines a pack, with its rules that were law on a day; `territory` is whose they are."""
    if not packs:
        return f"no rules of {_named(territory)} are known here\n" if territory else "no packs of rules are on board\n"
    lines, out = Lines(width, False), list[str]()
    indent = " " * (2 + max(len(pack.id) for pack in packs))
    for pack in packs:
        rules = pack.rule if day is None else RulesOnDay(pack, day).rules
        out += lines.text(pack.title, pack.id.ljust(len(indent)), indent)
        out += lines.text(f"{_territories(pack, short=True)}; {_counted(pack, rules, day)}", indent)
    out.append("dronecheck rules show PACK tells each with its paragraph")
    return "\n".join((*out, *_read_on(packs))) + "\n"


def pack_text(pack: Pack, day: date | None = None, width: int = 80) -> str:
    """Return a pack rule by rule: all of them, with the days on which they were law, or those of one day."""
    lines = Lines(width, False)
    out = [
        *lines.text(f"{pack.id}: {pack.title}"),
        *lines.text(f"speaks for {_territories(pack)}", "", "  "),
        *lines.text(f"only if {'; '.join(pack.applies_if)}", "", "  "),
    ]
    rules = pack.rule if day is None else RulesOnDay(pack, day).rules
    for rule in rules:
        out += ["", *lines.text(f"{rule.id}, {_days(rule)}"), *lines.text(rule.title, "    ")]
        for what, said in _parts(rule):
            out += lines.text(f"{what}: {said}", "    ", "        ")
    if not rules:
        out += ["", *lines.text(f"No rule of it was law on {day}, or none that is known here.")]
    for head, told in (("In no log:", pack.not_checkable), ("Left out here:", pack.left_out)):
        out += ["", head] if told else []
        for one in told:
            out += lines.text(one, "  - ", "    ")
    return "\n".join((*out, "", *_read_on([pack]))) + "\n"


def differences_text(one: RulesOnDay, other: RulesOnDay, width: int = 80) -> str:
    """Return where the rules of two packs, or of two days, differ; what is the same is only named."""
    lines, same = Lines(width, False), list[str]()
    out = [
        line for sign, edition in (("-", one), ("+", other)) for line in lines.text(_edition(edition), f"{sign} ", "  ")
    ]
    for name, left, right in compared(one, other):
        if left == right:
            same.append(name)
            continue
        out += ["", name]
        before, after = (list(_all_parts(rule)) if rule else [] for rule in (left, right))
        for sign, parts, others in (("-", before, after), ("+", after, before)):
            for part in parts:
                if part not in others:
                    out += lines.text(": ".join(part), f"  {sign} ", "      ")
    if same:
        out += ["", *lines.text(f"the same in both: {', '.join(same)}")]
    return "\n".join((*out, "", *_read_on([one.pack, other.pack]))) + "\n"


def _all_parts(rule: Rule) -> Iterator[tuple[str, str]]:
    yield "rule", rule.title
    yield from _parts(rule)
    yield "law", _days(rule)


def _parts(rule: Rule) -> Iterator[tuple[str, str]]:
    """Yield what a rule says, part by part: its name and the words."""
    yield "limit", _limit(rule)
    yield "paragraph", rule.citation
    yield "source", f"{rule.source} ({_CERTAIN[rule.certainty]})"
    yield from (("speaks of", bound) for bound in _bounds(rule))
    yield from (("unless", exception) for exception in rule.exceptions)
    yield from (("not in a log", missing) for missing in rule.not_in_log)
    if rule.informs:
        yield "in a check", "informs, and never reaches a verdict"


def _limit(rule: Rule) -> str:
    if rule.value is None:
        return _MEASURED[rule.quantity]
    if rule.quantity is Quantity.SUN_TIME and rule.value == 0:
        return "sunrise and sunset themselves"
    figures = [_figure(rule.value, rule.unit, rule.limit_si)]
    if rule.other_value is not None and rule.limits_si is not None:
        others = [limit for limit in rule.limits_si if limit != rule.limit_si]
        figures.append(_figure(rule.other_value, rule.other_unit, others[0] if others else None))
    return f"{', also written '.join(figures)}, {_MEASURED[rule.quantity]}"


def _figure(value: float, unit: str, limit_si: float | None) -> str:
    si = _SI_UNIT.get(unit)
    plain = f"{value:g} {unit}"
    return plain if si is None or limit_si is None else f"{plain} ({limit_si:.7g} {si})"


def _bounds(rule: Rule) -> Iterator[str]:
    if rule.min_weight_g is not None:
        yield f"aircraft from {rule.min_weight_g:g} g on"
    if rule.max_weight_g is not None:
        yield f"aircraft below {rule.max_weight_g:g} g"
    if rule.classes:
        yield f"classes {', '.join(rule.classes)}"
    if rule.min_lat_deg is not None:
        yield f"places north of {rule.min_lat_deg:g} N"
    if rule.max_lat_deg is not None:
        yield f"places south of {rule.max_lat_deg:g} N"


def _days(rule: Rule) -> str:
    return f"from {rule.valid_from}" if rule.valid_to is None else f"{rule.valid_from} to {rule.valid_to}"


def _edition(edition: RulesOnDay) -> str:
    rules = "" if edition.rules else " (no rule that is known)"
    return f"{edition.pack.id} on {edition.day}{rules}: {edition.pack.title}"


def _counted(pack: Pack, rules: Sequence[Rule], day: date | None) -> str:
    known = len({rule.id for rule in rules})
    if day is not None:
        return f"{plural(known, 'rule')} on {day}" if known else f"none that is known of {day}"
    return f"{plural(known, 'rule')}, the first from {min(rule.valid_from for rule in pack.rule)}"


def _territories(pack: Pack, *, short: bool = False) -> str:
    """Return the territories by name, or by code where they are many."""
    codes = pack.territories
    if len(codes) <= _MOST_NAMES:
        return ", ".join(map(_named, codes))
    left = len(codes) - _MOST_CODES if short else 0
    return f"{', '.join(codes[:_MOST_CODES])} and {left} more" if left > 0 else ", ".join(codes)


def _named(code: str) -> str:
    return f"{territory_names(code).get('en', code)} ({code})"


def _read_on(packs: Iterable[Pack]) -> list[str]:
    """Return when somebody last read the sources: the oldest day of the packs."""
    return [f"As read on {min(pack.checked for pack in packs)}; not legal advice."]
