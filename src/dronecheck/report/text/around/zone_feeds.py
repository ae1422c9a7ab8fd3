"""Where the official zones of a flight's territories are: said where nothing is known of the airspace there."""

from __future__ import annotations

from dronecheck.geofence.result import Reason, Result, Status, Topic
from dronecheck.report.text.words import Words

__all__ = ["feeds_line"]

_MOST = 3
_FEED_WORDS = {  # whether it can be fetched, and whether it speaks for all of the territory
    (True, True): "Official zones of {territory}: dronecheck zones fetch {feed} brings them ({authority}).",
    (True, False): "Some official zones of {territory}: dronecheck zones fetch {feed} brings them ({authority}).",
    (False, True): "Official zones of {territory}: {page} ({authority}); dronecheck zones add takes the file.",
    (False, False): "Some official zones of {territory}: {page} ({authority}); dronecheck zones add takes the file.",
}
_UNKNOWN = (Reason.NO_ZONE_FILE, Reason.NOT_COVERED)


def feeds_line(result: Result, say: Words) -> str:
    """Return what brings the official zones of the territories flown over, or where they are; "" where none is known.

    Nothing is said where the airspace was checked.
    """
    airspace = result.check_of(Topic.AIRSPACE)
    if airspace.status is Status.CHECKED or not set(airspace.reasons) & set(_UNKNOWN):
        return ""
    from dronecheck.airspace.feeds.table import feeds_for

    names = {visit.iso_a3: visit.name for visit in result.territories if visit.iso_a3}
    said = []
    for feed in feeds_for(tuple(names))[:_MOST]:
        territory = next(names[code] for code in feed.territories if code in names)
        said.append(
            say(
                _FEED_WORDS[feed.can_be_fetched, bool(feed.covers)],
                territory=territory,
                feed=feed.id,
                page=feed.page,
                authority=feed.authority,
            )
        )
    return say.sentences(said)
