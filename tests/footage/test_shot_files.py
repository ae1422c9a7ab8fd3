"""Every file of a shot is judged, and every track of a film: the gravest speaks, and what contradicts is told."""

from __future__ import annotations

import math
import struct

import numpy as np
import pytest

import dronecheck
from dronecheck.footage.shots.answer import answered, read_shot
from dronecheck.footage.shots.walk import shots_in
from dronecheck.media.film_conflicts import tracks_apart
from dronecheck.media.reader import read_media
from dronecheck.settings import Airspace, CheckSetup
from tests.support.media_maker import djmd_clip, djmd_frame, exif_of, film, jpeg, xmp_of

HOME = dronecheck.Settings(home="CHN")
INLAND, ELSEWHERE, KOREA = (35.9, 104.0), (36.5, 104.5), (40.05, 124.60)
DNG = [(0x10F, 2, "DJI"), (0xC612, 1, [1, 4, 0, 0])]
PICTURES = (b"vide", b"avc1", [b"pictures"] * 20)


def way(place, count=20, step_deg=1e-4):
    return [(place[0] + n * step_deg, place[1]) for n in range(count)]


def photo(place, **more):
    return jpeg(exif=exif_of(*place, **more), size=(64, 48))


def camera_track(places, home_m=50.0):
    frames = [djmd_frame(*map(math.radians, place), home_mm=home_m * 1000) for place in places]
    return b"meta", b"djmd", [djmd_clip("dvtm_Air3s.proto") + frames[0], *frames[1:]]


def text_track(places, kind=b"tx3g"):
    texts = [f"F/2.8, SS 200, ISO 100, EV 0, GPS ({lon:.4f}, {lat:.4f}, 14), D 5.00m, H 50.00m" for lat, lon in places]
    return b"sbtl", kind, [struct.pack(">H", len(text)) + text.encode() for text in texts]


def subtitles(places, *, begin_s=0, clock="14:00"):
    def at(seconds):
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d},000"

    return "\n".join(
        f"{n + 1}\n{at(begin_s + n)} --> {at(begin_s + n + 1)}\n2025-09-20 {clock}:{n % 60:02d}.000\n"
        f"[latitude: {lat:.6f}] [longitude: {lon:.6f}] [rel_alt: 50.000 abs_alt: 90.000]\n"
        for n, (lat, lon) in enumerate(places)
    ).encode()


def movie(*tracks, start=None, **more):
    udta = b""
    if start is not None:
        place = f"{start[0]:+.4f}{start[1]:+.4f}/".encode()
        text = struct.pack(">HH", len(place), 0x15C7) + place
        udta = struct.pack(">I4s", len(text) + 8, b"\xa9xyz") + text
    return film(tracks, udta=udta, **({"delta": 1000} | more))


@pytest.fixture
def answer_of(tmp_path):
    def of(settings=HOME, **files):
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        (one,) = dronecheck.check_media(tmp_path, settings=settings)
        return one

    return of


def verdict(answer):
    return answer.verdict.value if answer.verdict else None


def codes(answer):
    return {issue.code.value for issue in answer.shot.issues}


def in_korea(answer):
    return {t.relation.value for t in answer.territories if t.territory.iso_a3 == "PRK"}


# ---- each file of a shot


def test_a_raw_picture_of_the_same_place_changes_nothing(answer_of):
    answer = answer_of(**{"A.JPG": photo(INLAND), "A.DNG": exif_of(*INLAND, ifd0=DNG)})
    assert (verdict(answer), len(answer.judged), codes(answer)) == ("CLEAR", 1, set())


def test_a_raw_picture_from_across_the_border_is_judged_and_its_place_told(answer_of):
    answer = answer_of(**{"A.JPG": photo(INLAND), "A.DNG": exif_of(*KOREA, ifd0=DNG)})
    assert (verdict(answer), codes(answer)) == ("VIOLATION", {"position_conflict"})
    assert in_korea(answer) == {"TAKEN_INSIDE"}
    assert {t.territory.iso_a3 for t in answer.territories} >= {"CHN", "PRK"}


def test_a_picture_without_a_place_is_not_clear_by_its_raw_file_and_accused_by_it(answer_of):
    assert verdict(answer_of(**{"A.JPG": jpeg(), "A.DNG": exif_of(*INLAND, ifd0=DNG)})) == "INCONCLUSIVE"
    assert verdict(answer_of(**{"A.JPG": jpeg(), "A.DNG": exif_of(*KOREA, ifd0=DNG)})) == "VIOLATION"


