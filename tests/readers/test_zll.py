"""The HF-XL (ZLL) text log: facts known by hand, and damage."""

import hashlib
import random
from pathlib import Path

import pytest

from dronecheck.flight import ClockSource, Completeness, EventKind, HorizontalDatum
from dronecheck.readers import read_input, zll
from dronecheck.safe.io import Input
from tests.support.scale import loops


def block(stamp, *lines):
    return "\n".join([f"--------- {stamp}  ---------", *lines, "", "", ""])


def aircraft(lat, lon, height=0, speed=0.0, mode="定点模式", satellites=12):
    return (
        f"---------飞行模式 : {mode}",
        f" ----GPS卫星数:{satellites}, 精度:70.000000",
        f"飞机坐标:(Lat:{lat},Lon:{lon}）",
        f"飞行高度:{height}m ",
        f"飞行速度 升降速度：0.0m/s 水平速度:{speed}m/s",
    )


LOG = "\n" + "".join([
    block("2025:09:17 10:34:05.17", " ----搜星中.....", "飞行高度:0m "),
    block("2025:09:17 10:34:05.86", " 读取到飞行器信息   飞行器:HF-XL-XL019A, 版本号: 285.A24.1109"),
    block("2025:09:17 10:34:05.16", *aircraft("0.000000", "0.000000")),
    block("2025:09:17 10:34:05.149", " 遥控器坐标:(Lat:14.643572, Lon: 120.999039)"),
    block("2025:09:17 10:34:05.218", *aircraft("14.643544", "120.999003")),
    block("2025:09:17 10:34:06.5", *aircraft("14.643546", "120.999003", 12, 3.5, "返航模式")),
    block("2025:09:17 10:34:05.949", *aircraft("14.643545", "120.999003", 3, 1.5)),
])  # fmt: skip


def read(text):
    data = text if isinstance(text, bytes) else text.encode()
    return zll.read(Input(Path("log.txt"), data, hashlib.sha256(data).hexdigest()))


def issues(flight):
    return {issue.code.value: (issue.count, issue.offset) for issue in flight.issues}


