"""What a file states twice, and otherwise, is never chosen in silence: it is told, and nothing certain rests on it."""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta

import pytest

from dronecheck.footage.camera import Camera
from dronecheck.media import read
from dronecheck.media.field_of_view import StatedOptics, field_of_view
from dronecheck.media.model import PositionStatus
from tests.support.media_maker import box, exif_of, film, gpmf, jpeg, tiff, xmp_of

LAT, LON = 46.5, 8.25
WEEKS_1024_S = 1024 * 7 * 86_400
TAKEN = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
DJI = [(0x10F, 2, "DJI"), (0x110, 2, "FC9999")]


def codes(item):
    return {issue.code.value for issue in item.issues}


def decides(item):
    return Camera.of(item).has_place


def with_xmp(exif, properties, **options):
    return read(jpeg(exif=exif, xmp=xmp_of(properties, **options)), "x.jpg")


def satellites(moment, day=None):
    clock = [(moment.hour, 1), (moment.minute, 1), (moment.second, 1)]
    return [(7, 5, clock), (29, 2, day or moment.strftime("%Y:%m:%d"))]


# ---- times


@pytest.mark.parametrize("day", ["1980:01:06", "2107:09:18", "2024:00:10", "2024:13:01", "2024:02:30", "1989:12:31"])
def test_a_day_of_satellites_that_cannot_be_is_unknown_and_told(day):
    item = read(jpeg(exif=exif_of(LAT, LON, gps=satellites(TAKEN, day))), "x.jpg")
    assert item.time is None or item.time.utc_ns is None
    assert "clock_damaged" in codes(item)


@pytest.mark.parametrize("weeks", [-1, 1])
@pytest.mark.parametrize("has_local", [False, True])
def test_a_receiver_that_lost_its_weeks(weeks, has_local):
    """1,024 weeks away it is 2004, or 2043: neither is a day of a drone's photo."""
    wrong = TAKEN + timedelta(seconds=weeks * WEEKS_1024_S)
    local = [(0x9003, 2, TAKEN.strftime("%Y:%m:%d %H:%M:%S"))] if has_local else []
    time = read(jpeg(exif=exif_of(LAT, LON, gps=satellites(wrong), exif=local)), "x.jpg").time
    assert time is None or time.utc_ns is None
    assert not has_local or time.local == "2024-05-06T07:08:09"


@pytest.mark.parametrize("clock", [[(25, 1), (1, 1), (1, 1)], [(5, 1), (61, 1), (1, 1)]])
def test_a_time_of_day_that_cannot_be(clock):
    item = read(jpeg(exif=exif_of(LAT, LON, gps=[(7, 5, clock), (29, 2, "2024:05:06")])), "x.jpg")
    assert item.time is None and "clock_damaged" in codes(item)


@pytest.mark.parametrize("apart_s", [30, 3_600, 90_000])
def test_times_in_utc_that_disagree_widen_the_error(apart_s):
    other = (TAKEN + timedelta(seconds=apart_s)).strftime("%Y-%m-%dT%H:%M:%SZ")
    item = with_xmp(exif_of(LAT, LON, gps=satellites(TAKEN)), {"exif:GPSDateTime": other})
    assert item.time.sigma_s >= apart_s and "values_conflict" in codes(item)


def test_a_second_time_of_day_in_one_directory_is_seen():
    gps = [*satellites(TAKEN), (7, 5, [(9, 1), (8, 1), (9, 1)])]
    item = read(jpeg(exif=exif_of(LAT, LON, gps=gps)), "x.jpg")
    assert item.time.sigma_s >= 7_200 and "values_conflict" in codes(item)


def test_two_times_of_the_exposure_are_told():
    exif = exif_of(LAT, LON, exif=[(0x9003, 2, "2024:05:06 07:08:09")])
    item = with_xmp(exif, {"exif:DateTimeOriginal": "2024-05-07T07:08:09"})
    assert "values_conflict" in codes(item)


