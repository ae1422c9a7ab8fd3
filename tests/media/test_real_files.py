"""Every real photo and film at hand against what an independent tool reads of it, and against other readers."""

from __future__ import annotations

import csv
import json
import math
import shutil
import struct
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from dronecheck.errors import UnreadableInput
from dronecheck.media import read
from dronecheck.media.model import MediaKind, PositionStatus
from tests.conftest import SHARED

MEDIA = SHARED / "media"
ROWS = list(csv.DictReader((MEDIA / "MANIFEST.csv").read_text("utf-8").splitlines())) if MEDIA.is_dir() else []
NO_MEDIA = {"exiftool__exiftool__Geotag_DJI_2020-12-02__07-50-31_.csv"}
FILES = [row for row in ROWS if row["path"] not in NO_MEDIA]
# The manifest's tool reads no position from a bare payload: here the drone's, and one of a receiver without a fix.
MORE_POSITIONS = {"gopro__gpmf-parser__karma.raw", "gopro__gpmf-parser__hero5.raw"}
TRUTH = json.loads((MEDIA / "_synthetic/truth.json").read_text()) if MEDIA.is_dir() else {}

pytestmark = pytest.mark.usefixtures("shared")
each_file = pytest.mark.parametrize("row", FILES, ids=lambda row: row["path"].rpartition("__")[2])


@pytest.fixture(scope="module")
def items():
    """Everything, read once."""
    return {row["path"]: read(MEDIA / row["path"]) for row in FILES}


def digits(text: str) -> str | None:
    """The manifest's `2019:10:03 09:10:11.5Z` as ISO 8601 without zone, None for dates that cannot be."""
    text = text.strip().removesuffix("Z").replace("T", " ")
    if not text or text.startswith("0000") or len(text) < 19:
        return None
    return text[:10].replace(":", "-") + "T" + text[11:19]


@each_file
def test_position_to_a_millionth_of_a_degree(row, items):
    position = items[row["path"]].position
    if not row["lat"]:
        assert (position is not None) == (row["path"] in MORE_POSITIONS)
        return
    assert position is not None
    assert position.lat_deg == pytest.approx(float(row["lat"]), abs=1e-6)
    assert position.lon_deg == pytest.approx(float(row["lon"]), abs=1e-6)


@each_file
def test_times_as_they_are_written(row, items):
    time = items[row["path"]].time
    local = digits(row["datetime_original"])
    if local is not None:
        assert time is not None and time.local[:19] == local
    if row["gps_utc"]:
        assert time is not None and time.utc_ns is not None
        told = datetime.fromtimestamp(time.utc_ns / 1e9, UTC)
        assert abs((told - datetime.fromisoformat(digits(row["gps_utc"]) + "+00:00")).total_seconds()) < 1
    elif local is None and time is not None and row["path"] not in MORE_POSITIONS:
        assert time.utc_ns is None or time.offset_s is not None  # proven by a zone that is written, or not at all


@each_file
def test_serials(row, items):
    serials = set(items[row["path"]].serials)
    expected = set(filter(None, row["serials"].split(";")))
    assert expected <= serials
    assert bool(serials) == bool(expected)


@each_file
def test_maker_model_and_size(row, items):
    item = items[row["path"]]
    assert not row["make"] or item.maker == row["make"]
    assert not row["model"] or item.model == row["model"]
    if row["width"]:
        assert (str(item.width_px), str(item.height_px)) == (row["width"], row["height"])


@each_file
def test_gimbal_and_height(row, items):
    item = items[row["path"]]
    if row["kind"].startswith("dji") and row["gimbal_pitch"]:
        assert item.pose is not None and item.pose.is_trusted
        assert item.pose.pitch_deg == pytest.approx(float(row["gimbal_pitch"]), abs=0.011)
        assert item.pose.yaw_deg == pytest.approx(float(row["gimbal_yaw"]), abs=0.011)
        assert item.height.home_m == pytest.approx(float(row["xmp_relative"]), abs=0.01)
        assert item.height.amsl_m is None  # DJI's own frame is not known


@each_file
def test_evidence_lies_in_the_file(row, items):
    item, data = items[row["path"]], (MEDIA / row["path"]).read_bytes()
    for one in item.fields:
        assert 0 <= one.offset <= len(data) and 0 <= one.length <= len(data) - one.offset, one
        if isinstance(one.value, str) and "/XMP/" in one.path and one.value.isascii() and one.value.isalnum():
            assert data[one.offset : one.offset + one.length].decode().strip() == one.value


