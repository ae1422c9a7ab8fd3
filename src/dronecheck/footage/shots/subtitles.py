"""Subtitles that an aircraft wrote beside its film, as the film's track."""

from __future__ import annotations

import numpy as np

from dronecheck.flight import Flight
from dronecheck.media.model import FilmTrack

__all__ = ["film_of_subtitles"]


def film_of_subtitles(flight: Flight) -> FilmTrack | None:
    """Return the track of a film out of its subtitles; None where they tell no place."""
    track = flight.track
    if not len(track):
        return None
    unknown = np.full(len(track), np.nan)
    return FilmTrack(
        time_s=np.maximum.accumulate((track.time_ns - track.time_ns[0]) / 1e9),
        lat_deg=track.lat_deg,
        lon_deg=track.lon_deg,
        is_usable=np.ones(len(track), dtype=np.bool_),
        home_m=track.alt_home_m,
        amsl_m=track.alt_amsl_m,
        hae_m=track.alt_hae_m,
        yaw_deg=unknown,
        pitch_deg=unknown,
        roll_deg=unknown,
        offset=track.offset,
        length=np.zeros(len(track), dtype=np.int64),
        utc_ns=track.time_ns if flight.clock.utc_known and not flight.clock.is_assumed else None,
        source=flight.source.path.name,
    )
