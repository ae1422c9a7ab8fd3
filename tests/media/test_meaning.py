"""What fields mean together: the traps that would change a verdict, each in a file made for it."""

from __future__ import annotations

import math
import struct

import numpy as np
import pytest

from dronecheck.media import read
from dronecheck.media.formats.film import film_subtitles
from dronecheck.media.model import MediaKind, PositionStatus
from tests.fuzz.media_files import EXIF, MADE, frames
from tests.support.media_maker import (
    EPOCH_1904_S,
    app,
    box,
    chunk,
    djmd_clip,
    djmd_frame,
    exif_of,
    film,
    full,
    jpeg,
    png,
    tiff,
    xmp_of,
)

DJI = [(0x10F, 2, "DJI"), (0x110, 2, "FC9999")]
PLACE = {"drone-dji:GpsLatitude": "+40.1", "drone-dji:GpsLongitude": "+124.2"}


def codes(item):
    return {issue.code.value for issue in item.issues}


def dji(more=(), exif=b"", **properties):
    known = {f"drone-dji:{name}": value for name, value in properties.items()}
    return read(jpeg(*more, xmp=xmp_of(PLACE | known), exif=exif or exif_of(ifd0=DJI)), "DJI_0001.JPG")


# ---- pose


def test_an_all_zero_gimbal_is_no_pose():
    item = dji(GimbalYawDegree="+0.00", GimbalPitchDegree="+0.00", GimbalRollDegree="+0.00", FlightYawDegree="-7.30")
    assert item.pose is None and "pose_absent" in codes(item)


def test_a_level_camera_with_a_heading_is_a_pose():
    pose = dji(GimbalYawDegree="+82.40", GimbalPitchDegree="0.000000", GimbalRollDegree="0.00").pose
    assert (pose.yaw_deg, pose.pitch_deg, pose.is_trusted) == (82.4, 0.0, True)


def test_a_flipped_gimbal_is_told_as_it_is():
    pose = dji(GimbalYawDegree="+10.0", GimbalPitchDegree="-90.0", GimbalRollDegree="+180.0").pose
    assert (pose.yaw_deg, pose.pitch_deg, pose.roll_deg) == (10.0, -90.0, 180.0)


@pytest.mark.parametrize(("flight", "sigma"), [("+12.0", 5.0), ("-170.0", 10.0), ("+100.0", 10.0)])
def test_a_gimbal_that_looks_aside_is_less_sure(flight, sigma):
    angles = {"GimbalYawDegree": "+10.0", "GimbalPitchDegree": "-20.0", "GimbalRollDegree": "0"}
    assert dji(**angles, FlightYawDegree=flight).pose.sigma_deg[0] == sigma


def test_the_aircraft_is_never_the_camera():
    item = dji(FlightYawDegree="+50.0", FlightPitchDegree="-3.0", FlightRollDegree="+1.0")
    assert item.pose is None


def test_an_empty_gimbal_message_is_no_pose():
    samples = [djmd_clip("dvtm_Air3.proto") + djmd_frame(0.5, 0.4, gimbal=(0, 0, 0))]
    item = read(film([(b"meta", b"djmd", samples)]), "x.MP4")
    assert item.pose is None and "pose_absent" in codes(item)


