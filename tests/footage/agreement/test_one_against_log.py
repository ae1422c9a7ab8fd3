"""One item against one log or several, once its clock is known: place, time, height, device, films, what follows."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from dronecheck.errors import UsageError
from dronecheck.flight import EventKind
from dronecheck.footage.agreement import AgreementVerdict, agreements, place_in_log, pose_in_log, takeoff_flight
from dronecheck.geo.plane import geodesic_m
from dronecheck.issues import Code
from dronecheck.media.model import MediaField, PositionStatus
from dronecheck.readers import read
from tests.conftest import SHARED
from tests.footage.agreement.shoots import (
    EAST_M_PER_DEG,
    LAT,
    LON,
    M_PER_DEG,
    START,
    Way,
    film,
    flight_of,
    photo,
    wandering,
)

AGREES, NOT_COVERED = AgreementVerdict.AGREES, AgreementVerdict.NOT_COVERED


@pytest.fixture
def draw():
    return np.random.default_rng(20)


@pytest.fixture
def way(draw):
    return wandering(draw)


def one(item, *flights):
    return agreements([item], flights)[0]


# ---- a proven clock


def test_a_photo_with_utc_agrees_alone_and_tells_its_clock(way, draw):
    found = one(photo(way, 300, -28_837.0, with_utc=True, draw=draw), flight_of(way, draw=draw))
    assert found.verdict is AGREES
    assert found.delta_interval_s[0] - 1 <= -28_837.0 <= found.delta_interval_s[1] + 1
    assert found.miss_m < 10
    assert found.name == "log.bin"


@pytest.mark.parametrize("moved_m", [60.0, 500.0, 2e6])
def test_a_place_beyond_the_gate_disagrees(way, draw, moved_m):
    item = photo(way, 300, 0.0, with_utc=True, draw=draw, moved_m=(0.0, moved_m if moved_m < 1e6 else -moved_m))
    found = one(item, flight_of(way, draw=draw))
    assert found.verdict is AgreementVerdict.WRONG_POSITION
    assert found.miss_m == pytest.approx(moved_m, rel=0.2)


@pytest.mark.parametrize(
    ("at_s", "verdict"), [(-70, NOT_COVERED), (-20, NOT_COVERED), (980, NOT_COVERED), (450, AGREES)]
)
def test_what_no_fix_is_near_is_not_covered(way, draw, at_s, verdict):
    assert one(photo(way, at_s, 0.0, with_utc=True, draw=draw), flight_of(way, draw=draw)).verdict is verdict


def test_a_place_that_no_drone_reaches_from_the_logs_end_disagrees(way, draw):
    item = photo(way, 920, 0.0, with_utc=True, draw=draw, moved_m=(20_000.0, 0.0))
    assert one(item, flight_of(way, draw=draw)).verdict is AgreementVerdict.WRONG_POSITION


def test_places_that_fit_at_another_time_are_a_false_time(way, draw):
    items = [
        photo(way, t, 0.0, with_utc=True, draw=draw, start=START + timedelta(seconds=240)) for t in range(100, 600, 25)
    ]
    found = agreements(items, [flight_of(way, draw=draw)])
    false = [each for each in found if each.verdict is AgreementVerdict.WRONG_TIME]
    assert len(false) >= 0.8 * len(items)


def test_a_hole_in_the_log_proves_nothing(way, draw):
    flight = flight_of(way, draw=draw)
    track = flight.track
    at_s = (track.time_ns - track.time_ns[0]) / 1e9
    holed = replace(flight, tracks={"gnss": track.where((at_s < 290) | (at_s > 310))})
    assert one(photo(way, 300, 0.0, with_utc=True, draw=draw), holed).verdict is NOT_COVERED


# ---- height and device


@pytest.mark.parametrize(
    ("home_m", "verdict"), [(63.0, AGREES), (100.0, AgreementVerdict.WRONG_HEIGHT), (None, AGREES)]
)
def test_heights_are_held_against_each_other_above_home_only(way, draw, home_m, verdict):
    item = photo(way, 300, 0.0, with_utc=True, draw=draw, home_m=home_m)
    if home_m is None:  # a height above the sea is none above home
        item = replace(item, height=replace(photo(way, 1, 0, home_m=1.0).height, home_m=None, amsl_m=900.0))
    assert one(item, flight_of(way, draw=draw, home_m=60.0)).verdict is verdict


SERIAL = "APP1/XMP/drone-dji:DroneSerialNumber"


@pytest.mark.parametrize(
    ("path", "serial", "verdict"),
    [
        (SERIAL, "1581F45TB21BX00A", AGREES),
        (SERIAL, "1581F45TB21BX00B", AgreementVerdict.WRONG_DEVICE),
        (SERIAL, "1581F45TB2", AGREES),  # cut short by an app
        (SERIAL, "0V2CG3D001", AGREES),  # of another form: of a part, perhaps
        ("APP1/XMP/drone-dji:CameraSerialNumber", "1581F45TB21BX00B", AGREES),  # of the camera
        ("APP1/Exif/BodySerialNumber", "1581F45TB21BX00B", AGREES),
    ],
)
def test_only_serials_of_the_aircraft_are_compared(way, draw, path, serial, verdict):
    item = photo(way, 300, 0.0, with_utc=True, draw=draw)
    item = replace(item, serials=(serial,), fields=(MediaField(path, serial, 0, 1),))
    assert one(item, flight_of(way, draw=draw, serial="1581F45TB21BX00A")).verdict is verdict


def test_another_aircraft_at_another_time_is_not_covered(way, draw):
    item = photo(way, 30_000, 0.0, with_utc=True, draw=draw)
    item = replace(item, fields=(MediaField(SERIAL, "1581F45TB21BX00B", 0, 1),))
    assert one(item, flight_of(way, draw=draw, serial="1581F45TB21BX00A")).verdict is NOT_COVERED


# ---- places that decide nothing


@pytest.mark.parametrize("kind", ["null island", "invalid", "none"])
def test_an_unusable_place_is_never_held_against_the_log(way, draw, kind):
    item = photo(way, 300, 0.0, with_utc=True, draw=draw)
    place = replace(item.position, lat_deg=0.0, lon_deg=0.0)
    if kind == "invalid":
        place = replace(item.position, lat_deg=10.0, status=PositionStatus.INVALID)
    found = one(replace(item, position=None if kind == "none" else place), flight_of(way, draw=draw))
    assert found.verdict is AgreementVerdict.AMBIGUOUS  # the time fits, and nothing else can be compared
    assert found.miss_m is None


def test_a_repeated_place_over_a_moving_track_is_stale_and_no_false_place(way, draw):
    times = list(range(100, 700, 30))
    items = [photo(way, t, 3600.0, draw=draw) for t in times]
    items[8] = replace(items[8], position=items[7].position)
    found = agreements(items, [flight_of(way, draw=draw)])
    moved_m = np.hypot(*(np.array(way.at(times[8])) - np.array(way.at(times[7]))))
    assert moved_m > 40
    assert [issue.code for issue in found[8].issues] == [Code.FROZEN_POSITION]
    assert found[8].verdict is AgreementVerdict.AMBIGUOUS
    rest = found[:8] + found[9:]
    assert {each.verdict for each in rest} == {AGREES}
    assert not any(each.issues for each in rest)


# ---- groups, several logs


def test_the_log_that_fits_is_named(draw):
    ways = [wandering(np.random.default_rng(seed)) for seed in (1, 2, 3)]
    starts = [START + timedelta(minutes=25 * number) for number in range(3)]
    logs = [
        flight_of(w, s, name=f"{number}.bin", draw=draw) for number, (w, s) in enumerate(zip(ways, starts, strict=True))
    ]
    items, truth = [], []
    for number in (2, 0, 1, 2, 0, 1, 2, 0, 1):
        items.append(photo(ways[number], 100 + 70 * len(items), 7200.0, start=starts[number], draw=draw))
        truth.append(number)
    stray = photo(ways[0], 300, 7200.0, start=START + timedelta(hours=3), draw=draw)
    found = agreements([*items, stray], logs)
    assert [each.flight for each in found[:-1]] == truth
    assert [each.name for each in found[:-1]] == [f"{number}.bin" for number in truth]
    assert {each.verdict for each in found[:-1]} == {AGREES}
    assert found[-1].verdict is NOT_COVERED
    assert takeoff_flight(found[:2], logs) is logs[0] or takeoff_flight(found[:1], logs) is logs[2]
    assert takeoff_flight([found[-1]], logs) is None


def test_cards_with_clocks_of_their_own_are_kept_apart(way, draw):
    mine = [photo(way, t, 3600.0, draw=draw) for t in range(60, 800, 60)]
    other = [photo(way, t, -18_000.0, draw=draw) for t in range(80, 800, 60)]
    folders = ["card A"] * len(mine) + ["card B"] * len(other)
    found = agreements([*mine, *other], [flight_of(way, draw=draw)], folders)
    assert {each.verdict for each in found} == {AGREES}
    assert {round(each.delta_s / 900) for each in found[: len(mine)]} == {4}
    assert {round(each.delta_s / 900) for each in found[len(mine) :]} == {-20}
    with pytest.raises(UsageError, match="a folder for each"):
        agreements(mine, [flight_of(way)], ["one"])


def test_without_logs_there_is_nothing_to_say(way):
    assert agreements([photo(way, 10, 0.0)], []) == [None]
    assert agreements([], [flight_of(way)]) == []


def test_order_and_input_do_not_matter_and_nothing_is_changed(way, draw):
    items = [photo(way, t, 3600.0, draw=draw) for t in range(60, 800, 40)]
    flight = flight_of(way, draw=draw)
    forward, backward = agreements(items, [flight]), agreements(items[::-1], [flight])
    assert forward == backward[::-1]
    assert forward == agreements(items, [flight])


@pytest.mark.parametrize("kept", [0, 1, 2])
def test_a_log_of_hardly_any_fix_is_no_witness(way, draw, kept):
    flight = flight_of(way, draw=draw)
    flight = replace(flight, tracks={"gnss": flight.track[:kept]})
    proven = one(photo(way, 300, 0.0, with_utc=True, draw=draw), flight)
    assert proven.verdict is (NOT_COVERED if kept else AgreementVerdict.NO_CLOCK)
    items = [photo(way, t, 3600.0, draw=draw) for t in range(60, 800, 60)]
    assert {each.verdict for each in agreements(items, [flight])} == {AgreementVerdict.NO_CLOCK}


def test_fixes_without_a_time_are_not_compared(way, draw):
    flight = flight_of(way, draw=draw)
    track = flight.track.replace(is_timed=np.zeros(len(flight.track), np.bool_))
    found = one(photo(way, 300, 0.0, with_utc=True, draw=draw), replace(flight, tracks={"gnss": track}))
    assert found.verdict is AgreementVerdict.NO_CLOCK


@pytest.mark.parametrize("lat_lon", [(-17.8, 179.999), (89.9, 12.0), (0.0, 0.0)])
def test_anywhere_on_the_globe(lat_lon):
    draw = np.random.default_rng(5)
    way = wandering(draw)
    flight, items = flight_of(way, draw=draw), [photo(way, t, 3600.0, draw=draw) for t in range(60, 800, 40)]
    scale = math.cos(math.radians(LAT)) / math.cos(math.radians(lat_lon[0]))

    def moved(lat, lon):
        return lat - LAT + lat_lon[0], ((lon - LON) * scale + lat_lon[1] + 180) % 360 - 180

    lat, lon = moved(flight.track.lat_deg, flight.track.lon_deg)
    keep = np.abs(lat) <= 90
    track = flight.track.replace(lat_deg=np.clip(lat, -90, 90), lon_deg=lon).where(keep)
    there = []
    for item in items:
        at = moved(item.position.lat_deg, item.position.lon_deg)
        there.append(replace(item, position=replace(item.position, lat_deg=at[0], lon_deg=at[1])))
    found = agreements(there, [replace(flight, tracks={"gnss": track})])
    assert sum(each.verdict is AGREES for each in found) >= 0.9 * len(found)


# ---- films


def test_every_sample_of_a_film_is_compared(way, draw):
    found = one(film(way, 200, 120, -3600.0, with_utc=True, draw=draw), flight_of(way, draw=draw))
    assert found.verdict is AGREES
    assert found.film.samples == 240
    assert 0 < found.film.p50_m <= found.film.p95_m <= found.film.max_m < 20
    assert found.miss_m == found.film.p95_m


def test_a_film_finds_its_own_clock(way, draw):
    found = one(film(way, 100, 300, 5400.0 + 33.0, draw=draw), flight_of(way, draw=draw))
    assert found.verdict is AGREES
    assert found.delta_interval_s[0] <= 5433.0 <= found.delta_interval_s[1]


def test_a_film_moved_or_leaving_the_log_does_not_agree(way, draw):
    flight = flight_of(way, draw=draw)
    moved = one(film(way, 200, 120, 0.0, with_utc=True, draw=draw, moved_m=300.0), flight)
    assert moved.verdict is AgreementVerdict.WRONG_POSITION
    assert one(film(way, 850, 200, 0.0, with_utc=True, draw=draw), flight).verdict is NOT_COVERED


def test_a_film_with_its_start_alone_is_one_point(way, draw):
    whole = film(way, 200, 120, 0.0, with_utc=True, draw=draw)
    found = one(replace(whole, film=None), flight_of(way, draw=draw))
    assert found.verdict is AGREES
    assert found.film is None


# ---- what follows for an item without a place


def test_an_item_without_a_place_gets_that_of_the_log_its_camera_agrees_with(way, draw):
    items = [photo(way, t, 3600.0, draw=draw) for t in range(60, 800, 60)]
    bare = photo(way, 333.0, 3600.0, draw=draw, with_place=False)
    flights = [flight_of(way, draw=draw, home_m=42.0)]
    found = agreements([*items, bare], flights)
    assert found[-1].verdict is AGREES
    position, height = place_in_log(found[-1], flights)
    east, north = way.at(333.0)
    truth = LON + east / EAST_M_PER_DEG, LAT + north / M_PER_DEG
    miss_m = float(geodesic_m(*truth, position.lon_deg, position.lat_deg)[0])
    assert miss_m < 3 * position.h_sigma_m
    assert 2.0 <= position.h_sigma_m < 20
    assert height.home_m == pytest.approx(42.0)
    # alone it agrees with nothing, and gets no place
    alone = one(replace(bare, time=replace(bare.time, utc_ns=items[4].time.utc_ns)), *flights)
    assert alone.verdict is AgreementVerdict.NO_CLOCK
    assert place_in_log(alone, flights) is None


# ---- real logs


def real(pattern):
    found = sorted((SHARED / "logs").glob(pattern)) if SHARED.is_dir() else []
    if not found:
        pytest.skip("needs ../shared/logs")
    return found


def test_the_flag_of_djis_own_records_is_the_photo_mark_of_their_exports():
    pairs = 0
    for record in real("dji_txt/*DROP*"):
        stamp = record.name.rpartition("DJIFlightRecord_")[2].replace("[", "").replace("]", "")[:16]
        exports = [path for path in real("dji_csv/*DROP*Standard.csv") if stamp[:-1] in path.name]
        for export in exports:
            both = [[e.time_ns for e in read(p).events if e.kind is EventKind.PHOTO] for p in (record, export)]
            assert len(both[0]) == len(both[1]) >= 3
            assert np.abs(np.diff(both[0]) - np.diff(both[1])).max() <= 0.3e9
            pairs += 1
    assert pairs == 2


def way_of(log):
    """The track of a real log as a way, and when it begins."""
    track = log.track
    begin_ns = int(track.time_ns[0])
    east_m, north_m = (track.lon_deg - LON) * EAST_M_PER_DEG, (track.lat_deg - LAT) * M_PER_DEG
    return Way((track.time_ns - begin_ns) / 1e9, east_m, north_m), datetime.fromtimestamp(begin_ns / 1e9, UTC)


@pytest.mark.parametrize("is_proven", [True, False])
def test_pictures_at_the_photo_events_of_small_real_flights_agree_with_their_own_log_alone(is_proven):
    logs = [read(path) for path in real("dji_csv/*DROP*Standard.csv")]
    taken = [[e.time_ns for e in log.events if e.kind is EventKind.PHOTO] for log in logs]
    assert [len(times) for times in taken] == [4, 3, 5, 4]
    for number, log in enumerate(logs):
        way, start = way_of(log)
        times = [(ns - int(log.track.time_ns[0])) / 1e9 for ns in taken[number]]
        items = [photo(way, t, -28_800.0, start=start, with_utc=is_proven) for t in times]
        found = agreements(items, logs)
        if is_proven:
            assert [each.verdict for each in found] == [AGREES] * len(items)
            assert {each.flight for each in found} == {number}
        else:  # they hover within 150 m: three to five places do not tell when they were taken
            assert not [each for each in found if each.verdict is AGREES and each.flight != number]


MOVING = ("dataflash_log/erlerobot__ardupilot__mechanical_fail.log", "tlog/ArduPilot__UAVLogViewer__vtol.tlog",
          "dji_csv/swardiantara*2025-06-27_[[]03-34-35*")  # fmt: skip
RESTING = ("dataflash_bin/diaven*sample02.bin", "ulog/PX4__pyulog__sample_log_small.ulg",
           "tlog/dronekit__dronekit-python__flight.tlog")  # fmt: skip


@pytest.mark.parametrize("pattern", MOVING)
@pytest.mark.parametrize("zone_s", [0, 8 * 3600, -12_600])
def test_pictures_taken_on_the_way_of_a_real_log_agree_with_it(pattern, zone_s):
    found, offset_s = on_the_way(pattern, zone_s)
    agreeing = [each for each in found if each.verdict is AGREES]
    assert len(agreeing) >= 0.9 * len(found)
    assert all(each.delta_interval_s[0] <= offset_s <= each.delta_interval_s[1] for each in agreeing)


@pytest.mark.parametrize("pattern", RESTING)
def test_real_logs_that_rest_tell_no_clock(pattern):
    found, _ = on_the_way(pattern, 3600)
    assert {each.verdict for each in found} == {AgreementVerdict.NO_CLOCK}


def on_the_way(pattern, zone_s):
    """Pictures taken all along a real log's way, held against it; and UTC minus their camera's clock."""
    log = read(real(pattern)[0])
    log = replace(log, clock=replace(log.clock, utc_known=True, sigma_s=1.0))  # one has the clock of a phone
    way, start = way_of(log)
    draw = np.random.default_rng(3)
    offset_s = -zone_s + draw.uniform(-200, 200)
    times = np.linspace(0.1, 0.9, 24) * way.time_s[-1]
    return agreements([photo(way, t, offset_s, start=start, draw=draw) for t in times], [log]), offset_s


# ---- the time of an old fix


def stamped(item, *, stale_s=0.0):
    """A picture whose UTC is the time of its last fix, as EXIF has it."""
    utc_ns = item.time.utc_ns - round(stale_s * 1e9)
    return replace(item, time=replace(item.time, utc_ns=utc_ns, sigma_s=1.0, source="APP1/EXIF/GPS/GPSDateStamp"))


@pytest.mark.parametrize("stale_s", [15.0, 45.0, 100.0, 900.0])
@pytest.mark.parametrize("count", [1, 6])
def test_a_stamp_that_is_older_than_the_exposure_is_no_false_place(stale_s, count):
    way = wandering(np.random.default_rng(8), seconds=1800)
    log = flight_of(way)
    times = np.linspace(1000, 1700, count)
    items = [stamped(photo(way, at, -28_800, with_utc=True), stale_s=stale_s) for at in times]
    found = agreements(items, [log])
    assert not [one.verdict for one in found if one.verdict.value.startswith("DISAGREES")]
    assert any("older than the exposure" in str(issue.message) for one in found for issue in one.issues) or all(
        one.verdict is not AgreementVerdict.AGREES for one in found
    )


def test_one_stale_stamp_accuses_no_other_picture_of_its_camera():
    way = wandering(np.random.default_rng(9), seconds=1800)
    first = stamped(photo(way, 600, -28_800, with_utc=True), stale_s=40.0)
    others = [photo(way, at, -28_800) for at in (800, 900, 1000, 1100)]
    found = agreements([first, *others], [flight_of(way)])
    assert not [one.verdict for one in found if one.verdict.value.startswith("DISAGREES")]


def test_a_false_place_stays_one_whatever_its_stamp():
    way = wandering(np.random.default_rng(8), seconds=1800)
    for moved_m in ((5_000.0, 0.0), (0.0, -900.0)):
        item = stamped(photo(way, 1000, -28_800, with_utc=True, moved_m=moved_m))
        (found,) = agreements([item], [flight_of(way)])
        assert found.verdict in (AgreementVerdict.WRONG_POSITION, AgreementVerdict.WRONG_TIME)
    (found,) = agreements([stamped(photo(way, 1000, -28_800, with_utc=True))], [flight_of(way)])
    assert (found.verdict, found.issues) == (AgreementVerdict.AGREES, ())


# ---- which way the camera looked, by the log


def looking(way, *events):
    """A log with pictures at these seconds, that the camera looked so at; None where the log does not tell."""
    log = flight_of(way, event_s=[at for at, _ in events])
    return replace(log, events=tuple(replace(e, camera_deg=c) for e, (_, c) in zip(log.events, events, strict=True)))


@pytest.mark.parametrize(
    ("events", "yaw_deg"),
    [
        ([(300.5, (150.0, -30.0, 0.0))], 150.0),
        ([(300.5, (359.5, -30.0, 0.0)), (301.0, (0.5, -30.0, 0.0))], 359.5),
        ([(300.5, (150.0, -30.0, 0.0)), (301.0, (170.0, -30.0, 0.0))], None),  # which is this one's is not known
        ([(300.5, (150.0, -30.0, 0.0)), (301.0, None)], None),
        ([(280.0, (150.0, -30.0, 0.0))], None),
    ],
)
def test_the_direction_is_that_of_the_picture_taken_then(way, events, yaw_deg):
    log = looking(way, *events)
    (found,) = agreements([photo(way, 300, -28_800, with_utc=True)], [log])
    assert found.verdict is AGREES
    pose = pose_in_log(found, [log])
    assert (pose and pose.yaw_deg) == yaw_deg
    assert pose is None or (pose.pitch_deg, pose.source) == (-30.0, "log log.bin")


def test_a_log_that_disagrees_lends_no_direction(way):
    log = looking(way, (300.5, (150.0, -30.0, 0.0)))
    (found,) = agreements([photo(way, 300, -28_800, with_utc=True, moved_m=(5_000.0, 0.0))], [log])
    assert found.verdict is not AGREES
    assert pose_in_log(found, [log]) is None
