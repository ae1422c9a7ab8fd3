"""What may be told of photos and films: their places, unless they lie around the home that a log tells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import reduce

from dronecheck.footage.agreement.model import AgreementVerdict, LogAgreement
from dronecheck.footage.shots.against_logs import HeldAgainst
from dronecheck.footage.shots.answer import ShotAnswer
from dronecheck.geofence.result import Place
from dronecheck.geofence.settings import Settings
from dronecheck.report.case import Disclosure
from dronecheck.report.json.media_document import FilmMissEntry, ItemLogEntry, MediaLogEntry
from dronecheck.report.json.media_encode import MediaTold
from dronecheck.report.privacy.circles import Circles
from dronecheck.report.privacy.homes import homes_of
from dronecheck.safe.io import plain

__all__ = ["media_told"]


def media_told(
    answers: Sequence[ShotAnswer], held: HeldAgainst, settings: Settings, disclosure: Disclosure
) -> MediaTold:
    """Return shots that were answered with what may be told of them."""
    of_log = {n: _entry(one) for n, one in enumerate(held.agreements) if one is not None}
    return MediaTold(
        answers=answers,
        language=settings.language,
        units=settings.units,
        private=disclosure.private,
        hides=_hides(held, disclosure.hide_home_m) if disclosure.hide_home_m is not None else None,
        logs=_logs(held, disclosure.private),
        of_log=of_log,
        hides_nothing=disclosure.hide_home_m is not None and not held.flights,
        facts_only=disclosure.facts_only,
    )


def _hides(held: HeldAgainst, hide_m: float) -> Callable[[float, float], bool]:
    """Return what tells whether a place is left out: all around take-off, landing and home of any log."""
    found = [homes_of(flight, result) for flight, result in zip(held.flights, held.results, strict=True)]
    if not found:
        return lambda lat, lon: False
    circles = Circles.around(reduce(lambda one, other: one.with_others(other), found), hide_m)
    return lambda lat, lon: circles.hides(Place(lat, lon))


def _entry(one: LogAgreement) -> ItemLogEntry:
    interval, film = one.delta_interval_s, one.film
    return ItemLogEntry(
        name=plain(one.name),
        verdict=one.verdict.value,
        delta_s=None if one.delta_s is None else round(one.delta_s, 3),
        delta_interval_s=None if interval is None else (round(interval[0], 3), round(interval[1], 3)),
        miss_m=None if one.miss_m is None else round(one.miss_m, 2),
        film=None
        if film is None
        else FilmMissEntry(
            p50_m=round(film.p50_m, 2), p95_m=round(film.p95_m, 2), max_m=round(film.max_m, 2), samples=film.samples
        ),
    )


def _logs(held: HeldAgainst, private: bool) -> list[MediaLogEntry]:
    agreeing = Counter(a.flight for a in held.agreements if a is not None and a.verdict is AgreementVerdict.AGREES)
    pictures = Counter[str]()
    for number, flight in enumerate(held.flights):
        pictures[flight.source.sha256] += agreeing[number]
    by_file = {flight.source.sha256: flight.source for flight in held.flights}
    return [
        MediaLogEntry(
            path=plain(source.path if private else source.path.name), sha256=sha256, format=source.format,
            pictures=pictures[sha256],
        )
        for sha256, source in by_file.items()
    ]  # fmt: skip