def test_skydio_teal_and_pix4d():
    skydio = xmp_of({"drone-skydio:Latitude": "1.5", "drone-skydio:Longitude": "2.5"}, namespaces="").replace(
        b"</rdf:Description>",
        b'<drone-skydio:CameraOrientationNED rdf:parseType="Resource"><drone-skydio:Roll>1</drone-skydio:Roll>'
        b"<drone-skydio:Pitch>-45</drone-skydio:Pitch><drone-skydio:Yaw>350</drone-skydio:Yaw>"
        b"</drone-skydio:CameraOrientationNED></rdf:Description>",
    )
    item = read(jpeg(xmp=skydio, exif=exif_of(ifd0=[(0x10F, 2, "Skydio")])), "x.jpg")
    assert (item.pose.yaw_deg, item.pose.pitch_deg, item.pose.roll_deg) == (-10.0, -45.0, 1.0)
    assert (item.position.lat_deg, item.position.lon_deg) == (1.5, 2.5)
    teal = {"exif:CameraYaw": "-86831/1600", "exif:CameraPitch": "-30/1", "exif:CameraRoll": "0/1"}
    teal |= {"exif:GPSLatitude": "40,42.62N", "exif:GPSLongitude": "74,0.5W"}
    item = read(jpeg(xmp=xmp_of(teal)), "x.jpg")
    assert item.pose.yaw_deg == pytest.approx(-54.269375) and item.pose.is_trusted
    assert (item.position.lat_deg, item.position.lon_deg) == pytest.approx((40 + 42.62 / 60, -74 - 0.5 / 60))
    parrot = {f"drone-parrot:Camera{axis}Degree": value for axis, value in (("Yaw", "176.3"), ("Pitch", "-78.4"))}
    space = 'xmlns:drone-parrot="http://www.parrot.com/drone-parrot/1.0/"'
    item = read(jpeg(xmp=xmp_of(parrot, namespaces=space)), "x.jpg")
    assert (item.pose.yaw_deg, item.pose.pitch_deg, item.pose.is_trusted) == (176.3, -78.4, True)
    disco = exif_of(exif=[(0xA405, 3, 6)])
    assert not read(jpeg(xmp=xmp_of(parrot, namespaces=space), exif=disco), "x.jpg").pose.is_trusted
    pix4d = {"Camera:Yaw": "100", "Camera:Pitch": "60", "Camera:Roll": "2"}
    nadir = read(jpeg(xmp=xmp_of(pix4d), exif=exif_of(ifd0=[(0x10F, 2, "Sequoia")])), "x.jpg")
    autel = read(jpeg(xmp=xmp_of(pix4d), exif=exif_of(ifd0=[(0x10F, 2, "Autel Robotics")])), "x.jpg")
    assert (nadir.pose.pitch_deg, autel.pose.pitch_deg) == (-30.0, 60.0)
    assert not nadir.pose.is_trusted and not autel.pose.is_trusted and "pose_doubtful" in codes(autel)


# ---- height


@pytest.mark.parametrize(("ref", "value", "amsl"), [(0, 12.5, 12.5), (1, 12.5, -12.5)])
def test_below_the_sea_is_applied_once(ref, value, amsl):
    item = read(jpeg(exif=exif_of(1.0, 2.0, altitude=(ref, value))), "x.jpg")
    assert item.height.amsl_m == pytest.approx(amsl)


@pytest.mark.parametrize(("ref", "hae"), [(2, 12.5), (3, -12.5)])
def test_heights_above_the_ellipsoid(ref, hae):
    height = read(jpeg(exif=exif_of(1.0, 2.0, altitude=(ref, 12.5))), "x.jpg").height
    assert (height.hae_m, height.amsl_m) == (pytest.approx(hae), None)


def test_a_wrapped_height_is_negative():
    item = read(jpeg(exif=exif_of(1.0, 2.0, altitude=(0, (4294927260, 1000)))), "x.jpg")
    assert item.height.amsl_m == pytest.approx(-40.036) and "height_offset" in codes(item)


@pytest.mark.parametrize(("flag", "hae"), [("50", 186.44), ("34", None), ("0", None), (None, None)])
def test_djis_absolute_height_counts_by_rtk_only(flag, hae):
    more = {"RtkFlag": flag, "RtkStdHgt": "0.3"} if flag else {}
    item = dji(AbsoluteAltitude="+186.44", RelativeAltitude="+99.89", AltitudeType="RtkAlt", **more)
    assert (item.height.hae_m, item.height.amsl_m, item.height.home_m) == (hae, None, 99.89)
    assert ("height_frame" in codes(item)) == (hae is None)


def test_an_invalid_relative_height_of_a_film_is_unknown():
    item = read(film([(b"meta", b"djmd", [djmd_clip("dvtm_Air3.proto") + djmd_frame(0.5, 0.4)])]), "x.MP4")
    assert item.height is None and np.isnan(item.film.home_m).all()


# ---- position


