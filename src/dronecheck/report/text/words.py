"""The words of one report: a language, units, a surface on which options of the command line may be named or not, and
whether verdicts may be told at all.

English is in the code, as templates; the other languages are gettext catalogues (`locale/<language>.po`, compiled
beside them by `make catalogues`). A template without a translation stays English, whole: nothing is taken apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, reduce
from importlib.resources import files
from typing import TYPE_CHECKING, Protocol

from dronecheck.borders.territories import is_known, territory_names
from dronecheck.geofence.clauses import Clause, ClauseCode
from dronecheck.geofence.result import REMEDY_OF, Reason, Verdict
from dronecheck.issues import Issue, Remedy
from dronecheck.messages import Message
from dronecheck.quantities import AsWritten, Filler, Units
from dronecheck.report.text.facts.wording import FACTS_WORDS
from dronecheck.report.text.templates import CLAUSES, REMEDIES, TERMS, WHY_OPEN, By, Plural, Template
from dronecheck.timebase import utc_text

if TYPE_CHECKING:
    from gettext import NullTranslations

__all__ = ["ELSEWHERE", "TERMINAL", "AskedWords", "Words", "words", "words_of"]

TERMINAL, ELSEWHERE = "terminal", "elsewhere"
# Between two clauses, after a sentence, between two sentences; and between the parts of a list.
_MARKS = {"en": ("; ", ".", " "), "zh": ("；", "。", ""), "ko": ("; ", ".", " ")}
_COMMA = {"en": ", ", "zh": "，", "ko": ", "}


class AskedWords(Protocol):
    """What says in which language and units a report is told: settings, for one."""

    @property
    def language(self) -> str:
        """Return "en", "zh" or "ko"."""
        ...

    @property
    def units(self) -> Units:
        """Return the units that figures are told in."""
        ...


@dataclass(frozen=True)
class Words:
    """Words in a language and units for a surface; calling it words a template: `say("in {place}", place=...)`.

    With `facts_only` what a template judges is left to others: it gives way to one that states (`facts.wording`).
    """

    language: str
    surface: str
    units: Units = Units.METRIC
    facts_only: bool = False

    def __call__(self, template: str, /, **values: object) -> str:
        """Translate a template and fill it; without values it is taken as it is, braces included."""
        text = self._translated(template)
        return (
            self._filled(text, values, template)
            if values
            else self.units.beside(text, is_of_heights="height" in template)
        )

    def clause(self, clause: Clause) -> str:
        """Return one clause in words."""
        values = dict(clause.values)
        if isinstance(limit_m := values.get("limit_m"), (int, float)):  # of the user, or of a law that was named
            values["limit_m"] = AsWritten(limit_m)
        return self._worded(CLAUSES[clause.code], values)

    def clauses(self, clauses: Iterable[Clause]) -> str:
        """Return clauses in words, as one sentence without its stop."""
        said, opening = list[str](), ""
        for clause in clauses:
            if clause.code is ClauseCode.ONLY_IF:  # opens the sentence: "if its edges are geodesics: ..."
                opening += self.clause(clause)
            else:
                said.append(self.clause(clause))
        return opening + self.between.join(said)

    def why_open(self, reason: Reason) -> str:
        """Return why an answer is open and what would settle it; "" for a reason that leaves nothing open."""
        if reason not in WHY_OPEN:
            return ""
        parts = (self._worded(WHY_OPEN[reason], {}), self.remedy(REMEDY_OF[reason]))
        return self.between.join(filter(None, parts))

    def remedy(self, remedy: Remedy) -> str:
        """Return a remedy in words: what would settle it."""
        return self._worded(REMEDIES[remedy], {})

    def message(self, issue: Issue) -> str:
        """Return a note in words, and what would settle it."""
        text = self.told(issue.message)
        return self.between.join(filter(None, (text, self.remedy(issue.remedy) if issue.remedy else "")))

    def told(self, text: str) -> str:
        """Translate a text: by its parts where it knows them (a Message), else as it stands or not at all."""
        if isinstance(text, Message):
            return self(text.template, **text.values)
        return self.units.beside(self._translated(text), is_of_heights="height" in text)

    def plural(self, one: str, other: str, /, count: int, **values: object) -> str:
        """Translate and fill the template for one thing or for several."""
        return self._filled(self._plural(Plural(one, other), count), {"count": count, **values}, other)

    def sentence(self, text: str) -> str:
        """Close a sentence."""
        return text + self.stop

    def sentences(self, texts: Iterable[str]) -> str:
        """Join closed sentences."""
        return _MARKS[self.language][2].join(texts)

    def listed(self, texts: Iterable[str]) -> str:
        """Join the parts of a list within a sentence."""
        return _COMMA[self.language].join(texts)

    def look(self, verdict: Verdict | None, without: str = "unknown") -> str:
        """Return the class under which pages draw what has a verdict: one for all where only facts are told."""
        if self.facts_only:
            return "fact"
        return verdict.value.lower() if verdict is not None else without

    @property
    def between(self) -> str:
        """Return what parts two clauses."""
        return _MARKS[self.language][0]

    @property
    def stop(self) -> str:
        """Return what ends a sentence."""
        return _MARKS[self.language][1]

    def _worded(self, template: Template, values: Mapping[str, object]) -> str:
        known = {**values, "surface": self.surface}
        while isinstance(template, By):
            value = known.get(template.field)
            key = str(value).lower() if value is None or isinstance(value, bool) else str(value)
            template = template.ways.get(key, template.ways.get("*", ""))
        if isinstance(template, Plural):
            return self._filled(self._plural(template, int(str(known["count"]))), known, template.other)
        return self._filled(self._translated(template), known, template) if template else ""

    def _filled(self, text: str, values: Mapping[str, object], template: str) -> str:
        told = {name: self._value(value) for name, value in values.items()}
        return Filler(self._term, self.units).filled(text, told, template)

    def _value(self, value: object) -> object:
        if isinstance(value, Message):
            return self.told(value)
        if isinstance(value, tuple) and value and isinstance(value[0], str):
            parts = (self.told(part) if isinstance(part, Message) else part for part in value)
            return reduce(lambda one, other: self("{reference} and {more}", reference=one, more=other), parts)
        if isinstance(value, tuple):  # spans of time
            return self.listed(self("{begin} to {end}", begin=utc_text(a), end=utc_text(b)) for a, b in value)
        return value

    def _term(self, code: str) -> str:
        return self._translated(TERMS[code]) if code in TERMS else self.territory(code)

    def territory(self, code: str) -> str:
        """Return the name of a territory by its code (ISO alpha-3); a code that is none as it stands, translated."""
        names = territory_names(code) if is_known(code) else {}
        return names.get(self.language) or names.get("en") or self._translated(code)

    def _translated(self, template: str) -> str:
        if self.facts_only:
            template = FACTS_WORDS.get(template, template)
        catalogue = _catalogue(self.language)
        return catalogue.gettext(template) if catalogue and template else template

    def _plural(self, template: Plural, count: int) -> str:
        catalogue = _catalogue(self.language)
        if catalogue:
            return catalogue.ngettext(template.one, template.other, count)
        return template.one if count == 1 else template.other


@cache
def words(language: str, surface: str = ELSEWHERE, units: Units = Units.METRIC, *, facts_only: bool = False) -> Words:
    """Return the words of a language ("en", "zh", "ko") in units for a surface (TERMINAL or ELSEWHERE)."""
    return Words(language, surface, Units(units), facts_only)


def words_of(asked: AskedWords, surface: str = ELSEWHERE, *, facts_only: bool = False) -> Words:
    """Return the words that settings ask for."""
    return words(asked.language, surface, asked.units, facts_only=facts_only)


@cache
def _catalogue(language: str) -> NullTranslations | None:
    """Load a language's catalogue; None for English, which needs none."""
    if language == "en":
        return None
    from gettext import GNUTranslations

    with files("dronecheck.report.text").joinpath("locale", f"{language}.mo").open("rb") as compiled:
        return GNUTranslations(compiled)
