"""The words of one report: a language, a surface on which options of the command line may be named or not, and whether
verdicts may be told at all.

English is in the code, as templates; the other languages are gettext catalogues (`locale/<language>.po`, compiled
beside them by `make catalogues`). A template without a translation stays English, whole: nothing is taken apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, reduce
from importlib.resources import files
from typing import TYPE_CHECKING

from dronecheck.geofence.clauses import Clause, ClauseCode
from dronecheck.geofence.result import REMEDY_OF, Reason, Verdict
from dronecheck.issues import Issue, Remedy
from dronecheck.messages import Message
from dronecheck.quantities import Filler
from dronecheck.report.text.facts.wording import FACTS_WORDS
from dronecheck.report.text.templates import CLAUSES, REMEDIES, TERMS, WHY_OPEN, By, Plural, Template
from dronecheck.timebase import utc_text

if TYPE_CHECKING:
    from gettext import NullTranslations

__all__ = ["ELSEWHERE", "TERMINAL", "Words", "words"]

TERMINAL, ELSEWHERE = "terminal", "elsewhere"
# Between two clauses, after a sentence, between two sentences; and between the parts of a list.
_MARKS = {"en": ("; ", ".", " "), "zh": ("；", "。", ""), "ko": ("; ", ".", " ")}
_COMMA = {"en": ", ", "zh": "，", "ko": ", "}


@dataclass(frozen=True)
class Words:
    """Words in a language for a surface; calling it words a template: `say("in {place}", place=...)`.

    With `facts_only` what a template judges is left to others: it gives way to one that states (`facts.wording`).
    """

    language: str
    surface: str
    facts_only: bool = False

    def __call__(self, template: str, /, **values: object) -> str:
        """Translate a template and fill it; without values it is taken as it is, braces included."""
        text = self._translated(template)
        return self._filled(text, values) if values else text

    def clause(self, clause: Clause) -> str:
        """Return one clause in words."""
        return self._worded(CLAUSES[clause.code], dict(clause.values))

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
        return self(text.template, **text.values) if isinstance(text, Message) else self._translated(text)

    def plural(self, one: str, other: str, /, count: int, **values: object) -> str:
        """Translate and fill the template for one thing or for several."""
        return self._filled(self._plural(Plural(one, other), count), {"count": count, **values})

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

    def grade(self, code: str) -> str:
        """Return how grave something is as reports write it: its code, unless that judges where only facts are told."""
        return self._translated(code) if self.facts_only and code in FACTS_WORDS else code

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
            return self._filled(self._plural(template, int(str(known["count"]))), known)
        return self._filled(self._translated(template), known) if template else ""

    def _filled(self, text: str, values: Mapping[str, object]) -> str:
        return Filler(self._term).filled(text, {name: self._value(value) for name, value in values.items()})

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
        return self._translated(TERMS.get(code, code))

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
def words(language: str, surface: str = ELSEWHERE, *, facts_only: bool = False) -> Words:
    """Return the words of a language ("en", "zh", "ko") for a surface (TERMINAL or ELSEWHERE)."""
    return Words(language, surface, facts_only)


@cache
def _catalogue(language: str) -> NullTranslations | None:
    """Load a language's catalogue; None for English, which needs none."""
    if language == "en":
        return None
    from gettext import GNUTranslations

    with files("dronecheck.report.text").joinpath("locale", f"{language}.mo").open("rb") as compiled:
        return GNUTranslations(compiled)
