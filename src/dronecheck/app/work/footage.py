"""What a process of the pool does with photos and films: all of a drop together, with the logs beside them.

Of a film only the parts are there that such a check asks for: what it looks for and does not find is told, and sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

from dronecheck.app.work.told import ShotRow, ToldRow, WayOut
from dronecheck.containers.partial import PartialBytes, missing_ranges
from dronecheck.errors import UnreadableInput, UsageError
from dronecheck.issues import Remedy
from dronecheck.report.case import Disclosure
from dronecheck.safe.io import Input, hash_file, open_input, plain
from dronecheck.settings import CheckSetup, Options

if TYPE_CHECKING:
    from dronecheck.footage.shots.against_logs import HeldAgainst
    from dronecheck.footage.shots.answer import ShotRead
    from dronecheck.report.json.media_encode import MediaTold

__all__ = [
    "FILM_AT_MOST_BYTES",
    "FootageAsk",
    "film_needs",
    "footage_answer",
    "footage_json",
    "footage_page",
    "scrubbed",
    "thumb_of",
]

FILM_AT_MOST_BYTES = 32 << 20
_MAPPED_BYTES = 1 << 30  # a map of more may not fit into what a process is allowed

Ranges = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class FootageAsk:
    """The photos and films of a drop as they lie in a folder made for them, and the logs beside them.

    `places` says of each file of the folder which of the files given it is; `held` which parts of a film are there.
    """

    folder: Path
    logs: tuple[Path, ...]
    options: Options
    places: tuple[tuple[Path, int], ...]
    held: tuple[tuple[Path, int, Ranges], ...] = ()
    library: int = 0
    hide_home_m: float | None = None
    only: Path | None = field(default=None)

    @property
    def disclosure(self) -> Disclosure:
        """Return how much may be told: nothing private leaves the page."""
        return Disclosure(hide_home_m=self.hide_home_m)


def film_needs(path: Path, size: int, held: Ranges) -> Ranges:
    """Return which ranges of a film a check looks for that are not there; () when it has enough."""
    from dronecheck.media.reader import read_media
    from dronecheck.readers.film.texts import with_texts

    data = PartialBytes(path, size, held)
    source = Input(path, cast("bytes", data), "")
    try:
        with_texts(source, read_media(source))
    except UnreadableInput:
        pass  # told by the check
    finally:
        data.close()
    room = FILM_AT_MOST_BYTES - sum(end - begin for begin, end in held)
    return tuple(missing_ranges(data.wanted, held, size, max(room, 0)))


def footage_answer(ask: FootageAsk) -> ToldRow:
    """Check photos and films; the document is that of `dronecheck media check` for the same files, logs and options."""
    from dronecheck.report.json.media_encode import encode, media_document
    from dronecheck.report.page.media import preview
    from dronecheck.report.text.footage import gives_away, item_lines, item_title, overview, verdict_words
    from dronecheck.report.text.headline import VERDICT_WORDS
    from dronecheck.report.text.words import words_of

    try:
        told, _, _, left = _told(ask)
    except (UnreadableInput, UsageError) as error:
        return ToldRow(error=str(error))
    say, places = words_of(told), dict(ask.places)
    shots = []
    for number, answer in enumerate(told.answers):
        path, item = answer.shot.files.path, answer.shot.item
        shots.append(
            ShotRow(
                n=number,
                file=places[path],
                name=plain(answer.shot.files.label),
                verdict=answer.verdict.value if answer.verdict else None,
                answer=say(VERDICT_WORDS[answer.verdict]) if answer.verdict else say("could not be read"),
                headline=verdict_words(answer, told, say),
                lines=tuple(map(str, item_lines(answer, told, say, told.of_log.get(number)))),
                gives_away=gives_away(answer, say),
                has_thumb=item is not None and bool(preview(path, item)),
                is_picture=item is not None and item.kind.value in ("jpeg", "png", "heic", "avif"),
            )
        )
    first, *rest = overview(told, say)
    verdicts = [answer.verdict for answer in told.answers if answer.verdict]
    worst = min(verdicts, key=list(VERDICT_WORDS).index, default=None)
    home_unknown = any("home_unknown" in answer.reasons for answer in told.answers)
    ways = (WayOut("give_home", "home", say.remedy(Remedy.GIVE_HOME)),) if home_unknown else ()
    return ToldRow(
        document=encode(media_document(told)),
        verdict=worst.value if worst else None,
        answer=say(VERDICT_WORDS[worst]) if worst else "",
        headline=first,
        lines=(*rest, *(item_title(answer, told, say) for answer in told.answers[:1] if len(told.answers) == 1), *left),
        ways=ways,
        error=None if worst else say("could not be read"),
        shots=tuple(shots),
    )


def footage_json(ask: FootageAsk) -> bytes:
    """Return the document of photos and films. Raises UsageError."""
    from dronecheck.report.json.media_encode import encode, media_document

    try:
        return encode(media_document(_told(ask)[0]))
    except UnreadableInput as error:
        raise UsageError(error.message) from None


def footage_page(ask: FootageAsk) -> bytes:
    """Return the page of photos and films. Raises UsageError."""
    from dronecheck.report.page.media import media_page

    try:
        told, held, setup, _ = _told(ask)
    except UnreadableInput as error:
        raise UsageError(error.message) from None
    return media_page(told, held, setup.airspace.given).encode()


def thumb_of(path: Path, size: int, held: Ranges | None) -> bytes:
    """Return a file's own small preview, without anything but what decodes it. Raises UsageError where it has none."""
    from dronecheck.media.reader import read_media
    from dronecheck.report.page.media import preview

    try:
        found = preview(path, read_media(_opened(path, {path: (size, held)} if held is not None else {})))
    except UnreadableInput as error:
        raise UsageError(error.message) from None
    if not found:
        raise UsageError("no preview in the file")
    return found