def test_facts():
    assert zll.sniff(LOG.encode(), "x.csv") >= 80
    flight = read(LOG)
    track = flight.track
    assert track.lat_deg.tolist() == [14.643544, 14.643545, 14.643546]
    assert track.alt_home_m.tolist() == [0.0, 3.0, 12.0]
    assert track.speed_mps.tolist() == [0.0, 1.5, 3.5]
    assert [ns // 10**6 % 10**5 for ns in track.time_ns.tolist()] == [45_218, 45_949, 46_005]  # ms are not padded
    assert track.time_ns[2] == 1_758_105_246_005_000_000
    assert flight.tracks["operator"].lon_deg.tolist() == [120.999039]
    assert (flight.clock.utc_known, flight.clock.source) == (False, ClockSource.HOST)
    assert flight.datum is HorizontalDatum.UNPROVEN
    assert (flight.vehicle.model, flight.vehicle.firmware) == ("HF-XL-XL019A", "285.A24.1109")
    assert {(e.kind, e.text) for e in flight.events} == {(EventKind.MODE, "返航模式"), (EventKind.MODE, "定点模式")}
    assert flight.completeness is Completeness.COMPLETE
    assert issues(flight)["no_fix_rows"] == (2, 2)
    assert issues(flight)["out_of_order"][0] == 1
    assert "utc_unknown" in issues(flight)


def test_a_log_of_the_controller_only_is_not_judged():
    flight = read(block("2025:09:17 10:34:05.149", " 遥控器坐标:(Lat:14.643572, Lon: 120.999039)"))
    assert (list(flight.tracks), flight.primary) == (["operator"], "")
    assert "no_position" in issues(flight)


def test_damage_is_said_and_costs_its_block_only():
    flight = read(LOG.replace("Lat:14.643545", "Lat:14x643545"))
    assert flight.completeness is Completeness.DAMAGED
    assert issues(flight)["bad_line"][0] == 1
    assert len(flight.track) == 2
    flight = read(LOG.replace("09:17 10:34:06.5", "13:17 10:34:06.5"))
    assert issues(flight)["bad_line"][0] == 1
    assert sorted(flight.track.is_timed.tolist()) == [False, True, True]  # a date costs the time, not the fix
    flight = read(LOG.replace("14.643545", "94.643545"))
    assert issues(flight)["bad_position"][0] == 1
    cut = read(LOG[: LOG.rindex("Lon:120") + 8])
    assert issues(cut)["line_cut_short"][0] == 1
    assert len(cut.track) == 2


@pytest.mark.parametrize(
    ("whole", "broken"),
    [
        ("--------- 2025:09:17 10:34:05.949  ---------", "---------34:05.949  ---------"),
        ("--------- 2025:09:17 10:34:05.949  ---------", "--------- 2025:09:17 10:34:05.949  ---------点模式"),
        ("--------- 2025:09:17 10:34:05.949  ---------", "--------- 2025:09:17 10:3"),
        ("飞机坐标:(Lat:14.643545,Lon:120.999003）", "机坐标:(Lat:14.643545,Lon:120.999003）"),
        ("飞机坐标:(Lat:14.643545,Lon:120.999003）", "飞机坐标:(Lat:14.643545,Lon:120.999003）飞行距离:3m"),
        ("飞行高度:3m ", "飞行高度:飞行高度:3m "),
        ("飞行速度 升降速度：0.0m/s 水平速度:1.5m/s", "飞行速度 升降速度：0.0m70）"),
        ("GPS卫星数:12, 精度", "GPS卫星精度"),
        ("模式 : 定点", "模式 : \ufffd点"),
    ],
)
def test_a_line_that_the_app_would_not_write_is_told(whole, broken):
    assert whole in LOG
    flight = read(LOG.replace(whole, broken))
    assert flight.completeness is Completeness.DAMAGED
    assert issues(flight)["bad_line"][0] >= 1


def test_a_position_whose_time_is_gone_is_told_and_not_used():
    """Between two positions stood a time: the second is not of the first one's time."""
    stamp = "--------- 2025:09:17 10:34:05.949  ---------\n"
    flight = read(LOG.replace(stamp, ""))
    assert issues(flight)["bad_line"][0] == 1
    assert flight.track.lat_deg.tolist() == [14.643544, 14.643546]
    of_both = read(LOG.replace("--------- 2025:09:17 10:34:05.218  ---------\n", ""))
    assert issues(of_both)["bad_line"][0] == 1


def test_lines_about_calibration_have_whole_seconds_and_no_position():
    flight = read(LOG + block("2025:09:17 10:34:11", " ----校准X"))
    assert "bad_line" not in issues(flight)
    assert len(flight.track) == 3


def test_a_damaged_log_is_known_or_not_and_nothing_is_no_flight():
    source = random.Random(7)
    data = LOG.encode()
    for _ in range(loops(500)):
        mutant = bytearray(data)
        for _ in range(source.randrange(1, 20)):
            mutant[source.randrange(len(mutant))] = source.randrange(256)
        assert zll.sniff(bytes(mutant[: source.randrange(len(mutant))]), "x") in (0, 90)
    assert not read(b"").tracks


def test_a_cut_between_a_position_and_its_height_is_told_in_flight():
    climb = "".join(block(f"2025:09:17 10:34:1{s}.500", *aircraft("14.643546", "120.999003", 20 + s)) for s in range(9))
    cut = climb[: climb.rindex("飞行高度")]
    data = cut.encode()
    flight = read_input(Input(Path("log.txt"), data, hashlib.sha256(data).hexdigest()))
    assert not flight.track.alt_home_m[-1] > 0
    assert "ends_in_flight" in issues(flight)
