"""Films: sample by sample, told as episodes; what the track does not say stays unknown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dronecheck.footage.camera import Camera
from dronecheck.footage.film import judge_film, sample_camera
from dronecheck.footage.picture import judge_picture
from dronecheck.footage.relation import FootageRelation
from dronecheck.geofence.result import Verdict
from dronecheck.geofence.settings import Settings
from dronecheck.media.model import (
    CameraHeight,
    CameraPose,
    CameraPosition,
    CaptureTime,
    FieldOfView,
    FilmTrack,
    MediaItem,
    MediaKind,
)

HOME = Settings(home="CHN")
UTC_NS = 1_790_000_000_000_000_000


def film(
    lat, lon, *, yaw=150.0, pitch=-90.0, roll=0.0, time_s=None, is_usable=True, duration_s=None, height_m=100.0, **more
):
    count = len(np.atleast_1d(lat))
    nan = np.full(count, np.nan)

    def column(value):
        return np.broadcast_to(np.asarray(value, dtype=float), count).copy()

    time = np.arange(count, dtype=float) if time_s is None else np.asarray(time_s, dtype=float)
    track = FilmTrack(
        time, column(lat), column(lon), np.broadcast_to(np.asarray(is_usable), count).copy(), column(height_m), nan,
        nan, column(yaw), column(pitch), column(roll), np.arange(count), np.ones(count, np.int64), source="test",
    )  # fmt: skip
    still = np.isscalar(yaw) and np.isscalar(pitch)
    fields = {
        "position": CameraPosition(float(track.lat_deg[0]), float(track.lon_deg[0]), 3.0, "test"),
        "height": CameraHeight(home_m=height_m), "fov": FieldOfView(71.6, 40.3, 5.0, "test"),
        "pose": CameraPose(yaw, pitch, 0.0, (5.0, 1.0, 1.0), "test") if still else None,
        "time": CaptureTime(UTC_NS, None, None, 1.0, "test"), "duration_s": duration_s, **more,
    }  # fmt: skip
    return MediaItem("a.mp4", 1, "0", MediaKind.MP4, film=track, **fields)


def episodes(answer, code):
    found = [each for each in answer.territories if each.territory.iso_a3 == code]
    return [(e.relation.value, e.from_s, e.to_s) for each in found for e in each.episodes]


def test_a_flight_over_the_river_is_told_in_episodes():
    lat = np.linspace(40.125, 40.095, 61)  # 55 m a sample
    answer = judge_film(film(lat, 124.385), None, HOME)
    told = [relation for relation, _, _ in episodes(answer, "PRK")]
    assert told[0] == "OUTSIDE"
    assert told[-1] == "TAKEN_INSIDE"
    assert told.count("TAKEN_INSIDE") == 1
    spans = [(a, b) for _, a, b in episodes(answer, "PRK")]
    assert spans[0][0] == 0.0
    assert spans[-1][1] == 60.0
    assert [b for _, b in spans[:-1]] == [a for a, _ in spans[1:]]
    (prk,) = (each for each in answer.territories if each.territory.iso_a3 == "PRK")
    assert prk.relation is FootageRelation.TAKEN_INSIDE
    assert prk.episodes[1].from_utc_ns == UTC_NS + round(prk.episodes[1].from_s * 1e9)
    assert answer.result.verdict is Verdict.VIOLATION
    assert episodes(answer, "CHN")[0][0] == "TAKEN_INSIDE"


def test_every_sample_is_told_as_it_would_be_alone():
    random = np.random.default_rng(4)
    lat, yaw = 40.128 + np.cumsum(random.normal(size=40)) * 2e-4, np.linspace(150, 340, 40) + random.normal(size=40)
    item = film(lat - 0.01, 124.380, yaw=yaw, pitch=-8.0)
    answer = judge_film(item, None, HOME)
    told = episodes(answer, "PRK")
    for row in range(40):
        alone = judge_picture(sample_camera(item, row), None, HOME)
        relation = next((r.relation.value for r in alone.territories if r.territory.iso_a3 == "PRK"), "OUTSIDE")
        assert relation in [name for name, begin, end in told if begin <= row <= end]
    assert len({name for name, _, _ in told}) > 1


def test_a_film_that_stands_still_is_judged_a_few_times():
    answer = judge_film(film(np.full(900, 40.13), 124.375, time_s=np.arange(900) / 30), None, HOME)
    assert len(answer.pictures) < 8
    assert episodes(answer, "CHN") == [("TAKEN_INSIDE", 0.0, pytest.approx(899 / 30))]


def test_a_silent_stretch_is_unknown():
    time_s = np.concatenate([np.arange(5.0), 60 + np.arange(5.0)])
    answer = judge_film(film(np.full(10, 40.13), 124.375, time_s=time_s, duration_s=90.0), None, HOME)
    assert episodes(answer, "CHN") == [
        ("TAKEN_INSIDE", 0.0, 4.0), ("UNKNOWN", 4.0, 60.0), ("TAKEN_INSIDE", 60.0, 64.0), ("UNKNOWN", 64.0, 90.0)
    ]  # fmt: skip
    assert answer.other_territories is FootageRelation.UNKNOWN


def test_samples_without_a_fix_are_unknown_and_never_inside():
    usable = np.array([True] * 4 + [False] * 4)
    lat = np.array([40.13] * 4 + [40.09] * 4)
    answer = judge_film(film(lat, 124.38, is_usable=usable), None, HOME)
    assert "PRK" not in {t.territory.iso_a3 for t in answer.territories if t.relation is FootageRelation.TAKEN_INSIDE}
    assert episodes(answer, "CHN")[-1][0] == "UNKNOWN"
    assert answer.other_territories is FootageRelation.UNKNOWN
    none = judge_film(film(lat, 124.38, is_usable=np.zeros(8, bool)), None, HOME)
    assert (none.territories, none.other_territories) == ((), FootageRelation.UNKNOWN)
    assert none.result.verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize("duration_s", [None, 42.0])
def test_a_film_with_a_place_of_its_begin_alone_says_nothing_of_the_rest(duration_s):
    item = replace(film([40.09], 124.40, duration_s=duration_s), film=None)
    answer = judge_film(item, None, HOME)
    assert episodes(answer, "PRK") == [("TAKEN_INSIDE", 0.0, 0.0), ("UNKNOWN", 0.0, duration_s or 0.0)]
    assert answer.other_territories is FootageRelation.UNKNOWN
    assert answer.result.verdict is Verdict.VIOLATION


def test_all_zero_angles_of_a_sample_are_none():
    item = film([40.128] * 3, 124.38, yaw=np.zeros(3), pitch=0.0)
    assert sample_camera(item, 1).pose_doubt.value == "pose_all_zero"
    assert {name for name, _, _ in episodes(judge_film(item, None, HOME), "PRK")} == {"UNKNOWN"}


def test_a_photo_is_a_camera():
    item = replace(film([40.13], 124.375), film=None)
    assert Camera.of(item).lonlat_deg == (124.375, 40.13)
    with pytest.raises(ValueError, match="track"):
        sample_camera(item, 0)


figures = st.lists(st.floats(allow_nan=True, allow_infinity=True) | st.floats(39, 125), min_size=3, max_size=3)


@settings(max_examples=12, deadline=None)
@given(columns=st.tuples(*[figures] * 6), usable=st.lists(st.booleans(), min_size=3, max_size=3))
def test_any_track_gives_an_answer(columns, usable):
    lat, lon, yaw, pitch, time_s, height = (np.array(c) for c in columns)
    item = film(lat, lon, yaw=yaw, pitch=pitch, time_s=time_s, is_usable=np.array(usable))
    item = replace(item, film=replace(item.film, home_m=height), position=None)
    answer = judge_film(item, None, HOME)
    for each in answer.territories:
        assert each.episodes
        assert all(a.to_s <= b.from_s + 1e-9 for a, b in zip(each.episodes, each.episodes[1:], strict=False))
    if not any(usable):
        assert answer.other_territories is FootageRelation.UNKNOWN


def test_samples_out_of_order_are_told_in_the_order_of_time():
    item = film([40.13, 40.09, 40.13], 124.38, time_s=[0.0, 2.0, 1.0])
    assert [name for name, _, _ in episodes(judge_film(item, None, HOME), "PRK")][-1] == "TAKEN_INSIDE"