def test_gps_status_invalid_is_told_and_never_decides():
    item = dji(GpsStatus="INVALID")
    assert item.position.status is PositionStatus.INVALID
    assert dji(GpsStatus="Normal").position.status is PositionStatus.USABLE


def test_a_missing_hemisphere_is_decided_by_xmp_or_unknown():
    exif = exif_of(-40.1, -124.2, refs=False)
    alone = read(jpeg(exif=exif), "x.jpg")
    assert alone.position is None and "bad_position" in codes(alone)
    signed = {"drone-dji:GpsLatitude": "-40.1", "drone-dji:GpsLongitude": "-124.2"}
    both = read(jpeg(exif=exif, xmp=xmp_of(signed)), "x.jpg")
    assert (both.position.lat_deg, both.position.lon_deg) == pytest.approx((-40.1, -124.2))


@pytest.mark.parametrize("place", [(0.0, 0.0), (91.0, 10.0), (10.0, 181.0)])
def test_what_is_no_place(place):
    item = read(
        jpeg(xmp=xmp_of({"drone-dji:GpsLatitude": str(place[0]), "drone-dji:GpsLongitude": str(place[1])})), "x"
    )
    assert item.position is None and "bad_position" in codes(item)


def test_places_that_disagree_are_noted_and_widen_the_error():
    item = dji(exif=exif_of(40.2, 124.2, ifd0=DJI))
    assert item.position.lat_deg == pytest.approx(40.2) and "position_conflict" in codes(item)
    assert item.position.h_sigma_m == pytest.approx(11_132, rel=0.01)
    agreeing = dji(exif=exif_of(40.100001, 124.2, ifd0=DJI))
    assert "position_conflict" not in codes(agreeing) and agreeing.position.h_sigma_m < 10


def test_a_preview_decides_nothing():
    item = read(jpeg(exif=EXIF) + jpeg(exif=exif_of(-33.0, 151.0)), "x.jpg")
    assert item.position.lat_deg == pytest.approx(40.1) and codes(item) >= {"hidden_picture", "position_conflict"}
    bare = read(jpeg() + jpeg(exif=exif_of(-33.0, 151.0)), "x.jpg")
    assert bare.position is None
    assert any(one.path == "preview[0]/APP1/EXIF/GPS/GPSLatitude" for one in bare.fields)


def test_targets_are_not_the_camera():
    item = read(jpeg(xmp=xmp_of({"drone-dji:LRFTargetLat": "40.1", "drone-dji:LRFTargetLon": "124.2"})), "x.jpg")
    assert item.position is None and any(one.path.endswith("LRFTargetLat") for one in item.fields)


@pytest.mark.parametrize(("xyz", "usable"), [("+28.6479+017.1887/", True), ("+60.0000+017.1887/", False)])
def test_a_films_start_tells_the_unit_or_the_unit_is_unknown(xyz, usable):
    udta = box(b"\xa9xyz", struct.pack(">HH", len(xyz), 0x15C7) + xyz.encode())
    item = read(film([(b"meta", b"djmd", frames())], udta=udta), "x.MP4")
    assert item.position.status is (PositionStatus.USABLE if usable else PositionStatus.INVALID)
    assert item.film.is_usable.all() == usable and ("position_conflict" in codes(item)) != usable
    assert np.isnan(item.film.lat_deg).all() != usable


def test_units_that_change_within_a_track_are_no_unit():
    samples = [djmd_clip("dvtm_Air3s.proto") + djmd_frame(28.6, 17.1, unit=1), djmd_frame(0.5, 0.3)]
    item = read(film([(b"meta", b"djmd", samples)]), "x.MP4")
    assert item.position is None and np.isnan(item.film.lat_deg).all() and "position_conflict" in codes(item)


def test_a_first_sample_without_a_fix_does_not_change_the_unit():
    samples = [djmd_clip("dvtm_Air3s.proto") + djmd_frame(0.0, 0.0), djmd_frame(28.6, 17.1, unit=1)]
    item = read(film([(b"meta", b"djmd", samples)]), "x.MP4")
    assert item.position.lat_deg == pytest.approx(28.6) and item.film.is_usable.tolist() == [False, True]