def test_two_places_deep_in_one_country_are_told_and_leave_open_where_it_was(answer_of):
    """No border is near either place. But what is eighty kilometres off may be anywhere."""
    answer = answer_of(**{"A.JPG": photo(INLAND), "A.DNG": exif_of(*ELSEWHERE, ifd0=DNG)})
    assert (verdict(answer), answer.reasons, codes(answer)) == (
        "INCONCLUSIVE", ("files_contradict",), {"position_conflict"}
    )  # fmt: skip
    near = exif_of(INLAND[0] + 0.001, INLAND[1], ifd0=DNG)
    answer = answer_of(**{"A.JPG": photo(INLAND), "A.DNG": near})
    assert (verdict(answer), codes(answer)) == ("CLEAR", {"position_conflict"})


def test_every_picture_of_a_panorama_is_judged(answer_of):
    here, there = photo(INLAND), photo(KOREA)
    answer = answer_of(**{"PANORAMA/1/D1.JPG": here, "PANORAMA/1/D2.JPG": here, "PANORAMA/1/D3.JPG": there})
    assert (verdict(answer), in_korea(answer)) == ("VIOLATION", {"TAKEN_INSIDE"})
    assert len(answer.findings) == 1
    answer = answer_of(**{"PANORAMA/1/D1.JPG": here, "PANORAMA/1/D2.JPG": here, "PANORAMA/1/D3.JPG": jpeg()})
    assert (verdict(answer), answer.reasons) == ("INCONCLUSIVE", ("no_position",))


def test_a_picture_of_a_panorama_that_cannot_be_read_leaves_it_open(answer_of):
    answer = answer_of(**{"PANORAMA/1/D1.JPG": photo(INLAND), "PANORAMA/1/D2.JPG": b"lost"})
    assert (verdict(answer), answer.reasons) == ("INCONCLUSIVE", ("file_unreadable",))
    answer = answer_of(**{"PANORAMA/1/D1.JPG": b"lost", "PANORAMA/1/D2.JPG": photo(KOREA)})
    assert verdict(answer) == "VIOLATION"
    assert "D1.JPG could not be read" in str(answer.shot.issues[0].message)


def test_a_small_film_from_across_the_border_is_judged(answer_of):
    answer = answer_of(**{"A.MP4": movie(camera_track(way(INLAND))), "A.LRF": movie(camera_track(way(KOREA)))})
    assert (verdict(answer), codes(answer)) == ("VIOLATION", {"position_conflict"})
    answer = answer_of(**{"A.MP4": movie(camera_track(way(INLAND))), "A.LRF": movie(camera_track(way(INLAND)))})
    assert (verdict(answer), len(answer.judged), codes(answer)) == ("CLEAR", 1, set())


def test_a_thumbnail_from_across_the_border_is_judged(answer_of):
    answer = answer_of(**{"A.MP4": movie(camera_track(way(INLAND))), "A.THM": photo(KOREA)})
    assert (verdict(answer), codes(answer)) == ("VIOLATION", {"position_conflict"})


def test_what_programs_write_beside_a_picture_is_read_and_judged(answer_of):
    there = xmp_of({"exif:GPSLatitude": "40,3.0N", "exif:GPSLongitude": "124,36.0E", "drone-dji:SelfData": "Kim"})
    answer = answer_of(**{"A.JPG": photo(INLAND), "A.xmp": there})
    assert (verdict(answer), codes(answer)) == ("VIOLATION", {"position_conflict"})
    assert {(name, reveal.kind.value) for name, reveal in answer.reveals} >= {("A.xmp", "place"), ("A.xmp", "person")}


def test_heights_and_times_of_one_picture_must_be_one(answer_of):
    def taken(height_m, second):
        return photo(INLAND, altitude=(0, height_m), exif=[(0x9003, 2, f"2025:09:20 14:00:{second:02d}")])

    other = exif_of(*INLAND, altitude=(0, 160.0), ifd0=DNG, exif=[(0x9003, 2, "2025:09:20 14:00:09")])
    answer = answer_of(**{"A.JPG": taken(100.0, 1), "A.DNG": other})
    assert codes(answer) == {"values_conflict"}
    assert "8.0 s" in str(next(i for i in answer.shot.issues if "time" in str(i.message)).message)


