"""Photos and films in words: what all of them say together, and each by itself; shared by terminal and page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from math import isfinite

from dronecheck.footage.camera import ViewDoubt
from dronecheck.footage.film import Episode
from dronecheck.footage.relation import FootageRelation
from dronecheck.footage.shots.answer import FILE_UNREADABLE, FILES_CONTRADICT, PLACE_UNKNOWN_IN_PARTS, ShotAnswer
from dronecheck.geofence.result import Finding, Reason, Verdict
from dronecheck.media.model import MediaItem, MediaKind, PositionStatus
from dronecheck.media.reveals import RevealGravity, RevealKind
from dronecheck.quantities import COVERAGE_95, coordinates, duration, film_clock
from dronecheck.report.json.media_document import ItemLogEntry
from dronecheck.report.json.media_encode import MediaTold
from dronecheck.report.text.facts.headline import OF_STATUS, is_inside
from dronecheck.report.text.headline import finding_title
from dronecheck.report.text.words import Words
from dronecheck.safe.io import plain
from dronecheck.timebase import iso_utc

__all__ = [
    "AFTERWARDS_WORDS", "counted", "gives_away", "hiding_words", "is_red", "item_lines", "item_title", "ordered",
    "overview", "verdict_words",
]  # fmt: skip

_MOST_NAMES = 4
_MOST_FIELDS = 2
_RELATION_WORDS = {
    FootageRelation.TAKEN_INSIDE: "Taken inside {areas}.",
    FootageRelation.LOOKS_INTO: "Looking into {areas}.",
    FootageRelation.HORIZON_TOUCHES: "On the horizon, or not certainly in view: {areas}.",
    FootageRelation.UNKNOWN: "Whether they are in view is not known: {areas}.",
}
_KIND_WORDS = {
    RevealKind.PLACE: "the place",
    RevealKind.TARGET_PLACE: "the place of a target",
    RevealKind.TIME: "the time",
    RevealKind.PERSON: "a person or words of one",
    RevealKind.DEVICE: "the device",
    RevealKind.LINK: "what links it to other files",
}
_GRAVITY_WORDS = {
    RevealGravity.RED: "Red: gives away {parts}",
    RevealGravity.AMBER: "Amber: gives away {parts}",
    RevealGravity.GREEN: "Green: no field that is known gives anything away",
}
_DOUBT_WORDS = {
    ViewDoubt.NO_POSITION: "no place in it",
    ViewDoubt.POSITION_INVALID: "its place is invalid, as the file itself says",
    ViewDoubt.NO_POSE: "which way the camera looked is not in it",
    ViewDoubt.POSE_ALL_ZERO: "which way the camera looked is not in it (all its angles are zero)",
    ViewDoubt.POSE_UNTRUSTED: "which way the camera looked is not certain",
    ViewDoubt.NO_FIELD_OF_VIEW: "how wide it looks is not known",
    ViewDoubt.NO_HEIGHT: "how high it was is not known",
    ViewDoubt.BELOW_TERRAIN: "its height contradicts the terrain",
    ViewDoubt.NO_TERRAIN: "how high it was above the ground below, which is taken to be level with the take-off",
}
AFTERWARDS_WORDS = (
    "As written in the files: what can be written can be changed, so it is a lead and no proof. Taking it out hides no "
    "place that can be seen in the picture."
)


def ordered(told: MediaTold) -> list[tuple[int, ShotAnswer]]:
    """Return the shots with their numbers, the gravest first: by verdict, by what is in view, by what is given away."""
    numbered = list(enumerate(told.answers))
    return sorted(numbered, key=lambda each: (_rank(each[1]), each[0]))


def _rank(answer: ShotAnswer) -> tuple[int, int, int]:
    verdicts = (Verdict.VIOLATION, Verdict.INCONCLUSIVE, None, Verdict.CLEAR)
    looks = any(relation is FootageRelation.LOOKS_INTO for _, relation, _ in answer.relations("en"))
    return verdicts.index(answer.verdict), 0 if looks else 1, ViewDoubt.NO_POSITION in answer.doubts


def overview(told: MediaTold, say: Words) -> list[str]:
    """Return what all shots say together, a sentence each: where, into what, what is not known, what they give away."""
    total, lines = len(told.answers), list[str]()
    for title, names in _entered(told, say).items():
        lines.append(say("{title}: {count} of {all} ({files}).", title=title, count=len(names), all=total,
                         files=_listed(names, say)))  # fmt: skip
    for relation, areas in _by_relation(told).items():
        if areas and not (say.facts_only and relation is FootageRelation.TAKEN_INSIDE):  # said above
            counts = [f"{area} ({len(names)})" for area, names in areas.items()]
            lines.append(say(_RELATION_WORDS[relation], areas=_listed(counts, say)))
    for why, names in _whys(told, say).items():
        text = "CANNOT TELL of {count} of {all} ({files}): {why}."
        lines.append(say(text, count=len(names), all=total, files=_listed(names, say), why=say(why)))
    if unread := [_name(a) for a in told.answers if a.shot.item is None]:
        lines.append(say("Could not be read: {files}.", files=_listed(unread, say)))
    return [*lines, _given_away(told, say)]


def _entered(told: MediaTold, say: Words) -> dict[str, list[str]]:
    """Return the names of shots taken where they may not be, by what was entered."""
    found: dict[str, list[str]] = {}
    for answer in told.answers:
        if answer.verdict is Verdict.VIOLATION or (say.facts_only and _is_placed(answer, say)):
            found.setdefault(verdict_words(answer, told, say), []).append(_name(answer))
    return found


def _is_placed(answer: ShotAnswer, say: Words) -> bool:
    """Tell whether it can be told where a shot was taken, whatever law makes of it."""
    if answer.may_be_in(say.language) or any(not is_inside(f) for f in answer.findings):
        return False
    return answer.verdict in (Verdict.CLEAR, Verdict.VIOLATION) or _is_of_home(answer)


def _by_relation(told: MediaTold) -> dict[FootageRelation, dict[str, list[str]]]:
    """Return the names of shots by relation and area, the most serious relation first."""
    found: dict[FootageRelation, dict[str, list[str]]] = {relation: {} for relation in _RELATION_WORDS}
    for answer in told.answers:
        if told.is_hidden(answer):
            continue
        for area, relation, _ in answer.relations(told.language):
            if relation in found:
                found[relation].setdefault(area, []).append(_name(answer))
    return found


def _whys(told: MediaTold, say: Words) -> dict[str, list[str]]:
    """Return the names of shots that are open, by why."""
    found: dict[str, list[str]] = {}
    for answer in told.answers:
        if answer.verdict is Verdict.INCONCLUSIVE and not (say.facts_only and _is_placed(answer, say)):
            found.setdefault(_why_open(answer, say), []).append(_name(answer))
    return found


_WHY_OPEN_WORDS = {
    ViewDoubt.NO_POSITION: "no place in it; the original file or the flight's log may have one",
    ViewDoubt.POSITION_INVALID: "its place is invalid, as the file itself says",
    PLACE_UNKNOWN_IN_PARTS: "it says its place at the begin alone, or not all along; the flight's log may have it",
    FILES_CONTRADICT: "its files, or tracks of one, state places or times that cannot all be true",
    FILE_UNREADABLE: "a picture or film that belongs to it cannot be read",
    Reason.HOME_UNKNOWN: "which territory is home is not known, and the flight's log with its take-off may tell",
    "": "the place is within its errors of a border or zone, or a height or a time that decides is not known",
}


def _why_open(answer: ShotAnswer, say: Words) -> str:
    """Return in a template why a shot is open."""
    told = {*answer.doubts, *answer.reasons} - (OF_STATUS if say.facts_only else set())
    return next(text for why, text in _WHY_OPEN_WORDS.items() if why in told or not why)


def _listed(names: Sequence[str], say: Words) -> str:
    shown, more = say.listed(names[:_MOST_NAMES]), len(names) - _MOST_NAMES
    return say("{names} and {count} more", names=shown, count=more) if more > 0 else shown


def _name(answer: ShotAnswer) -> str:
    return plain(answer.shot.files.label)


def _given_away(told: MediaTold, say: Words) -> str:
    counts = Counter(kind for a in told.answers for kind in {reveal.kind for _, reveal in a.reveals})
    if not counts:
        return say("No hidden data that is known gives anything away.")
    parts = [
        say("{what} in {count}", what=say(words), count=counts[kind])
        for kind, words in _KIND_WORDS.items()
        if counts[kind]
    ]
    return say("Hidden data in the files gives away {parts}.", parts=say.listed(parts))


def item_title(answer: ShotAnswer, told: MediaTold, say: Words) -> str:
    """Return a shot's name and its verdict in words."""
    return say("{name}: {verdict}", name=_name(answer), verdict=verdict_words(answer, told, say))