def test_a_track_without_a_fix_leaves_the_containers_place_undecided():
    xyz = b"+28.6479+017.1887/"
    samples = [djmd_clip("dvtm_Air3s.proto") + djmd_frame(0.5, 0.3, status=1)]
    item = read(
        film([(b"meta", b"djmd", samples)], udta=box(b"\xa9xyz", struct.pack(">HH", len(xyz), 0), xyz)), "x.MP4"
    )
    assert item.position.status is PositionStatus.INVALID


def test_status_and_zero_positions_of_samples():
    samples = [
        djmd_clip("dvtm_Air3.proto") + djmd_frame(0.0, 0.0),
        djmd_frame(0.5, 0.4, status=1),
        djmd_frame(0.5, 0.4),
    ]
    item = read(film([(b"meta", b"djmd", samples)]), "x.MP4")
    assert item.film.is_usable.tolist() == [False, False, True]
    assert item.position.status is PositionStatus.USABLE


def test_parrots_place_of_take_off_is_not_the_cameras():
    """Until it had a key of its own, the take-off stood where others write the camera's place."""
    keys = {
        b"com.apple.quicktime.make": b"Parrot",
        b"com.apple.quicktime.location.ISO6709": b"+48.860242+002.607710+030.00/",
    }
    old = read(film(meta=apple(keys)), "x.MP4")
    new = read(film(meta=apple(keys | {b"com.parrot.takeoff.loc": b"+48.860242+002.607710/"})), "x.MP4")
    assert (old.position.status, new.position.status) == (PositionStatus.INVALID, PositionStatus.USABLE)
    assert old.height is None


def apple(keys):
    """Apple's list of named values."""
    names = b"".join(struct.pack(">I", len(name) + 8) + b"mdta" + name for name in keys)
    items = [
        box(struct.pack(">I", n), box(b"data", struct.pack(">II", 1, 0), value))
        for n, value in enumerate(keys.values(), 1)
    ]
    hdlr = full(b"hdlr", b"\0\0\0\0mdta" + bytes(13))
    return box(b"meta", hdlr, full(b"keys", struct.pack(">I", len(keys)), names), box(b"ilst", *items))


# ---- time


def test_a_local_clock_alone_proves_nothing():
    time = read(jpeg(exif=exif_of(exif=[(0x9003, 2, "2024:05:06 07:08:09"), (0x9291, 2, "25")])), "x.jpg").time
    assert (time.utc_ns, time.local, time.offset_s) == (None, "2024-05-06T07:08:09.25", None)


@pytest.mark.parametrize(("zone", "offset_s"), [("+08:00", 28_800), ("-03:30", -12_600), ("Z", 0), ("+19:00", None)])
def test_a_written_zone_proves_utc(zone, offset_s):
    exif = exif_of(exif=[(0x9003, 2, "2024:05:06 07:08:09"), (0x9011, 2, zone)])
    time = read(jpeg(exif=exif), "x.jpg").time
    assert time.offset_s == offset_s
    assert time.utc_ns == (None if offset_s is None else (1_714_979_289 - offset_s) * 10**9)


@pytest.mark.parametrize(("created", "proves"), [("2024-05-06T07:08:09+08:00", True), ("2025-01-01T10:00:00Z", False)])
def test_an_editors_time_proves_nothing(created, proves):
    exif = exif_of(exif=[(0x9003, 2, "2024:05:06 07:08:09")])
    item = read(jpeg(exif=exif, xmp=xmp_of({"xmp:CreateDate": created})), "x.jpg")
    assert (item.time.utc_ns is not None) == proves and item.time.local == "2024-05-06T07:08:09"
    assert "clock_skew" not in codes(item)


def test_makers_that_write_utc():
    exif = exif_of(ifd0=[(0x10F, 2, "Parrot")], exif=[(0x9003, 2, "2024:05:06 07:08:09")])
    assert read(jpeg(exif=exif), "x.jpg").time.utc_ns == 1_714_979_289 * 10**9