@pytest.mark.parametrize(
    ("zone", "offset_s"),
    [("+14:00", 50_400), ("-12:00", -43_200), ("+05:45", 20_700), ("+14:15", None), ("-12:15", None), ("-13:00", None),
     ("+05:20", None), ("+03:07", None)],
)  # fmt: skip
def test_zones_are_those_that_exist(zone, offset_s):
    item = read(jpeg(exif=exif_of(exif=[(0x9003, 2, "2024:05:06 07:08:09"), (0x9011, 2, zone)])), "x.jpg")
    assert item.time.offset_s == offset_s
    assert (item.time.utc_ns is None) == (offset_s is None) == ("clock_damaged" in codes(item))


@pytest.mark.parametrize("hours", [-13, 15])
def test_clocks_that_no_zone_parts(hours):
    local = (TAKEN + timedelta(hours=hours)).strftime("%Y:%m:%d %H:%M:%S")
    item = read(jpeg(exif=exif_of(LAT, LON, gps=satellites(TAKEN), exif=[(0x9003, 2, local)])), "x.jpg")
    assert item.time.sigma_s >= 86_400 and "clock_skew" in codes(item)


# ---- hemispheres


@pytest.mark.parametrize(
    ("exif", "xmp"),
    [
        (exif_of(LAT, LON), {"exif:GPSLatitude": "46,30.0S", "exif:GPSLongitude": "8,15.0E"}),
        (exif_of(LAT, LON), {"drone-dji:GpsLatitude": "-46.5", "drone-dji:GpsLongitude": "8.25"}),
        (exif_of(LAT, LON), {"drone-dji:GpsLatitude": "46.5", "drone-dji:GpsLongitude": "-8.25"}),
        (b"", {"exif:GPSLatitude": "-46.5 N", "exif:GPSLongitude": "8.25 E"}),
        (exif_of(LAT, LON), {"exif:GPSLatitude": "-46.5 N", "exif:GPSLongitude": "8.25 E"}),
        (b"", {"exif:GPSLatitude": "46.5", "exif:GPSLatitudeRef": "S", "exif:GPSLongitude": "8.25"}),
        (b"", {"exif:GPSLatitude": "46,30.0N", "exif:GPSLatitudeRef": "S", "exif:GPSLongitude": "8,15.0E"}),
        (b"", {"drone-dji:GpsLatitude": "+46.5", "drone-dji:GpsLatitudeRef": "S", "drone-dji:GpsLongitude": "+8.25"}),
        (exif_of(LAT, LON, refs=False), {"drone-dji:GpsLatitude": "45.0", "drone-dji:GpsLongitude": "9.0"}),
    ],
)  # fmt: skip
def test_signs_letters_and_references_that_disagree_decide_nothing(exif, xmp):
    item = with_xmp(exif, xmp)
    assert not decides(item)
    assert codes(item) & {"position_conflict", "bad_position"}


def signed(lat, lon, refs):
    """EXIF whose rationals have a sign."""
    gps = [(2, 10, [(round(lat * 10**7), 10**7)]), (4, 10, [(round(lon * 10**7), 10**7)])]
    return exif_of(gps=[*gps, (1, 2, refs[0]), (3, 2, refs[1])])


@pytest.mark.parametrize(
    ("exif", "lat"),
    [(signed(-LAT, LON, "NE"), None), (signed(LAT, -LON, "NE"), None), (signed(-LAT, LON, "SE"), -LAT),
     (signed(LAT, LON, "NE"), LAT)],
)  # fmt: skip
def test_a_minus_against_its_letter(exif, lat):
    item = read(jpeg(exif=exif), "x.jpg")
    assert decides(item) == (lat is not None)
    assert lat is None or item.position.lat_deg == pytest.approx(lat)


@pytest.mark.parametrize("refs", ["ES", "XX", "  "])
def test_letters_of_the_other_axis_are_none(refs):
    item = read(jpeg(exif=signed(LAT, LON, refs)), "x.jpg")
    assert item.position is None and "bad_position" in codes(item)


@pytest.mark.parametrize(
    "more",
    [
        [(2, 5, [(12, 1), (0, 1), (0, 1)])], [(4, 5, [(120, 1), (0, 1), (0, 1)])], [(1, 2, "S")], [(3, 2, "W")],
    ],
)  # fmt: skip
@pytest.mark.parametrize("is_first", [False, True])
def test_a_tag_that_stands_twice(more, is_first):
    """`exif_of` sorts by tag and keeps the order of equal ones: the other value stands before or behind."""
    place = [(2, 5, [(46, 1), (30, 1), (0, 1)]), (4, 5, [(8, 1), (15, 1), (0, 1)]), (1, 2, "N"), (3, 2, "E")]
    item = read(jpeg(exif=exif_of(gps=[*more, *place] if is_first else [*place, *more])), "x.jpg")
    assert not decides(item) and "position_conflict" in codes(item)