def verdict_words(answer: ShotAnswer, told: MediaTold, say: Words) -> str:
    """Return the verdict on a shot's own place in words."""
    if answer.shot.item is None:
        return say("could not be read")
    if say.facts_only:
        return _place_words(answer, told, say)
    if answer.verdict is Verdict.CLEAR:
        return say("taken where nothing forbids it")
    open_ = [f for f in _findings(answer) if f.verdict is answer.verdict]
    if open_ and not told.is_hidden(answer):
        return finding_title(open_[0], say)
    if answer.verdict is not Verdict.INCONCLUSIVE:
        return say("ENTERED")
    relations = answer.relations(told.language)
    inside = [plain(name) for name, found, _ in relations if found is FootageRelation.TAKEN_INSIDE]
    if inside and Reason.HOME_UNKNOWN in answer.reasons and not told.is_hidden(answer):
        return say("WAS IN {name}, home unknown", name=say.listed(inside))
    return say("CANNOT TELL")


def _place_words(answer: ShotAnswer, told: MediaTold, say: Words) -> str:
    """Return where a shot was taken, or that it cannot be told: no verdict."""
    if told.is_hidden(answer):
        return say("Its place is left out")
    if sides := answer.may_be_in(told.language):
        return say("In which of these it was taken cannot be told: {areas}", areas=say.listed(sides))
    open_ = [f for f in answer.findings if f.verdict is Verdict.INCONCLUSIVE and not is_inside(f)]
    if open_:
        return finding_title(open_[0], say)
    if answer.verdict is Verdict.INCONCLUSIVE and not _is_of_home(answer):
        return say("Where it was taken cannot be told")
    found = answer.relations(told.language)
    inside = [plain(name) for name, relation, _ in found if relation is FootageRelation.TAKEN_INSIDE]
    inside += [visit.name for one in answer.judged for visit in one.answer.result.territories]
    if not inside:
        return say("Taken outside any territory")
    return say("Taken inside {areas}", areas=say.listed(list(dict.fromkeys(inside))))