def test_skydios_clock():
    """The numbers of a real picture: its XMP date is 20:19:45."""
    told = {"TakeoffUclock": "1657224000000000", "CaptureUtime": "5000000000", "TakeoffUtime": "3814629630"}
    time = read(jpeg(xmp=xmp_of({f"drone-skydio:{name}": value for name, value in told.items()})), "x.jpg").time
    assert time.utc_ns == 1_657_225_185_370_370_000


def test_exposure_in_utc_beats_the_last_fix():
    gps = [(7, 5, [(7, 1), (8, 1), (1, 1)]), (29, 2, "2024:05:06")]
    exif = exif_of(1.0, 2.0, ifd0=DJI, gps=gps, exif=[(0x9003, 2, "2024:05:06 15:08:09")])
    item = dji(exif=exif, UTCAtExposure="2024-05-06 07:08:09.123456")
    assert item.time.utc_ns == 1_714_979_289_123_456_000 and item.time.offset_s == 28_800
    assert "values_conflict" in codes(item)  # eight seconds apart


@pytest.mark.parametrize("text", ["0000:00:00 00:00:00", "1970:01:01 00:00:00", "2024:13:01 00:00:00", "x" * 30, ""])
def test_dates_that_cannot_be(text):
    assert read(jpeg(exif=exif_of(exif=[(0x9003, 2, text)])), "x.jpg").time is None


def test_the_name_of_a_file_has_its_clock():
    assert read(
        MADE["jpeg"].replace(b"2020:01:02 03:04:05", b" " * 19), "DJI_20240506070809_0001_V.JPG"
    ).time.local == ("2024-05-06T07:08:09")


def test_a_films_container_alone_proves_nothing():
    time = read(film(created_s=1_714_979_289), "x.mp4").time
    assert (time.utc_ns, time.local, time.sigma_s) == (None, "2024-05-06T07:08:09", 50_400.0)
    assert EPOCH_1904_S == 2_082_844_800


def test_a_tracks_clock_is_held_against_the_container():
    samples = [djmd_clip("dvtm_wm261.proto") + djmd_frame(0.5, 0.4, stamp="2024-05-06 07-08-09")]
    item = read(film([(b"meta", b"djmd", samples)], created_s=1_714_979_289 - 4 * 3600), "x.MP4")
    assert (item.time.utc_ns, item.time.offset_s) == (1_714_979_289 * 10**9, -4 * 3600)


# ---- containers


def test_extended_xmp_is_joined_in_its_order():
    packet = xmp_of({"drone-dji:GpsLatitude": "+40.1", "drone-dji:GpsLongitude": "+124.2"})
    guid, mark = b"A" * 32, b"http://ns.adobe.com/xmp/extension/\0"
    parts = [
        app(1, mark + guid + struct.pack(">II", len(packet), at) + packet[at : at + 150])
        for at in range(0, len(packet), 150)
    ]
    assert read(jpeg(*reversed(parts)), "x.jpg").position.lat_deg == 40.1


def test_marks_may_have_fill_bytes_before_them():
    data = jpeg(exif=EXIF)
    assert read(data[:2] + b"\xff" * 9 + data[2:], "x.jpg").position.lat_deg == pytest.approx(40.1)


def test_a_film_behind_a_picture_is_told_and_decides_nothing():
    item = read(jpeg() + MADE["djmd"], "MVIMG.jpg")
    assert item.position is None and item.film is None
    assert any(one.path.endswith("©xyz") for one in item.fields)


def test_fragments():
    """A film whose samples stand in two fragments, after an index without any."""
    samples = frames(4)
    trex = full(b"trex", struct.pack(">IIIII", 1, 1, 100, 0, 0))
    start = film([(b"meta", b"djmd", [])], with_moov=True)
    moov_at = start.find(b"moov") - 4
    moov = start[moov_at:]
    moov = struct.pack(">I", len(moov) + 8 + len(trex)) + moov[4:] + box(b"mvex", trex)
    data = start[:moov_at] + moov
    for number, pair in enumerate((samples[:2], samples[2:])):

        def moof(shift, number=number, pair=pair):
            trun = full(b"trun", struct.pack(">Ii", 2, shift), *(struct.pack(">I", len(s)) for s in pair), flags=0x201)
            tfdt = full(b"tfdt", struct.pack(">I", 200 * number))
            return box(b"moof", box(b"traf", full(b"tfhd", struct.pack(">I", 1), flags=0x20000), tfdt, trun))

        data += moof(len(moof(0)) + 8) + box(b"mdat", *pair)
    item = read(data, "x.mp4")
    assert item.film.is_usable.tolist() == [True] * 4
    assert item.film.time_s.tolist() == pytest.approx([0.0, 0.1, 0.2, 0.3])


