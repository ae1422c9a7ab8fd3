"""What a page or document says beside its findings, for who holds it as an exhibit.

What its words and figures mean, what no log can prove, and who had it made, by which command. The ten limits have
their one text here; docs/limits.md opens with them, which a test holds.
"""

from __future__ import annotations

from dronecheck.geofence.result import Result
from dronecheck.messages import Message
from dronecheck.report.case import Exhibit
from dronecheck.report.json.encode import tool_version
from dronecheck.report.text.words import Words

__all__ = ["LIMITS", "border_accuracy", "exhibit_rows", "glossary", "limits"]

_GLOSSARY_WORDS = (  # a term as reports use it, and what it means
    (
        "ENTERED, DID NOT ENTER, CANNOT TELL",
        "The three answers. The third is given wherever the errors, a gap or missing data could change the answer.",
    ),
    (
        "inside at the deepest",
        "The margin: the distance to the nearest edge of the outline at the deepest instant, or at the closest of an "
        "approach, along the ellipsoid WGS 84.",
    ),
    (
        "known to",
        "How far fixes and outline together may be off (the guard band): 2.33 sigma, or the distance that 95 % of the "
        "measured errors of the outline keep within, whichever is larger. A smaller margin decides nothing.",
    ),
    (
        "sigma",
        "One standard deviation of the margin: the error of the fix and of the outline together. 68 % of normal errors "
        "are smaller.",
    ),
    ("± (95 %)", "The uncertainty: 95 % of errors are smaller, if the accuracies stated in the log and the data hold."),
    (
        "P(inside), P(above)",
        "The probability that the aircraft was inside the outline, or above the limit, at that instant, by these "
        "errors and if the log is genuine.",
    ),
    (
        "in, out; from, to",
        "The instants of entry and exit, interpolated between two fixes; of an approach, when it was within the guard "
        "band.",
    ),
    ("fix", "One position with its time, as the log has it. A gap is a longer pause between two fixes than is usual."),
    ("AMSL, HAE, AGL", "Heights above mean sea level, above the ellipsoid, and above the ground straight below."),
    (
        "home",
        "The territory of the take-off, where the flight was at home: any other is abroad. Where the log does not "
        "show it, it has to be named.",
    ),
    (
        "take-off, landing recorded",
        "Whether the log shows the flight from the ground to the ground. What came before or after it is not known.",
    ),
    (
        "NOT CHECKED, NOT CHECKABLE",
        "Nothing was asked, or the log cannot answer it. Neither means that all was well.",
    ),
    (
        "GCJ-02",
        "A national system of China whose positions lie up to some 700 m beside those of satellites (WGS 84). Apps "
        "with Chinese maps may write it.",
    ),
    ("local time", "The time of day where the flight was, by the time zone of the towns around."),
    ("UTC", "Universal time. The clock that it comes from, and how far that may be off, stand beside the log."),
    (
        "for information, caution, damage, contradiction",
        "How much a note matters: a fact; something assumed or left out; bytes that are missing or broken; records "
        "that contradict each other as an edit would make them.",
    ),
    (
        "SHA-256",
        "A fingerprint of a file. Whoever has the file can make it again; one changed bit gives another.",
    ),
)

LIMITS = (
    Message("A log can be edited. An edit that is consistent in itself passes every test."),
    Message("Whose log it is, the log cannot prove: a serial number in it is text."),
    Message("What was not recorded is not judged. Between two fixes it may have been where its speed allows."),
    Message("Whether it stood on the ground is told by its heights, and a hover can look like it."),
    Message("Satellite positions err by metres, more between houses, and can be falsified as a whole."),
    Message("Borders and zones are as their source has them; their own error is part of every margin."),
    Message("What was permitted is not in the data: an entry is one unless it was authorised."),
    Message("Heights above the ground need terrain; a surface model holds roofs and trees."),
    Message("Names and claims of territories are as in the source; no position is taken."),
    Message("Facts and margins are stated; no legal advice is given."),
)


def glossary(say: Words) -> list[tuple[str, str]]:
    """Return each term of the reports with its meaning."""
    return [(say(term), say(meaning)) for term, meaning in _GLOSSARY_WORDS]


def limits(say: Words) -> list[tuple[str, str]]:
    """Return what no log can prove, numbered."""
    return [(str(number), say.told(limit)) for number, limit in enumerate(LIMITS, 1)]


def exhibit_rows(exhibit: Exhibit | None, say: Words) -> list[tuple[str, str]]:
    """Return name and value of what is known of the document itself: who, what, by what command, and when."""
    if exhibit is None:
        return []
    rows = [
        (say("Exhibit"), exhibit.name),
        (say("Analyst"), exhibit.analyst),
        (say("Made by"), f"dronecheck {tool_version()}"),
        (say("Command"), exhibit.command),
        (say("Made at"), say("not stated: no clock is read; a time stamp (RFC 3161) of the whole tells")),
    ]
    return [(name, value) for name, value in rows if value]


def border_accuracy(result: Result, say: Words) -> str:
    """Return how well the borders are known: of each stretch its own, and what that makes of each finding's margin."""
    told = [
        say("finding {number}: known to {band_m}", number=number, band_m=finding.band_m)
        for number, finding in enumerate(result.findings, 1)
        if finding.zone is not None and finding.zone.is_border and finding.band_m is not None
    ]
    text = say("of each stretch its own, as on the map")
    return say.between.join([text, *told])