def _is_of_home(answer: ShotAnswer) -> bool:
    """Tell whether a shot is open for its home alone, which is no matter of where it was taken."""
    return answer.verdict is Verdict.INCONCLUSIVE and bool(answer.reasons) and OF_STATUS.issuperset(answer.reasons)


def _findings(answer: ShotAnswer) -> tuple[Finding, ...]:
    return answer.findings


def item_lines(answer: ShotAnswer, told: MediaTold, say: Words, log: ItemLogEntry | None = None) -> Iterator[str]:
    """Yield what is to be said of one shot, a sentence each; what it gives away says `gives_away`."""
    item = answer.shot.item
    if item is None:
        yield plain((answer.shot.failure or ("", ""))[1])
        return
    yield _where_and_when(item, answer, told, say)
    yield from _seen(answer, told, say)
    missing = [say(_DOUBT_WORDS[doubt]) for doubt in answer.doubts if doubt in _DOUBT_WORDS]
    if missing:
        yield say.sentence(say("Not known: {missing}", missing=say.listed(missing)))
    is_open = answer.verdict is Verdict.INCONCLUSIVE and not (say.facts_only and _is_placed(answer, say))
    if is_open and ViewDoubt.NO_POSITION not in answer.doubts:
        yield say.sentence(say("Open because {why}", why=say(_why_open(answer, say))))
    if log is not None:
        yield _of_log(log, say)
    issues = (*item.issues, *answer.shot.issues)
    yield from (say.sentence(say.told(issue.message)) for issue in issues if issue.severity.value != "INFO")


def _where_and_when(item: MediaItem, answer: ShotAnswer, told: MediaTold, say: Words) -> str:
    parts = [" ".join(filter(None, told.names_of(item))) or say("camera not named")]
    time = item.time
    if time is not None and time.utc_ns is not None:
        parts.append(say("at {time} UTC", time=(iso_utc(time.utc_ns) or "")[:19].replace("T", " ")))
    elif time is not None and time.local:
        parts.append(say("{time} by its own clock, whose zone is not known", time=time.local[:19].replace("T", " ")))
    else:
        parts.append(say("time not known"))
    if told.is_hidden(answer):
        parts.append(say("its place is left out"))
    elif item.position is not None:
        at = item.position
        if at.status is PositionStatus.INVALID:
            parts.append(say("a place that the file itself calls invalid"))
            return say.sentence(plain(say.listed(parts), 400))
        error = f" ±{say.units.length(COVERAGE_95 * at.h_sigma_m)}" if isfinite(at.h_sigma_m) else ""
        parts.append(f"{coordinates(at.lat_deg, at.lon_deg, at.h_sigma_m)}{error}")
    height = item.height
    if height is not None and height.home_m is not None:
        height_m = 0.0 if abs(height.home_m) <= 0.5 else height.home_m  # no minus before zero
        parts.append(say("{height_m:.0f} m above take-off", height_m=height_m))
    elif height is not None and height.amsl_m is not None:
        parts.append(say("{height_m:.0f} m above sea level", height_m=height.amsl_m))
    pose = item.pose
    if pose is not None and pose.is_trusted:
        yaw_deg, pitch_deg = pose.yaw_deg % 360.0, pose.pitch_deg
        down = say("looking {yaw_deg:.0f}°, {pitch_deg:.0f}° down", yaw_deg=yaw_deg, pitch_deg=-pitch_deg)
        up = say("looking {yaw_deg:.0f}°, {pitch_deg:.0f}° up", yaw_deg=yaw_deg, pitch_deg=pitch_deg)
        parts.append(up if pitch_deg > 0 else down)
    return say.sentence(plain(say.listed(parts), 400))