def test_a_property_that_stands_twice():
    packet = xmp_of({"drone-dji:GpsLatitude": "46.5", "drone-dji:GpsLongitude": "8.25"})
    packet = packet.replace(b"></rdf:Description>", b"><drone-dji:GpsLongitude>9.25</drone-dji:GpsLongitude>"
                            b"</rdf:Description>")  # fmt: skip
    item = read(jpeg(xmp=packet), "x.jpg")
    assert not decides(item) and "position_conflict" in codes(item)


def test_a_second_directory_of_satellites_is_read():
    """IFD0 may point at two of them."""
    data = tiff([(0x10F, 2, "Maker")], gps=[(1, 2, "N"), (2, 5, [(46, 1), (30, 1), (0, 1)]), (3, 2, "E"),
                                            (4, 5, [(8, 1), (15, 1), (0, 1)])])  # fmt: skip
    other = struct.pack("<H", 4)
    heap_at = len(data) + 2 + 48 + 4
    for tag, kind, count, value in ((1, 2, 2, b"S\0\0\0"), (2, 5, 3, struct.pack("<I", heap_at)), (3, 2, 2, b"E\0\0\0"),
                                    (4, 5, 3, struct.pack("<I", heap_at + 24))):  # fmt: skip
        other += struct.pack("<HHI", tag, kind, count) + value
    other += bytes(4) + struct.pack("<12I", 46, 1, 30, 1, 0, 1, 8, 1, 15, 1, 0, 1)
    at = data.find(struct.pack("<HHI", 0x10F, 2, 6))
    both = data[:at] + struct.pack("<HHII", 0x8825, 4, 1, len(data)) + data[at + 12 :] + other
    item = read(both, "x.tif")
    assert not decides(item) and "position_conflict" in codes(item)


def test_a_place_that_agrees_still_decides():
    for xmp in ({"exif:GPSLatitude": "46,30.00000N", "exif:GPSLongitude": "8,15.00000E"},
                {"exif:GPSLatitude": "N 46.50000", "exif:GPSLongitude": "E 8.25000"},
                {"drone-dji:GpsLatitude": "+46.500000", "drone-dji:GpsLongitude": "+8.250000"}):  # fmt: skip
        item = with_xmp(exif_of(LAT, LON), xmp)
        assert decides(item) and not codes(item) & {"position_conflict", "bad_position"}
    agreed = with_xmp(
        exif_of(-LAT, LON, refs=False), {"drone-dji:GpsLatitude": "-46.5", "drone-dji:GpsLongitude": "8.25"}
    )
    assert decides(agreed) and agreed.position.lat_deg == pytest.approx(-LAT) and "bad_position" in codes(agreed)


# ---- a fix that is none


@pytest.mark.parametrize(
    ("gps", "xmp"),
    [
        ([(9, 2, "V")], {}), ([(9, 2, "V")], {"drone-dji:GpsLatitude": "46.5", "drone-dji:GpsLongitude": "8.25"}),
        ([(9, 2, "A")], {"drone-dji:GpsStatus": "Invalid"}), ([], {"drone-dji:GpsStatus": "INVALID "}),
        ([], {"exif:GPSStatus": "V"}), ([(8, 2, "00")], {}), ([(8, 2, "0")], {"drone-dji:GpsStatus": "Normal"}),
        ([], {"exif:GPSSatellites": "0"}), ([(10, 2, "0")], {}), ([], {"drone-dji:GpsStatus": "NoFix"}),
        ([(11, 5, [(99, 1)])], {}), ([(11, 5, [(50, 1)])], {}), ([], {"exif:GPSDOP": "9999/100"}),
        ([(11, 5, [(99, 1)]), (31, 5, [(3, 1)])], {}), ([(27, 7, b"ASCII\0\0\0CELLID")], {}),
    ],
)  # fmt: skip
def test_whatever_says_that_there_is_no_fix_is_not_overruled(gps, xmp):
    item = with_xmp(exif_of(LAT, LON, gps=gps), xmp) if xmp else read(jpeg(exif=exif_of(LAT, LON, gps=gps)), "x.jpg")
    assert item.position.status is PositionStatus.INVALID and "bad_position" in codes(item)
    assert not decides(item)