def scrubbed(path: Path, out: Path, keep_time: bool) -> Path:
    """Write a copy of a picture without metadata, proved clean, to a folder. Raises UsageError where it cannot be."""
    from dronecheck.media.scrub.run import scrub_files

    (done,) = scrub_files([path], out, keep_time=keep_time).files
    if done.copy is None:
        raise UsageError(f"no copy: {plain(done.reason or '')}")
    return done.copy


@lru_cache(maxsize=1)
def _read(ask: FootageAsk) -> tuple[tuple[ShotRead, ...], int]:
    from dronecheck.footage.shots.answer import read_shot
    from dronecheck.footage.shots.walk import shots_in

    held = {path: (size, ranges) for path, size, ranges in ask.held}
    named = [ask.only] if ask.only is not None else sorted(ask.folder.iterdir())
    walked = shots_in(named)
    if not walked.shots:
        raise UsageError("no photo or film in it")
    return tuple(read_shot(files, None, lambda path: _opened(path, held)) for files in walked.shots), walked.others


def _opened(path: Path, held: Mapping[Path, tuple[int, Ranges]]) -> Input:
    if path in held:
        size, ranges = held[path]
        return Input(path, cast("bytes", PartialBytes(path, size, ranges)), "")
    size = path.stat().st_size
    if size <= _MAPPED_BYTES:
        return open_input(path)
    return Input(path, cast("bytes", PartialBytes(path, size, ((0, size),))), hash_file(path))


def _told(ask: FootageAsk) -> tuple[MediaTold, HeldAgainst, CheckSetup, list[str]]:
    """Answer all shots; also the names of logs that could not be held against them. Raises UsageError."""
    from dronecheck.footage.shots.against_logs import held_against_logs
    from dronecheck.footage.shots.answer import answered
    from dronecheck.report.privacy.footage import media_told

    setup = ask.options.setup()
    shots, _ = _read(ask)
    left = list[str]()
    try:
        held = held_against_logs(shots, ask.logs, setup)
    except (UnreadableInput, UsageError):
        fit = [path for path in ask.logs if _may_be_held(path, setup, left)]
        held = held_against_logs(shots, fit, setup)
    answers = list(answered(held.shots, setup, held.home))
    return media_told(answers, held, setup.settings, ask.disclosure), held, setup, left


def _may_be_held(path: Path, setup: CheckSetup, left: list[str]) -> bool:
    try:
        setup.judge(open_input(path))
    except (UnreadableInput, UsageError) as error:
        left.append(plain(f"{path.name}: {error}"))
        return False
    return True
