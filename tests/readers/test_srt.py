"""The subtitle reader on hand-written cues: layouts, the order of coordinates, clocks, damage."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from dronecheck.errors import UnreadableInput
from dronecheck.flight import Completeness, HorizontalDatum
from dronecheck.flight.user_clock import with_user_clock
from dronecheck.issues import Code
from dronecheck.readers import srt
from dronecheck.safe.io import Input


def read(text: str | bytes):
    data = text.encode() if isinstance(text, str) else text
    return srt.read(Input(Path("film.SRT"), data, hashlib.sha256(data).hexdigest()))


def film(*bodies: str, step_s: int = 1) -> str:
    return "".join(
        f"{i + 1}\n00:{i * step_s // 60:02d}:{i * step_s % 60:02d},000 --> 00:59:00,000\n{body}\n\n"
        for i, body in enumerate(bodies)
    )


def codes(flight):
    return {issue.code for issue in flight.issues}


def test_a_figure_beyond_ninety_is_a_longitude():
    (first, second) = (read(film(f"GPS({pair},16) BAROMETER:1.9")).track for pair in ("149.02,-20.25", "-20.25,149.02"))
    assert (first.lat_deg[0], first.lon_deg[0]) == (second.lat_deg[0], second.lon_deg[0]) == (-20.25, 149.02)
    assert Code.AXIS_ORDER not in codes(read(film("GPS(149.02,-20.25,16)")))


def test_the_logged_distance_from_home_tells_the_order():
    # 0.01 degrees of longitude at 60 N are 557.6 m on WGS 84; read the other way they would be 1113 m.
    one = "F/5.6, SS 400, ISO 100, EV 0, GPS ({}, 15), HOME ({}, 7.60m), D {}m, H 85.80m, H.S 2.00m/s"
    lon_first = read(film(one.format("20.010000, 60.000000", "20.000000, 60.000000", 557.6)))
    assert (lon_first.track.lat_deg[0], lon_first.home.lon_deg) == (60.0, 20.0)
    lat_first = read(film(one.format("60.000000, 20.010000", "60.000000, 20.000000", 557.6)))
    assert (lat_first.track.lat_deg[0], lat_first.home.lon_deg) == (60.0, 20.0)
    for flight in (lon_first, lat_first):
        assert Code.AXIS_ORDER not in codes(flight)
        assert flight.track.alt_home_m[0] == 85.8
        assert flight.track.speed_mps[0] == 2.0


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ("HOME(-1.2218,42.4668) 2018.08.19 08:00:36\nGPS(-1.2218,42.4668,11) BAROMETER:0.0", (42.4668, -1.2218)),
        ("2022.06.21 16:06:17\nGPS(36.6146,-6.1120,0.0M) BAROMETER:0.3M", (36.6146, -6.112)),
    ],
)
def test_where_only_the_layout_tells_that_is_said(body, place):
    flight = read(film(body))
    assert (flight.track.lat_deg[0], flight.track.lon_deg[0]) == place
    assert Code.AXIS_ORDER in codes(flight)


@pytest.mark.parametrize("body", ["GPS(39.9,16.3,69.8)", "GPS(39.9,16.3)\nGPS(39.9,16.3,12)"])
def test_an_order_that_nothing_tells_is_refused(body):
    with pytest.raises(UnreadableInput) as caught:
        read(film("GPS(39.9,16.3,69.8)", body, "GPS(39.9,16.3,5)"))
    assert caught.value.code == "axis_order"
    with pytest.raises(UnreadableInput):
        read(film("GPS(149.0,16.3,5)", "GPS(16.3,149.0,5)"))


LINES = "HOME(-1.2218,42.4668) 2018.08.19 08:00:{0}\nGPS(-1.{0}18,42.4668,11) BAROMETER:0.0"


@pytest.mark.parametrize("figures", ["-1.1718,142.4668,11", "-121.1718,42.4668,11", "-1.1718,942.4668,11",
                                     "-1.1718,42.4668,1.1", "-1.1718,42.4668,91"])  # fmt: skip
def test_one_damaged_figure_does_not_turn_the_track(figures):
    damaged = film(*(LINES.format(second) for second in range(10, 50))).replace("-1.1718,42.4668,11", figures)
    assert figures in damaged
    flight = read(damaged)
    assert set(flight.track.lat_deg.tolist()) == {42.4668}
    assert len(flight.track) in (39, 40)
    assert len(flight.track) == 40 or {Code.BAD_POSITION, Code.IMPOSSIBLE_JUMP} & codes(flight)


def test_nor_where_the_distance_from_home_tells_the_order():
    one = "F/5.6, SS 400, ISO 100, EV 0, GPS (20.010000, {}, 15), HOME (20.000000, 60.000000, 7.60m), D 557.6m, H 1.00m"
    flight = read(film(one.format("160.000000"), *[one.format("60.000000")] * 3))
    assert flight.track.lat_deg.tolist() == [60.0] * 3
    assert {i.code for i in flight.issues} >= {Code.BAD_POSITION}


@pytest.mark.parametrize("word", ["longitude", "longtitude"])
def test_named_coordinates_and_relative_height(word):
    body = f"2021-12-25 12:27:52.373\n[latitude: 3.41531] [{word} : -3.37440] [rel_alt: -2.400 abs_alt: -122.7]"
    flight = read(film(body))
    assert (flight.track.lat_deg[0], flight.track.lon_deg[0], flight.track.alt_home_m[0]) == (3.41531, -3.3744, -2.4)
    assert Code.HEIGHT_FRAME in codes(flight)
    assert flight.track.alt_amsl_m[0] != flight.track.alt_amsl_m[0]
    assert flight.datum is HorizontalDatum.UNPROVEN


def test_the_local_clock_becomes_utc_by_the_users_word():
    body = "2022-08-07 13:40:40,774,808\n[latitude: 41.1] [longitude: 2.2]"
    flight = read(film(body))
    assert not flight.clock.utc_known
    utc = with_user_clock(flight, None, 2.0)
    assert utc.track.time_ns[0] == 1_659_872_440_774_808_000  # 2022-08-07T11:40:40.774808Z
    assert utc.clock.utc_known


def test_cues_that_repeat_a_fix_are_one_and_hovering_keeps_a_row_a_second():
    place = "[latitude: 41.1] [longitude: 2.2] [rel_alt: {} abs_alt: 0]"
    per_frame = "".join(
        f"{i}\n00:00:{i // 50:02d},{i % 50 * 20:03d} --> 00:00:59,000\n{place.format(1)}\n\n" for i in range(500)
    )
    flight = read(per_frame)
    assert len(flight.track) == 10
    assert sum(i.count for i in flight.issues if i.code is Code.REPEATED_POSITION) == 490
    assert len(read(film(*(place.format(h) for h in (1, 2, 3)))).track) == 3


def test_a_last_cue_cut_short_is_dropped_and_told():
    whole = film(*["2021-12-25 12:27:52\n[latitude: 41.1] [longitude: 2.25]"] * 3)
    cut = read(whole[: whole.rindex("2.25") + 2])
    assert cut.completeness is Completeness.TRUNCATED
    assert Code.LINE_CUT_SHORT in codes(cut)
    assert len(cut.track) == 2
    assert read(whole).completeness is Completeness.COMPLETE


@pytest.mark.parametrize("cut", [" H 85.8", " H 85.80m, H.S", "D 698.70m, H 85.80m, H.S 0.00m/", "EV 0, GPS (-5"])
def test_a_last_line_cut_after_its_position_is_told_too(cut):
    one = "F/5.6, SS 400, ISO 100, EV 0, GPS (-58.85, -34.23, 15), D 698.70m, H 85.80m, H.S 0.00m/s, V.S 0.00m/s"
    whole = film(one, one, one)
    assert read(whole.rstrip("\n")).completeness is Completeness.COMPLETE  # a last line without its end can be whole
    flight = read(whole[: whole.rindex(cut) + len(cut)])
    assert (flight.completeness, len(flight.track)) == (Completeness.TRUNCATED, 2)
    assert read(whole + "4\n").completeness is Completeness.TRUNCATED


@pytest.mark.parametrize(
    "damaged", ["[latit", "[latitude: 41.x] [longitude: 2.2]", "[xatitude: 41.1] [longitude: 2.2]", "?"]
)
def test_a_position_that_cannot_be_read_is_damage_and_no_lack_of_fix(damaged):
    good = "2021-12-25 12:27:{}\n[latitude: 41.1] [longitude: 2.2]"
    flight = read(film(good.format(10), f"2021-12-25 12:27:11\n{damaged}", good.format(12)))
    assert flight.completeness is Completeness.DAMAGED
    assert [(i.offset, i.count) for i in flight.issues if i.code is Code.BAD_LINE] == [(8, 1)]
    assert Code.NO_FIX_ROWS not in codes(flight)
    assert len(flight.track) == 2


def test_without_satellites_nothing_is_damaged():
    flight = read(film("GPS(N/A,N/A,3) BAROMETER:0.0", "GPS(149.1,-20.2,9) BAROMETER:0.0"))
    assert flight.completeness is Completeness.COMPLETE
    assert Code.NO_FIX_ROWS in codes(flight)


def test_a_cue_without_any_time_is_a_fix_at_no_known_instant():
    body = "GPS(149.{:04d},-20.2533,16) BAROMETER:1.9"
    whole = film(*(body.format(i) for i in range(6)))
    flight = read(whole.replace("00:00:02,000 -->", "00:00:0x,000 -->"))
    assert flight.track.time_ns[flight.track.is_timed].tolist() == [t * 1_000_000_000 for t in (0, 1, 3, 4, 5)]
    assert flight.track.is_timed.tolist() == [True, True, False, True, True, True]
    assert Code.CLOCK_DAMAGED in codes(flight)
    assert Code.OUT_OF_ORDER not in codes(flight)


def test_text_before_the_first_cue_is_told():
    flight = read("SUBTITLES\n\n" + film("GPS(149.1,-20.2,9) BAROMETER:0.0"))
    assert [(i.offset, i.count) for i in flight.issues if i.code is Code.BAD_LINE] == [(1, 1)]


BASE_NS = 1_501_942_260_000_000_000  # 2017-08-05T14:11:00Z


def clocked(stamps):
    return film(*(f"2017.08.05 {stamp}\nGPS(149.{i:04d},-20.2533,16) BAROMETER:1.9" for i, stamp in enumerate(stamps)))


def test_a_hyperlapse_is_timed_by_the_camera_s_clock():
    flight = read(clocked(f"14:{11 + i}:00" for i in range(20)))
    assert flight.track.time_ns.tolist() == [BASE_NS + i * 60_000_000_000 for i in range(20)]
    assert Code.CLOCK_SKEW in codes(flight)


def test_films_joined_in_one_file_go_on_by_the_camera_s_clock():
    second = clocked(f"14:20:{i}" for i in range(10, 20)).replace("GPS(149.", "GPS(150.")
    flight = read(clocked(f"14:11:{i}" for i in range(10, 20)) + second)
    seconds = [*range(10, 20), *range(550, 560)]
    assert flight.track.time_ns.tolist() == [BASE_NS + s * 1_000_000_000 for s in seconds]
    assert Code.OUT_OF_ORDER not in codes(flight)


@pytest.mark.parametrize("at", [0, 7, 18])
@pytest.mark.parametrize("stray", ["19:11:{}", "99:11:{}", "14:xx:{}"])
def test_one_damaged_stamp_moves_nothing(at, stray):
    stamps = [("14:11:{}" if i != at else stray).format(10 + i) for i in range(20)]
    flight = read(clocked(stamps))
    assert flight.track.time_ns.tolist() == [BASE_NS + (10 + i) * 1_000_000_000 for i in range(20)]
    assert {i.count for i in flight.issues if i.code is Code.CLOCK_DAMAGED} == {1}


def test_no_fix_off_globe_and_no_position_are_told():
    flight = read(
        film(
            "[latitude: 0.0] [longitude: 0.0]", "[latitude: 95.0] [longitude: 2.0]", "[latitude: 41.1] [longitude: 2.2]"
        )
    )
    assert len(flight.track) == 1
    assert {Code.NO_FIX_ROWS, Code.BAD_POSITION} <= codes(flight)
    empty = read(film("SrtCnt : 1, DiffTime : 39ms\n[iso : 100] [shutter : 1/240.0]"))
    assert (empty.tracks, Code.NO_POSITION in codes(empty)) == ({}, True)


def test_a_film_s_own_subtitles_are_no_log():
    dialogue = film("Where is the drone?", "Over there. GPS lost it.", "GPS (the good one), HOME (sweet home)")
    assert srt.sniff(dialogue.encode(), "film.srt") == 0
    with pytest.raises(UnreadableInput):
        read(dialogue)