# ---- subtitles


def test_subtitles_that_go_with_their_film_change_nothing(answer_of):
    answer = answer_of(**{"A.MP4": movie(camera_track(way(INLAND))), "A.SRT": subtitles(way(INLAND))})
    assert (verdict(answer), len(answer.judged), codes(answer)) == ("CLEAR", 1, set())


@pytest.mark.parametrize("abroad", [20, 3])
def test_subtitles_from_elsewhere_are_told_and_clear_nobody(answer_of, abroad):
    told = [*way(INLAND, 20 - abroad), *way(KOREA, abroad)]
    answer = answer_of(**{"A.MP4": movie(camera_track(way(INLAND))), "A.SRT": subtitles(told)})
    assert (verdict(answer), codes(answer)) == ("INCONCLUSIVE", {"position_conflict"})


def test_subtitles_from_elsewhere_clear_no_film_that_was_abroad(answer_of):
    answer = answer_of(**{"A.MP4": movie(camera_track(way(KOREA))), "A.SRT": subtitles(way(INLAND))})
    assert verdict(answer) == "VIOLATION"


def test_subtitles_are_held_against_the_start_that_the_container_states(answer_of):
    answer = answer_of(**{"A.MP4": movie(PICTURES, start=INLAND), "A.SRT": subtitles(way(KOREA))})
    assert (verdict(answer), answer.reasons) == ("INCONCLUSIVE", ("files_contradict",))
    answer = answer_of(**{"A.MP4": movie(PICTURES, start=INLAND), "A.SRT": subtitles(way(INLAND))})
    assert (verdict(answer), codes(answer)) == ("CLEAR", set())


def test_subtitles_of_another_day_or_length_decide_nothing(answer_of):
    other_day = movie(PICTURES, created_s=1_700_000_000)
    for place in (INLAND, KOREA):
        answer = answer_of(**{"A.MP4": other_day, "A.SRT": subtitles(way(place))})
        assert (verdict(answer), answer.reasons, codes(answer)) == (
            "INCONCLUSIVE", ("files_contradict",), {"values_conflict"}
        )  # fmt: skip
    answer = answer_of(**{"A.MP4": movie(PICTURES), "A.SRT": subtitles(way(INLAND, 50))})
    assert (verdict(answer), codes(answer)) == ("INCONCLUSIVE", {"values_conflict"})
    same_day = movie(PICTURES, created_s=1_758_348_000)  # 06:00 UTC: the subtitles' clock is China's
    assert verdict(answer_of(**{"A.MP4": same_day, "A.SRT": subtitles(way(INLAND))})) == "CLEAR"


def test_a_cue_is_at_its_place_in_the_film(tmp_path):
    (tmp_path / "A.SRT").write_bytes(subtitles(way(INLAND), begin_s=30))
    item = read_shot(shots_in([tmp_path]).shots[0]).item
    assert item.film.time_s.tolist() == [30.0 + n for n in range(20)]
    assert item.time.local == "2025-09-20T13:59:30"


# ---- tracks within one film


@pytest.mark.parametrize("kind", [b"tx3g", b"text"])
def test_subtitles_within_a_film_are_its_way(answer_of, kind):
    assert verdict(answer_of(**{"A.MP4": movie(text_track(way(INLAND), kind))})) == "CLEAR"
    answer = answer_of(**{"A.MP4": movie(text_track(way(KOREA), kind))})
    assert (verdict(answer), in_korea(answer)) == ("VIOLATION", {"TAKEN_INSIDE"})
    assert "place" in {reveal.kind.value for _, reveal in answer.reveals}
    raw = answer.shot.files.path.read_bytes()
    film_told = answer.shot.item.film
    for at, length in zip(film_told.offset.tolist(), film_told.length.tolist(), strict=True):
        assert b"GPS (124.6000, 40.05" in raw[at : at + length]


def test_subtitles_within_a_film_are_held_against_its_camera_track(answer_of):
    answer = answer_of(**{"A.MP4": movie(camera_track(way(INLAND)), text_track(way(KOREA)))})
    assert verdict(answer) == "VIOLATION"
    assert "position_conflict" in {issue.code.value for issue in answer.shot.item.issues}
    answer = answer_of(**{"A.MP4": movie(camera_track(way(INLAND)), text_track(way(INLAND)))})
    assert verdict(answer) == "CLEAR"
    assert "position_conflict" not in {issue.code.value for issue in answer.shot.item.issues}


