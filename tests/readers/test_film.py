"""Films as logs: what their makers' tracks hold by other tools, and every film that holds none."""

import json
import math
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dronecheck.errors import UnreadableInput
from dronecheck.flight import ClockSource, Completeness
from dronecheck.flight.user_clock import with_user_clock
from dronecheck.geo.plane import geodesic_m
from dronecheck.geofence.engine import check
from dronecheck.geofence.result import Verdict
from dronecheck.geofence.settings import Settings
from dronecheck.issues import Code
from dronecheck.readers import choose, read, read_input
from dronecheck.safe.io import Input
from tests.conftest import REPO, SHARED
from tests.support.media_maker import djmd_clip, djmd_frame, film

SAMPLE = REPO / "samples" / "founding_dandong_sinuiju.MP4"
SYNTHETIC = SHARED / "media" / "_synthetic"
CREATED_S = int(datetime(2025, 9, 20, 6, 41, tzinfo=UTC).timestamp())


def made(frames, **more):
    samples = [djmd_clip("dvtm_wm261.proto", "1581F0000000FILM") + frames[0], *frames[1:]]
    data = film([(b"meta", b"djmd", samples)], created_s=CREATED_S, **more)
    return read_input(Input(Path("made.mp4"), data, "0" * 64))


def truth(name):
    path = SYNTHETIC / "truth.json"
    if not path.exists():
        pytest.skip("needs ../shared/media/_synthetic")
    return read(SYNTHETIC / name), json.loads(path.read_text())[name]["points"]


