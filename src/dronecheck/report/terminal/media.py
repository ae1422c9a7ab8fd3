"""Photos and films on a terminal: a few lines for all of them, then those that people should look at first."""

from __future__ import annotations

from dronecheck.geofence.result import Reason, Verdict
from dronecheck.report.json.media_encode import MediaTold
from dronecheck.report.terminal.lines import Lines
from dronecheck.report.text.footage import (
    AFTERWARDS_WORDS,
    counted,
    gives_away,
    is_red,
    item_lines,
    item_title,
    ordered,
    overview,
)
from dronecheck.report.text.words import TERMINAL, words_of

__all__ = ["media_summary"]

_MOST_ITEMS = 12


def media_summary(
    told: MediaTold, *, others: int = 0, hiding_note: str = "", width: int = 80, colour: bool = False
) -> str:
    """Return the answer to all shots, ending in a newline; `others` is how many files beside them are no footage."""
    say = words_of(told, TERMINAL, facts_only=told.facts_only)
    page = Lines(max(40, min(width, 100)), colour and not told.facts_only)  # the colours are those of verdicts
    worst = min((a.verdict for a in told.answers if a.verdict), key=list(_GRAVEST).index, default=Verdict.CLEAR)
    first, *rest = overview(told, say)
    lines = [*page.paint(page.text(first), worst)]
    for text in rest:
        lines += page.text(text)
    lines += page.text(counted(told, others, say), "  ")
    red = [(number, answer) for number, answer in ordered(told) if is_red(answer)]
    for number, answer in red[:_MOST_ITEMS]:
        title = page.text(item_title(answer, told, say), "", "  ")
        lines += ["", *(page.paint(title, answer.verdict) if answer.verdict else title)]
        red_fields = gives_away(answer, say, with_fields=False)
        for text in (*item_lines(answer, told, say, told.of_log.get(number)), red_fields):
            lines += page.text(text, "    ", "      ")
    if len(red) > _MOST_ITEMS:
        more = say("... and {count} more (--json - lists all)", count=len(red) - _MOST_ITEMS)
        lines += ["", *page.text(more)]
    lines += ["", *page.text(say(AFTERWARDS_WORDS))]
    if any(Reason.HOME_UNKNOWN in answer.reasons for answer in told.answers):
        lines += page.text(say("--home ISO3 names the home territory"))
    if not told.logs and any(answer.verdict is Verdict.INCONCLUSIVE for answer in told.answers):
        lines += page.text(say("--log LOG brings the flight's log"))
    if any(answer.reveals for answer in told.answers):
        lines += page.text(say("Which fields: --report OUT.html or --json -"))
        lines += page.text(say("Copies without those fields: dronecheck media scrub PATH... -o FOLDER"))
    lines += page.text(hiding_note) if hiding_note else []
    return "\n".join(lines) + "\n"


_GRAVEST = (Verdict.VIOLATION, Verdict.INCONCLUSIVE, Verdict.CLEAR)