def test_what_is_no_media_is_refused():
    for name in NO_MEDIA:
        with pytest.raises(UnreadableInput):
            read(MEDIA / name)


def test_kinds(items):
    kinds = {path: item.kind for path, item in items.items()}
    assert kinds["Exiv2__exiv2__Stonehenge.heic"] is MediaKind.HEIC
    assert kinds["mattiasw__ExifReader__test.avif"] is MediaKind.AVIF
    assert kinds["gopro__gpmf-parser__karma.raw"] is MediaKind.GPMF
    assert {kinds[path] for path in kinds if path.endswith((".mp4", ".mov", ".insv", ".3gp"))} == {MediaKind.MP4}


# ---- traps that real files hold


def codes(item):
    return {issue.code.value for issue in item.issues}


def test_broken_xmp_is_read_and_said(items):
    item = items["SanNianYiSi__thermal_parser__DJI_XTS.jpg"]
    assert "not_well_formed" in codes(item)
    assert any(one.path == "APP1/XMP/drone-dji:GimbalYawDegree" for one in item.fields)


def test_a_packet_written_twice_is_read_twice(items):
    item = items["MikeKovarik__exifr__001.tif"]
    found = sorted(one.offset for one in item.fields if one.path.endswith("drone-dji:GimbalYawDegree"))
    assert [found[1] - found[0]] == [677_820 - 20_878] and len(found) == 2


def test_rtk_heights_are_above_the_ellipsoid(items):
    height = items["leftfield-geospatial__orthority__100_0005_0142.tif"].height
    assert (height.hae_m, height.amsl_m, height.home_m) == (186.44, None, 99.89)
    assert items["leftfield-geospatial__orthority__100_0005_0142.tif"].position.h_sigma_m < 0.05


def test_a_cleaned_picture_still_names_its_sensor(items):
    item = items["SanNianYiSi__thermal_parser__M4T_DJI_0002_R.JPG"]
    assert item.position is None and item.serials == ("8AVSM9112AA0QZ",)


def test_a_stale_satellite_time_has_its_sigma(items):
    time = items["mapillary__mapillary_tools__test_exif.jpg"].time
    assert time.utc_ns is not None and time.sigma_s > 200e6 and time.offset_s is None
    assert "clock_skew" in codes(items["mapillary__mapillary_tools__test_exif.jpg"])


def test_rationals_of_nothing_are_no_position(items):
    item = items["immich-app__test-assets__empty_gps.jpg"]
    assert item.position is None and "bad_position" in codes(item)


def test_a_drones_log_within_a_film(items):
    film = items["gopro__gpmf-parser__karma.mp4"].film
    assert film is not None and len(film.time_s) > 30 and film.is_usable.all()
    assert film.home_m[0] == pytest.approx(2.003) and film.amsl_m[0] == pytest.approx(15.711)
    assert np.all(np.diff(film.utc_ns) > 0)


def test_names_of_people_and_claims_are_told(items):
    faces = items["immich-app__test-assets__portrait.jpg"]
    assert any(one.path.endswith("mwg-rs:Name") and one.value == "Marie Curie" for one in faces.fields)
    for path in ("contentauth__c2pa-rs__C.jpg", "contentauth__c2pa-rs__dashinit.mp4"):
        assert "signature_not_verified" in codes(items[path])


def test_a_phones_zone_proves_utc(items):
    time = items["photoprism__photoprism__quicktime-hvc1.mov"].time
    assert (time.local, time.offset_s) == ("2023-09-22T18:34:05", 7200)
    assert time.utc_ns == 1_695_400_445 * 10**9


# ---- made films, with their truth


@pytest.mark.parametrize("name", sorted(TRUTH))
def test_every_sample_of_made_films(name):
    data = (MEDIA / "_synthetic" / name).read_bytes()
    truth, item = TRUTH[name], read(data, name)
    if not truth["points"]:
        assert item.position is None and "limit_reached" in codes(item)
        return
    if item.film is None:
        assert item.position.lat_deg == pytest.approx(truth["points"][0]["lat"], abs=1e-9)
        return
    film, points = item.film, truth["points"]
    assert len(film.time_s) == len(points)

    def column(key):
        return np.array([math.nan if point.get(key) is None else point[key] for point in points])

    for ours, key in ((film.lat_deg, "lat"), (film.lon_deg, "lon"), (film.home_m, "rel_m"),
                      (film.pitch_deg, "gimbal_pitch"), (film.yaw_deg, "gimbal_yaw")):  # fmt: skip
        if "unknown" in name and key not in ("lat", "lon"):
            assert np.isnan(ours).all()  # nothing but the position has a shape of its own
        elif key == "rel_m" and points[0].get("rel_m") and struct.pack("<f", 48_700.0) not in data:
            assert np.isnan(ours).all()  # the truth is of the flight: these films do not write it
        else:
            np.testing.assert_allclose(ours, column(key), atol=1e-6)