NAMES = ["air3s_pitch0_rel0.mp4", "avata2_path344.mp4", "mavic4_deg_nounit.mp4", "mini4pro_rad.mp4",
         "multi_sample_chunks.mp4", "wm261_gpstime.mp4"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_positions_and_heights_are_those_of_the_films_maker(name):
    flight, points = truth(name)
    track = flight.track
    assert track.lat_deg == pytest.approx([one["lat"] for one in points], abs=1e-7)
    assert track.lon_deg == pytest.approx([one["lon"] for one in points], abs=1e-7)
    if name == "multi_sample_chunks.mp4":  # its height is in the subtitles alone
        points = [one | {"rel_m": None} for one in points]
    heights = [math.nan if one["rel_m"] is None else one["rel_m"] for one in points]
    assert track.alt_home_m == pytest.approx(heights, abs=1e-3, nan_ok=True)
    assert not np.isfinite(track.alt_amsl_m).any()  # of unknown datum
    assert flight.source.dialect == "djmd"


def test_utc_is_that_of_the_satellites_and_not_of_the_container():
    flight, _ = truth("wm261_gpstime.mp4")
    first = datetime.fromtimestamp(int(flight.track.time_ns[0]) / 1e9, UTC)
    assert flight.clock.utc_known
    assert abs((first - datetime(2026, 6, 1, 9, 0, 2, tzinfo=UTC)).total_seconds()) <= 1


def test_a_containers_date_alone_is_no_utc():
    flight, _ = truth("mini4pro_rad.mp4")
    assert not flight.clock.utc_known
    assert flight.clock.source is ClockSource.VEHICLE
    assert Code.UTC_UNKNOWN in {issue.code for issue in flight.issues}
    assert with_user_clock(flight, None, 0.0).clock.utc_known


def test_positions_that_the_film_calls_invalid_are_not_used():
    flight, _ = truth("invalid_status.mp4")
    assert not len(flight.track)
    assert {Code.NO_FIX_ROWS, Code.NO_POSITION} <= {issue.code for issue in flight.issues}
    later, points = truth("nofix_first6.mp4")
    assert len(later.track) == 4
    assert later.track.lat_deg == pytest.approx([one["lat"] for one in points[6:]], abs=1e-7)


def test_an_unknown_protocol_decides_nothing():
    flight, _ = truth("unknown_proto.mp4")
    assert not len(flight.track)
    assert Code.UNKNOWN_RECORDS in {issue.code for issue in flight.issues}


def test_a_drones_own_log_in_a_gopro_film_is_read():
    path = SHARED / "media" / "gopro__gpmf-parser__karma.mp4"
    if not path.exists():
        pytest.skip("needs ../shared/media")
    flight = read(path)
    apart_m = geodesic_m(flight.track.lon_deg, flight.track.lat_deg, -117.3310668, 33.1253688)  # by exiftool
    assert apart_m.min() < 5
    first = datetime.fromtimestamp(int(flight.track.time_ns[0]) / 1e9, UTC)
    assert abs((first - datetime(2017, 4, 17, 19, 27, 57, tzinfo=UTC)).total_seconds()) < 2
    assert Code.OWNER_UNKNOWN in {issue.code for issue in flight.issues}  # a GoPro is carried by anything


def test_the_sample_is_the_flight_that_its_subtitles_tell():
    one, other = read(SAMPLE), read(SAMPLE.with_suffix(".SRT"))
    shared_s = np.arange(20.0, 460.0, 0.5)
    ways = []
    for flight, ahead_s in ((one, 0), (other, 8 * 3600)):
        at_s = flight.track.time_ns / 1e9 - ahead_s - one.track.time_ns[0] / 1e9
        ways.append([np.interp(shared_s, at_s, column) for column in (flight.track.lon_deg, flight.track.lat_deg)])
    assert geodesic_m(*ways[0], *ways[1]).max() < 12  # half a second of the fastest flight
    assert one.completeness is Completeness.COMPLETE
    assert one.vehicle.serial == "SIM0000000FILM"


# ---- what holds no track


@pytest.mark.parametrize("frames", [[], [b""], [djmd_clip("dvtm_wm169.proto")]], ids=["none", "empty", "no satellites"])
def test_a_film_without_a_track_is_refused_and_says_so(frames):
    data = film([(b"meta", b"djmd", frames)] if frames else [], created_s=CREATED_S)
    with pytest.raises(UnreadableInput, match="without a track of its camera's positions") as caught:
        read_input(Input(Path("made.mp4"), data, "0" * 64))
    assert caught.value.code == "video"


def test_a_picture_in_the_same_container_is_no_film():
    head = b"\0\0\0\x18ftypheic" + bytes(100)
    with pytest.raises(UnreadableInput, match="a picture") as caught:
        choose(head, "IMG_0001.HEIC")
    assert caught.value.code == "heic"


# ---- values that cannot be


@given(st.lists(st.tuples(st.floats(), st.floats()), min_size=1, max_size=8))
@example([(0.0, 1.192092896e-07)])
def test_any_figures_give_a_flight_with_places_on_the_globe(places):
    frames = [djmd_frame(lat, lon, unit=1, home_mm=1000.0, stamp="2025-09-20 06-41-00") for lat, lon in places]
    flight = made(frames)
    good = {(lat, lon) for lat, lon in places if abs(lat) <= 90 and abs(lon) <= 180 and max(abs(lat), abs(lon)) >= 1e-6}
    assert {(lat, lon) for lat, lon in zip(flight.track.lat_deg, flight.track.lon_deg, strict=True)} <= good
    lost = sum(one.count for one in flight.issues if one.code is not Code.UTC_UNKNOWN)
    assert lost or len(flight.track) == len(places)


def test_what_repeats_within_a_second_is_one_fix_and_said():
    frames = [
        djmd_frame(40.1 + 1e-5 * (number // 5), 124.3, unit=1, stamp="2025-09-20 06-41-00") for number in range(40)
    ]
    flight = made(frames)
    assert len(flight.track) == 8
    merged = [one for one in flight.issues if one.code is Code.REPEATED_POSITION]
    assert [one.count for one in merged] == [32]


def two_tracks(second_lat):
    """A hover in Dandong for a minute; the second track's last half is elsewhere."""
    tracks = []
    for lats in ([40.1290] * 60, [40.1290] * 30 + [second_lat] * 30):
        frames = [djmd_frame(lat, 124.3900 + row * 1e-7, unit=1, home_mm=50_000.0) for row, lat in enumerate(lats)]
        tracks.append((b"meta", b"djmd", [djmd_clip("dvtm_wm261.proto") + frames[0], *frames[1:]]))
    data = film(tracks, created_s=CREATED_S, delta=1000)
    return read_input(Input(Path("made.mp4"), data, "0" * 64))


def test_a_second_track_that_leaves_the_first_is_judged_as_well():
    assert two_tracks(40.1290).rivals == ()
    flight = two_tracks(40.1000)  # in Sinuiju
    assert flight.rivals == ("camera2",)
    assert flight.tracks["camera2"].lat_deg.min() == pytest.approx(40.1)
    settings = Settings(home="CHN")
    assert check(replace(flight, rivals=()), settings=settings).verdict is not Verdict.VIOLATION
    assert check(flight, settings=settings).verdict is Verdict.INCONCLUSIVE


def text_track(places, words="GPS ({lon:.4f}, {lat:.4f}, 14), D 5.00m, H 50.00m"):
    texts = ["F/2.8, SS 200, ISO 100, EV 0, " + words.format(lat=lat, lon=lon) for lat, lon in places]
    return b"sbtl", b"tx3g", [len(text).to_bytes(2, "big") + text.encode() for text in texts]


def test_subtitles_within_a_film_are_a_track_of_it():
    inland, abroad = [(40.1290, 124.3900)] * 30, [(40.1290, 124.3900)] * 15 + [(40.1000, 124.3900)] * 15
    camera = [djmd_frame(lat, lon + n * 1e-7, unit=1, home_mm=5e4) for n, (lat, lon) in enumerate(inland)]
    camera[0] = djmd_clip("dvtm_wm261.proto") + camera[0]

    def read_film(*tracks):
        return read_input(Input(Path("made.mp4"), film(tracks, created_s=CREATED_S, delta=1000), "0" * 64))

    alone = read_film(text_track(abroad))
    assert alone.track.lat_deg.min() == pytest.approx(40.1) and alone.rivals == ()
    own = b"meta", b"djmd", camera
    assert read_film(own, text_track(inland)).rivals == ()
    both = read_film(own, text_track(abroad))
    assert both.rivals == ("camera2",)
    assert check(both, settings=Settings(home="CHN")).verdict is Verdict.INCONCLUSIVE


def test_subtitles_within_a_film_whose_order_of_figures_is_open_are_told():
    camera = [djmd_frame(45.0, 45.0 + n * 1e-6, unit=1, home_mm=5e4) for n in range(30)]
    camera[0] = djmd_clip("dvtm_wm261.proto") + camera[0]
    tracks = (b"meta", b"djmd", camera), text_track([(45.0, 45.0)] * 30, "GPS({lat:.4f},{lon:.4f},69.8)")
    flight = read_input(Input(Path("made.mp4"), film(tracks, created_s=CREATED_S, delta=1000), "0" * 64))
    (told,) = [issue for issue in flight.issues if issue.code is Code.BAD_RECORD]
    assert "whether latitude or longitude comes first" in str(told.message)