@pytest.mark.parametrize("gps", [[(9, 2, "A")], [(8, 2, "09")], [(10, 2, "3")], [(27, 7, b"ASCII\0\0\0GPS")],
                                 [(11, 5, [(12, 10)])], []])  # fmt: skip
def test_a_good_fix_decides(gps):
    assert decides(read(jpeg(exif=exif_of(LAT, LON, gps=gps)), "x.jpg"))


@pytest.mark.parametrize("dop", [0.8, 1.2, 5.0, 20.0, 49.9])
@pytest.mark.parametrize("by_xmp", [False, True])
def test_the_error_grows_with_the_dilution(dop, by_xmp):
    """DOMAIN 2: 4 m of range error, of one axis."""
    exif = exif_of(LAT, LON, gps=[] if by_xmp else [(11, 5, [(round(dop * 10), 10)])])
    item = with_xmp(exif, {"exif:GPSDOP": f"{dop:.1f}"} if by_xmp else {"xmp:Rating": "1"})
    assert item.position.h_sigma_m == pytest.approx(max(dop * 4 / 2**0.5, 1.0), rel=0.01)


def test_the_error_of_a_films_fixes_grows_with_their_dilution():
    rows = [[round(LAT * 1e7), round(LON * 1e7), 0, 0, 0]]
    for dop in (100, 480):
        scale = gpmf("SCAL", "l", [10**7], [10**7], [1000], [1000], [100])
        stream = gpmf("GPSF", "L", [3]) + gpmf("GPSP", "S", [dop]) + scale + gpmf("GPS5", "l", *rows)
        payload = gpmf("DEVC", "", gpmf("DVNM", "c", b"Camera"), gpmf("STRM", "", stream))
        item = read(film([(b"meta", b"gpmd", [payload] * 2)], delta=1000), "x.mp4")
        assert item.position.h_sigma_m >= dop / 100 * 4 / 2**0.5


def test_a_track_beside_a_void_status_decides_nothing():
    xmp = xmp_of({"drone-dji:GpsStatus": "Invalid"})
    uuid = box(b"uuid", bytes.fromhex("BE7ACFCB97A942E89C71999491E3AFAC"), xmp)
    camm = [struct.pack("<HHddd", 0, 5, LAT, LON, 30.0)] * 2
    item = read(film([(b"meta", b"camm", camm)], behind=uuid), "x.mp4")
    assert item.position.status is PositionStatus.INVALID and not item.film.is_usable.any()


# ---- directions, heights, lenses

GIMBAL = {
    "drone-dji:GimbalYawDegree": "+90.0",
    "drone-dji:GimbalPitchDegree": "-30.0",
    "drone-dji:GimbalRollDegree": "0.0",
}


@pytest.mark.parametrize(
    "more",
    [
        {"exif:CameraYaw": "10", "exif:CameraPitch": "-30", "exif:CameraRoll": "0"},
        {"exif:CameraYaw": "90", "exif:CameraPitch": "-80", "exif:CameraRoll": "0"},
        {"exif:CameraYaw": "90", "exif:CameraPitch": "-30", "exif:CameraRoll": "40"},
        {"exif:GPSImgDirection": "270/1", "exif:GPSImgDirectionRef": "T"}, {"exif:GPSImgDirection": "270/1"},
    ],
)  # fmt: skip
def test_directions_that_disagree_are_not_trusted(more):
    item = with_xmp(exif_of(LAT, LON, ifd0=DJI), GIMBAL | more)
    assert not item.pose.is_trusted and "directions_disagree" in item.pose.reasons and "values_conflict" in codes(item)


def test_exifs_direction_of_the_picture_is_held_against_the_gimbal():
    for heading, is_trusted in ((92, True), (200, False)):
        exif = exif_of(LAT, LON, ifd0=DJI, gps=[(16, 2, "T"), (17, 5, [(heading, 1)])])
        assert with_xmp(exif, GIMBAL).pose.is_trusted == is_trusted