def test_what_made_films_must_not_decide():
    invalid = read(MEDIA / "_synthetic/invalid_status.mp4")
    assert invalid.position.status is PositionStatus.INVALID and not invalid.film.is_usable.any()
    unknown = read(MEDIA / "_synthetic/unknown_proto.mp4")
    assert unknown.position.status is PositionStatus.INVALID and "unknown_records" in codes(unknown)
    nothing = read(MEDIA / "_synthetic/nofix_first6.mp4")
    assert nothing.film.is_usable.tolist() == [False] * 6 + [True] * 4
    lost = read(MEDIA / "_synthetic/nomoov_truncated.mp4")
    assert lost.is_truncated and lost.serials == ("1581F000SYNTH0000009",)


def test_utc_of_a_films_own_track_beats_its_container():
    time = read(MEDIA / "_synthetic/wm261_gpstime.mp4").time
    assert (time.utc_ns, time.offset_s) == (1_780_304_402 * 10**9, -4 * 3600)


# ---- other readers


def stills():
    return [row for row in FILES if row["path"].lower().endswith((".jpg", ".jpeg", ".tif"))]


@pytest.mark.parametrize("row", stills(), ids=lambda row: row["path"].rpartition("__")[2])
def test_exifread_reads_the_same_position(row, items):
    exifread = pytest.importorskip("exifread")
    with (MEDIA / row["path"]).open("rb") as file:
        try:
            tags = exifread.process_file(file, details=False)
        except Exception as error:
            pytest.skip(f"exifread: {error!r}")
    if "GPS GPSLatitude" not in tags or "GPS GPSLatitudeRef" not in tags:
        return
    for axis, ours in (("Latitude", "lat_deg"), ("Longitude", "lon_deg")):
        parts = [one.num / one.den if one.den else math.nan for one in tags[f"GPS GPS{axis}"].values]
        degrees = sum(part / 60**power for power, part in enumerate(parts))
        if math.isnan(degrees):
            assert items[row["path"]].position is None
            continue
        sign = -1 if str(tags[f"GPS GPS{axis}Ref"]) in ("S", "W") else 1
        assert getattr(items[row["path"]].position, ours) == pytest.approx(sign * degrees, abs=1e-7)


@pytest.mark.skipif(not shutil.which("exiftool"), reason="exiftool is not installed")
@pytest.mark.parametrize("row", stills(), ids=lambda row: row["path"].rpartition("__")[2])
def test_exiftool_reads_the_same_position(row, items):
    words = ["exiftool", "-n", "-json", "-GPSLatitude", "-GPSLongitude", "--", str(MEDIA / row["path"])]
    told = json.loads(subprocess.run(words, capture_output=True, timeout=60, check=False).stdout or b"[{}]")[0]
    position = items[row["path"]].position
    if all(isinstance(told.get(f"GPS{axis}"), int | float) for axis in ("Latitude", "Longitude")):
        assert position.lat_deg == pytest.approx(told["GPSLatitude"], abs=1e-6)
        assert position.lon_deg == pytest.approx(told["GPSLongitude"], abs=1e-6)


@pytest.mark.skipif(not shutil.which("exiftool"), reason="exiftool is not installed")
def test_exiftool_reads_the_same_values_of_djis_xmp(items):
    paths = [str(MEDIA / row["path"]) for row in FILES]
    words = ["exiftool", "-json", "-G1", "-a", "-n", "-XMP-drone-dji:all", "--", *paths]
    done = subprocess.run(words, capture_output=True, timeout=120, check=False)
    compared = 0
    for told in json.loads(done.stdout):
        item = items[Path(told["SourceFile"]).relative_to(MEDIA).as_posix()]
        ours = {one.path.rpartition(":")[2].lower(): one.value for one in item.fields if "drone-dji:" in one.path}
        for key, value in told.items():
            group, _, name = key.partition(":")
            if group == "XMP-drone-dji" and isinstance(value, int | float) and name.lower() in ours:
                assert float(ours[name.lower()]) == pytest.approx(value, abs=1e-9), (item.name, key)
                compared += 1
    assert compared > 60


def test_paths_are_read_as_their_bytes_are():
    path = Path(MEDIA / "mapillary__mapillary_tools__test_exif.jpg")
    assert read(path) == read(path.read_bytes(), path.name) == read(str(path))