def test_subtitles_of_a_film_become_a_file_of_subtitles():
    texts = [f"F/2.8, GPS (124.2000, 40.{n}000, 14), H {n}.00m" for n in range(3)]
    samples = [struct.pack(">H", len(text)) + text.encode() for text in texts]
    (written,) = (one.text for one in film_subtitles(film([(b"sbtl", b"tx3g", samples)], delta=1000)))
    from dronecheck.readers.srt.cues import cues, read_fields

    found = list(cues(written))
    assert [cue.start_s for cue in found] == [0.0, 1.0, 2.0]
    assert [read_fields(cue.text).gps for cue in found] == [(124.2, 40.0), (124.2, 40.1), (124.2, 40.2)]


def test_a_raw_profile_of_png_is_exif():
    digits = (b"Exif\0\0" + EXIF).hex()
    text = f"\nexif\n{len(digits) // 2:8d}\n{digits}\n".encode()
    item = read(png(chunk(b"tEXt", b"Raw profile type exif\0" + text)), "x.png")
    assert item.position.lat_deg == pytest.approx(40.1)


def test_dng_and_gpr():
    dng = tiff([(0x10F, 2, "DJI"), (0xC612, 1, [1, 4, 0, 0])])
    gpr = tiff([(0x10F, 2, "GoPro"), (0xC612, 1, [1, 4, 0, 0]), (0x103, 3, 9)])
    assert (read(dng, "x.dng").kind, read(gpr, "x.gpr").kind) == (MediaKind.DNG, MediaKind.GPR)


def test_a_false_extension_is_noted():
    assert "false_extension" in codes(read(MADE["png"], "x.jpg"))
    assert not codes(read(MADE["png"], "x.png")) and not codes(read(MADE["tiff"], "x.TIF"))


def test_a_picture_without_anything_says_so():
    assert codes(read(jpeg(), "x.jpg")) == {"no_metadata"}


@pytest.mark.parametrize("text", ["[sensor_id:ABC123\0\0\0]", "[sensor_id:ABC123]"])
def test_a_sensor_is_named_in_a_debug_block(text):
    item = read(jpeg(app(7, b"DJI-DBG\0" + text.encode())), "x.jpg")
    assert item.serials == ("ABC123",)


# ---- optics


def test_optics_reach_the_field_of_view():
    """A P4 RTK picture that was made smaller: its calibration is for 5472 pixels."""
    told = {"CalibratedFocalLength": "3666.666504", "CalibratedOpticalCenterX": "2736.000000"}
    data = jpeg(xmp=xmp_of({f"drone-dji:{k}": v for k, v in told.items()}), exif=exif_of(ifd0=DJI), size=(1368, 912))
    assert read(data, "x.jpg").fov.h_deg == pytest.approx(2 * math.degrees(math.atan(5472 / 2 / 3666.666504)), abs=1e-6)
    dewarp = jpeg(xmp=xmp_of({"drone-dji:DewarpData": "2018-08-23;3666.6,3650.5,-11.6,0.4"}), size=(5472, 3648))
    assert read(dewarp, "x.jpg").fov.h_deg == pytest.approx(2 * math.degrees(math.atan(5472 / 2 / 3666.6)), abs=1e-6)
    teal = jpeg(xmp=xmp_of({"exif:CameraHorizontalFOV": "6799/100", "exif:CameraVerticalFOV": "53.1"}))
    assert read(teal, "x.jpg").fov.h_deg == pytest.approx(67.99)


def test_subtitles_are_told_apart():
    item = read(b"1\n00:00:00,000 --> 00:00:01,000\nGPS (1.0, 2.0, 3)\n", "x.SRT")
    assert item.kind is MediaKind.SUBTITLES and not item.issues