def test_a_gimbal_that_counts_from_the_aircraft_is_not_trusted():
    item = with_xmp(
        exif_of(LAT, LON, ifd0=DJI), GIMBAL | {"drone-dji:GimbalYawDegree": "+2.0", "drone-dji:FlightYawDegree": "170"}
    )
    assert not item.pose.is_trusted and "pose_doubtful" in codes(item)
    panned = with_xmp(exif_of(LAT, LON, ifd0=DJI), GIMBAL | {"drone-dji:FlightYawDegree": "60"})
    assert panned.pose.is_trusted and panned.pose.sigma_deg[0] == 10.0 and "pose_doubtful" in codes(panned)


def test_equal_directions_written_otherwise_are_trusted():
    """At the nadir a roll of half a turn is a yaw of half a turn."""
    flipped = {"exif:CameraYaw": "-90", "exif:CameraPitch": "-90", "exif:CameraRoll": "180"}
    item = with_xmp(exif_of(LAT, LON, ifd0=DJI), GIMBAL | {"drone-dji:GimbalPitchDegree": "-90.0"} | flipped)
    assert item.pose.is_trusted and "values_conflict" not in codes(item)


def test_heights_that_disagree_widen_the_error():
    twice = xmp_of({"drone-dji:RelativeAltitude": "+20.0"}).replace(
        b"></rdf:Description>", b"><drone-dji:RelativeAltitude>+120.0</drone-dji:RelativeAltitude></rdf:Description>"
    )
    item = read(jpeg(xmp=twice, exif=exif_of(LAT, LON, ifd0=DJI)), "x.jpg")
    assert item.height.sigma_m >= 100 and "values_conflict" in codes(item)
    exif = exif_of(LAT, LON, altitude=(0, (500, 1)))
    item = with_xmp(exif, {"exif:GPSAltitude": "800/1", "exif:GPSAltitudeRef": "0"})
    assert item.height.amsl_m == 500.0 and item.height.sigma_m >= 300 and "values_conflict" in codes(item)
    fixed = {"drone-dji:RtkFlag": "50", "drone-dji:RtkStdHgt": "0.02", "drone-dji:AbsoluteAltitude": "+186.4"}
    item = with_xmp(exif_of(LAT, LON, ifd0=DJI, altitude=(0, (250, 1))), fixed)
    assert item.height.hae_m == 186.4 and item.height.sigma_m >= 63


def test_a_height_with_a_minus_against_its_reference():
    exif = exif_of(LAT, LON, gps=[(5, 1, 0), (6, 10, [(-125, 10)])])
    item = read(jpeg(exif=exif), "x.jpg")
    assert item.height.sigma_m >= 25 and "values_conflict" in codes(item)


def wide(**stated):
    return field_of_view(StatedOptics(maker="DJI", width_px=4000, height_px=3000, **stated))


def test_a_zoom_that_the_figure_may_hold_already_never_narrows_below_it():
    once = wide(f35_mm=48)
    both = wide(f35_mm=48, zoom=2.0)
    assert both.h_deg == pytest.approx(once.h_deg)  # the wider
    assert both.h_deg - both.sigma_deg <= wide(f35_mm=96).h_deg + 0.01  # and the narrower within its error
    known = wide(model="FC3582", f35_mm=48, zoom=2.0)
    assert known.h_deg == pytest.approx(wide(model="FC3582", f35_mm=48).h_deg)
    apart = wide(model="FC3582", f35_mm=24, zoom=2.0)  # the figure is the lens's own: the zoom comes on top
    assert apart.h_deg < wide(model="FC3582", f35_mm=24).h_deg - 20


def test_a_calibration_that_may_hold_the_zoom():
    focal_px = 4000 / 1.43  # 71 degrees
    zoomed = wide(model="FC3582", f35_mm=24, calibrated_focal_px=2 * focal_px, calibrated_width_px=4000, zoom=2.0)
    assert zoomed.h_deg == pytest.approx(39.3, abs=0.5)
    whole = wide(model="FC3582", f35_mm=24, calibrated_focal_px=focal_px, calibrated_width_px=4000, zoom=2.0)
    assert whole.h_deg == pytest.approx(39.3, abs=0.5)
    assert wide(calibrated_focal_px=3666.0 * 4) is None  # of a picture that may have been made smaller