def test_subtitles_whose_order_of_figures_is_open_are_told(answer_of):
    undecided = "\n".join(f"{n + 1}\n00:00:0{n},000 --> 00:00:0{n + 1},000\nGPS(39.9,16.3,69.8)\n" for n in range(8))
    answer = answer_of(**{"A.MP4": movie(camera_track(way(INLAND))), "A.SRT": undecided.encode()})
    assert [issue.code.value for issue in answer.shot.issues] == ["bad_record"]
    assert verdict(answer) == "CLEAR"  # by the film's own track


@pytest.mark.parametrize("before", [0, 1, 10, 19])
def test_a_second_track_is_compared_at_every_sample(before):
    other = [*way(INLAND, before), *[(lat + 0.01, lon) for lat, lon in way(INLAND)[before:]]]
    item = read_media(movie(camera_track(way(INLAND)), camera_track(other)), "A.MP4")
    told = [issue for issue in item.issues if issue.code.value == "position_conflict"]
    assert any("has the camera up to 1.1" in str(issue.message) for issue in told)
    assert len(item.other_films) == 1
    same = read_media(movie(camera_track(way(INLAND)), camera_track(way(INLAND))), "A.MP4")
    assert not [issue for issue in same.issues if issue.code.value == "position_conflict"]
    higher = read_media(movie(camera_track(way(INLAND)), camera_track(way(INLAND), 90.0)), "A.MP4")
    assert "values_conflict" in {issue.code.value for issue in higher.issues}


def test_a_second_track_that_leaves_the_first_is_never_clear(answer_of):
    crosses = [*way(INLAND, 10), *way(KOREA, 10)]
    assert verdict(answer_of(**{"A.MP4": movie(camera_track(way(INLAND)), camera_track(crosses))})) != "CLEAR"
    beside = (40.135, 124.35), (40.10, 124.37)  # the Chinese bank, and Sinuiju beyond it
    tracks = camera_track(way(beside[0])), camera_track([*way(beside[0], 3), *way(beside[1], 17)])
    answer = answer_of(**{"A.MP4": movie(*tracks)})
    assert verdict(answer) != "CLEAR"


def test_tracks_are_apart_by_what_their_clocks_do_not_excuse():
    one = read_media(movie(camera_track(way(INLAND))), "A.MP4").film
    assert not tracks_apart(one, one).is_conflict
    late = read_media(movie(camera_track([(lat - 5e-5, lon) for lat, lon in way(INLAND)])), "A.MP4").film
    assert not tracks_apart(one, late).is_conflict  # half a second of its way
    aside = read_media(movie(camera_track([(lat, lon + 2e-4) for lat, lon in way(INLAND)])), "A.MP4").film
    assert tracks_apart(one, aside).apart_m == pytest.approx(2e-4 * 111_320 * np.cos(np.radians(35.9)), rel=0.01)
    assert not tracks_apart(one, read_media(movie(camera_track(way(INLAND, 40))), "A.MP4").film).is_covered


# ---- what a film does not say


def test_a_film_without_fixes_at_its_begin_is_judged_by_the_rest(answer_of):
    frames = [djmd_frame(*map(math.radians, place), status=1, home_mm=5e4) for place in way(KOREA, 4)]
    frames += [djmd_frame(*map(math.radians, place), home_mm=5e4) for place in way(KOREA)]
    lost_begin = b"meta", b"djmd", [djmd_clip("dvtm_Air3s.proto") + frames[0], *frames[1:]]
    assert verdict(answer_of(**{"A.MP4": movie(lost_begin)})) == "VIOLATION"


@pytest.mark.parametrize(("silent_s", "expected"), [(60, "CLEAR"), (400, "INCONCLUSIVE")])
def test_a_film_may_have_left_from_where_it_fell_silent_and_not_from_its_begin(answer_of, silent_s, expected):
    """It flies towards the Yalu, at 22 m/s, and its track ends some nine kilometres before it."""
    flown = way((40.36, 124.37), 800, -2e-4)
    pictures = b"vide", b"avc1", [b"pictures"] * (800 + silent_s)
    answer = answer_of(**{"A.MP4": movie(camera_track(flown), pictures)})
    assert (verdict(answer), answer.reasons) in (
        (expected, ("place_unknown_in_parts",)), (expected, ("no_border_in_reach",))
    )  # fmt: skip