def _seen(answer: ShotAnswer, told: MediaTold, say: Words) -> Iterator[str]:
    if told.is_hidden(answer):
        return
    if sides := answer.may_be_in(told.language):
        yield say("In which of these it was taken cannot be told within the errors: {areas}.", areas=say.listed(sides))
    for relation, text in _RELATION_WORDS.items():
        areas = [
            plain(name) + _when(episodes, relation)
            for name, found, episodes in answer.relations(told.language)
            if found is relation
        ]
        if areas:
            yield say(text, areas=say.listed(areas))


def _when(episodes: Sequence[Episode], relation: FootageRelation) -> str:
    """Return at which minutes and seconds of a film a relation holds, " (0:12-0:40)"; "" of a photo."""
    spans = [f"{film_clock(e.from_s)}-{film_clock(e.to_s)}" for e in episodes if e.relation is relation]
    more = f" +{len(spans) - _MOST_NAMES}" if len(spans) > _MOST_NAMES else ""
    return f" ({', '.join(spans[:_MOST_NAMES])}{more})" if spans else ""


_LOG_WORDS = {
    "AGREES": "agrees",
    "DISAGREES(position)": "DISAGREES about the place",
    "DISAGREES(time)": "DISAGREES about the time",
    "DISAGREES(height)": "DISAGREES about the height",
    "DISAGREES(device)": "DISAGREES about the aircraft",
    "NOT_COVERED": "does not cover the time it was taken",
    "AMBIGUOUS": "fits at more than one time",
    "NO_CLOCK": "cannot be held against it, for nothing tells when it was taken",
}


def _of_log(log: ItemLogEntry, say: Words) -> str:
    parts = [say("{log}: {verdict}", log=plain(log.name), verdict=say(_LOG_WORDS[log.verdict]))]
    if log.delta_s is not None:
        by = duration(abs(log.delta_s))
        ahead, behind = (
            say("the camera's clock is {by} ahead of UTC", by=by),
            say("the camera's clock is {by} behind UTC", by=by),
        )
        parts.append(ahead if log.delta_s < 0 else behind)
    if log.miss_m is not None:
        parts.append(say("{miss_m} from the log's place then", miss_m=log.miss_m))
    return say.sentence(say.listed(parts))


def gives_away(answer: ShotAnswer, say: Words, *, with_fields: bool = True) -> str:
    """Return how much a shot's fields give away and what: with the first of them and their places in the file."""
    item, parts = answer.shot.item, list[str]()
    if item is None:
        return ""
    for kind, words in _KIND_WORDS.items():
        of_kind = [(file, reveal.field) for file, reveal in answer.reveals if reveal.kind is kind]
        if not of_kind:
            continue
        if not with_fields:
            counted = say.plural("{what} ({count} field)", "{what} ({count} fields)", len(of_kind), what=say(words))
            parts.append(counted)
            continue
        shown = [
            f"{'' if file == item.name else plain(file) + ': '}{plain(one.path, 80)} @{one.offset}"
            for file, one in of_kind[:_MOST_FIELDS]
        ]
        more = [say("{count} more", count=len(of_kind) - _MOST_FIELDS)] if len(of_kind) > _MOST_FIELDS else []
        parts.append(f"{say(words)} ({say.listed([*shown, *more])})")
    return say.sentence(say(_GRAVITY_WORDS[answer.gravity], parts=say.listed(parts)))


def hiding_words(told: MediaTold, say: Words) -> str:
    """Return what was left out around home; "" where nobody asked for it."""
    if told.hides is None:
        return ""
    if told.hides_nothing:
        return say("Nothing could be hidden: no flight log was given that tells where home is.")
    hidden = sum(told.is_hidden(answer) for answer in told.answers)
    return say("The places of {count} photos and films around home are left out.", count=hidden)


def is_red(answer: ShotAnswer) -> bool:
    """Tell whether a shot is one of those that people should look at first."""
    return answer.verdict is not Verdict.CLEAR or answer.gravity is RevealGravity.RED


def counted(told: MediaTold, others: int, say: Words) -> str:
    """Return how many photos and films there are, and what lay beside them."""
    kinds = Counter("film" if a.shot.item is not None and a.shot.item.kind in _FILMS else "photo" for a in told.answers)
    parts = [say.plural("{count} photo", "{count} photos", kinds["photo"])] if kinds["photo"] else []
    parts += [say.plural("{count} film", "{count} films", kinds["film"])] if kinds["film"] else []
    parts += [say.plural("{count} other file", "{count} other files", others)] if others else []
    return say.sentence(say.listed(parts))


_FILMS = (MediaKind.MP4, MediaKind.GPMF, MediaKind.SUBTITLES)