def test_a_shot_is_answered_with_its_own_zones_alike():
    setup = CheckSetup(Airspace(None, None), HOME, None, None, None, None)
    assert list(answered([], setup)) == []


# ---- what lies beside, and what is told of it


def test_words_beside_a_file_are_named_as_still_revealing(tmp_path):
    from dronecheck.media.scrub.run import scrub_files

    words = xmp_of({"exif:GPSLatitude": "40,3.0N", "exif:GPSLongitude": "124,36.0E"})
    source = tmp_path / "card"
    source.mkdir()
    for name, content in (("A.JPG", photo(INLAND)), ("A.xmp", words), ("A.JPG.xmp", words), ("A.SRT", b"x")):
        (source / name).write_bytes(content)
    named = scrub_files([source / "A.JPG"], tmp_path / "out")
    assert [path.name for path in named.beside] == ["A.JPG.xmp", "A.SRT", "A.xmp"]
    walked = scrub_files([source], tmp_path / "other")
    assert {one.path.name for one in walked.files if one.copy is None} == {"A.JPG.xmp", "A.SRT", "A.xmp"}


def test_home_is_hidden_in_what_lies_beside_and_in_all_words(cli, tmp_path):
    """The log's take-off is home; the picture was taken far from it, what lies beside it names home."""
    import json

    from tests.conftest import REPO

    log = REPO / "samples/founding_dandong_sinuiju.ulg"
    home = "40.1176, 124.3900"
    model = jpeg(exif=exif_of(*INLAND, ifd0=[(0x10F, 2, "Maker"), (0x110, 2, home), (0x13B, 2, f"Kim {home}")]))
    (tmp_path / "A.JPG").write_bytes(model)
    (tmp_path / "A.xmp").write_bytes(
        xmp_of({"exif:GPSLatitude": "40,7.056N", "exif:GPSLongitude": "124,23.4E", "drone-dji:SelfData": f"at {home}"})
    )
    words = ("media", "check", tmp_path, "--log", log, "--hide-home", "300", "--include-private", "--json")
    _, out, _ = cli(*words, "-")
    (item,) = json.loads(out)["items"]
    page = tmp_path / "page.html"
    _, said, _ = cli("media", "check", tmp_path, "--log", log, "--hide-home", "300", "--report", page)
    for text in (out, said, page.read_text(encoding="utf-8")):
        assert "40.11" not in text
        assert "40,7.05" not in text
    assert item["position"] is None  # with the words beside it, its shot is one around home
    assert {reveal["what"] for reveal in item["reveals"]} >= {"place"}


@pytest.mark.parametrize(("home_m", "told"), [(-40.0, "no_height"), (-5.0, "no_terrain"), (80.0, "no_terrain")])
def test_a_flight_below_its_take_off_is_over_no_level_ground(home_m, told):
    from dronecheck.footage.camera import above_ground
    from dronecheck.media.model import CameraHeight
    from tests.footage.makers import camera

    height, doubt = above_ground(camera(height=CameraHeight(home_m=home_m)), HOME, None)
    assert doubt.value == told
    assert (height is None) == (told == "no_height")
    wide, _ = above_ground(camera(height=CameraHeight(home_m=80.0)), dronecheck.Settings(relief_m=200.0), None)
    assert wide.sigma_m >= 200.0


def test_that_the_ground_is_taken_to_be_level_is_told(cli, tmp_path):
    (tmp_path / "A.JPG").write_bytes(
        jpeg(
            exif=exif_of(40.128, 124.38),
            xmp=xmp_of({
                "drone-dji:RelativeAltitude": "+80.0", "drone-dji:GimbalPitchDegree": "-20.0",
                "drone-dji:GimbalYawDegree": "150.0", "drone-dji:GimbalRollDegree": "0.0",
            }),
            size=(64, 48),
        )
    )  # fmt: skip
    _, said, _ = cli("media", "check", tmp_path, "--home", "CHN")
    assert "taken to be level with the take-off" in " ".join(said.split())
