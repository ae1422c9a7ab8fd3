"""Fields of view against the published vectors, calibrations and the rules of each maker."""

from __future__ import annotations

import json
from math import atan, degrees, radians, tan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dronecheck.media.field_of_view import StatedOptics, field_of_view


def fov(**stated):
    return field_of_view(StatedOptics(**stated))


def test_the_diagonal_rule_gives_the_published_angles(shared):
    vectors = json.loads((shared / "vectors" / "domain_vectors.json").read_text())["fov_from_f35"]
    for case in vectors["cases"]:
        wide, high = case["aspect"]
        found = fov(maker="DJI", f35_mm=case["f35_mm"], width_px=1000 * wide, height_px=1000 * high)
        assert (found.h_deg, found.v_deg) == pytest.approx((case["hfov"], case["vfov"]), abs=vectors["tol_deg"])
        assert (found.source, found.sigma_deg) == ("f35", 4.0)


# Calibrated focal lengths in pixels give these angles (FOOTAGE 10); the rule alone must come within its sigma.
@pytest.mark.parametrize(("model", "f35", "size", "calibrated"), [
    ("FC6360", 40, (1600, 1300), 45.38), ("M3E", 24, (5280, 3956), 70.65), ("FC6310R", 24, (5472, 3648), 73.46),
])  # fmt: skip
def test_the_rule_agrees_with_pictures_that_carry_a_calibration(model, f35, size, calibrated):
    width, height = size
    by_f35 = fov(maker="DJI", model="FC0000", f35_mm=f35, width_px=width, height_px=height)
    assert abs(by_f35.h_deg - calibrated) < by_f35.sigma_deg / 2
    focal = width / 2 / tan(radians(calibrated / 2))
    found = fov(model=model, f35_mm=f35, width_px=width, height_px=height, calibrated_focal_px=focal)
    assert (found.source, found.sigma_deg) == ("calibrated", 1.0)
    assert found.h_deg == pytest.approx(calibrated, abs=1e-9)
    by_table = fov(model=model, f35_mm=f35, width_px=width, height_px=height)
    assert by_table.source == "table"
    assert abs(by_table.h_deg - calibrated) < by_table.sigma_deg


def test_a_calibration_is_of_the_picture_before_it_was_made_smaller():
    whole = fov(width_px=5472, height_px=3648, calibrated_focal_px=3666.0, calibrated_width_px=5472)
    small = fov(width_px=1368, height_px=912, calibrated_focal_px=3666.0, calibrated_width_px=5472)
    assert (small.h_deg, small.v_deg) == pytest.approx((whole.h_deg, whole.v_deg))
    assert whole.h_deg == pytest.approx(73.46, abs=0.1)


def test_a_calibration_that_the_lens_contradicts_is_of_another_size():
    found = fov(model="FC6310R", f35_mm=24, width_px=1368, height_px=912, calibrated_focal_px=3666.0)
    assert found.source == "table"  # taken as it stands it would be 21 degrees
    assert found.h_deg == pytest.approx(72.2)


def test_skydio_counts_by_the_width():
    assert fov(maker="Skydio", f35_mm=21, width_px=4056, height_px=3040).h_deg == pytest.approx(81.2, abs=0.05)
    assert fov(maker="Skydio", model="2", f35_mm=21, width_px=4056, height_px=3040).h_deg == pytest.approx(80.95)


def test_a_wide_picture_of_a_taller_sensor_keeps_the_width():
    full = fov(model="FC3682", f35_mm=24, width_px=4000, height_px=3000)
    crop = fov(model="FC3682", f35_mm=24, width_px=4000, height_px=2250)
    assert crop.h_deg == full.h_deg
    assert crop.v_deg < full.v_deg
    assert tan(radians(crop.v_deg) / 2) == pytest.approx(tan(radians(crop.h_deg) / 2) * 9 / 16)
    assert fov(model="FC0000", f35_mm=24, width_px=4000, height_px=2250).h_deg == pytest.approx(71.59, abs=0.01)


def test_a_narrower_picture_of_a_wider_sensor_keeps_the_height():
    full = fov(model="FC6310", f35_mm=24, width_px=5472, height_px=3648)
    crop = fov(model="FC6310", f35_mm=24, width_px=4864, height_px=3648)
    assert crop.v_deg == pytest.approx(full.v_deg)
    assert crop.h_deg < full.h_deg


@pytest.mark.parametrize("orientation", [6, 8])
def test_a_picture_to_be_turned_has_its_angles_exchanged(orientation):
    level, turned = (fov(model="FC3682", f35_mm=24, width_px=4000, height_px=3000, orientation=o)
                     for o in (1, orientation))  # fmt: skip
    assert (turned.h_deg, turned.v_deg) == (level.v_deg, level.h_deg)
    upright = fov(model="FC3682", f35_mm=24, width_px=3000, height_px=4000)
    assert (upright.h_deg, upright.v_deg) == pytest.approx((level.v_deg, level.h_deg))


def test_zoom_narrows():
    wide, near = (fov(model="FC2204", f35_mm=f35, width_px=4000, height_px=3000) for f35 in (24, 48))
    assert tan(radians(near.h_deg) / 2) == pytest.approx(tan(radians(wide.h_deg) / 2) / 2)
    assert near.sigma_deg > wide.sigma_deg
    digital = fov(model="FC2204", f35_mm=24, width_px=4000, height_px=3000, zoom=2.0)
    assert digital.h_deg == pytest.approx(near.h_deg)


def test_thermal_and_wide_lenses_of_one_model_are_told_by_their_figure():
    assert fov(model="M3T", f35_mm=40, width_px=640, height_px=512).h_deg == pytest.approx(45.8)
    assert fov(model="M3T", f35_mm=24, width_px=4000, height_px=3000).h_deg == pytest.approx(71.59, abs=0.01)
    assert fov(model="XT2", focal_mm=19, width_px=640, height_px=512).h_deg == pytest.approx(32.0, abs=0.05)
    assert fov(model="XT2", focal_mm=13, width_px=640, height_px=512).h_deg == pytest.approx(45.4, abs=0.05)


def test_stated_angles_come_before_the_table():
    found = fov(maker="Teal", h_fov_deg=67.99, v_fov_deg=53.6, width_px=4000, height_px=3000, f35_mm=24)
    assert (found.h_deg, found.v_deg, found.source, found.sigma_deg) == (67.99, 53.6, "stated", 1.0)
    assert fov(h_fov_deg=60.0, width_px=4000, height_px=3000).v_deg == pytest.approx(46.8, abs=0.05)
    assert fov(h_fov_deg=60.0) is None  # and how high it is cannot be told


def test_a_film_is_less_certain():
    photo, film = (fov(model="FC3682", f35_mm=24, width_px=1920, height_px=1080, is_film=f) for f in (False, True))
    assert film.sigma_deg >= 0.15 * film.h_deg > photo.sigma_deg


@pytest.mark.parametrize("stated", [
    {}, {"model": "FC9999"}, {"model": "ZH20N", "f35_mm": 29}, {"maker": "GoPro", "model": "HERO8 Black", "f35_mm": 15},
    {"maker": "Parrot", "model": "Disco", "f35_mm": 6},
    {"model": "FC3682", "f35_mm": 24, "width_px": 9000, "height_px": 3000},
    {"f35_mm": float("nan")}, {"f35_mm": 0.0}, {"f35_mm": -24.0}, {"model": "M3T"},
    {"calibrated_focal_px": 3666.0},
])  # fmt: skip
def test_what_cannot_be_told_is_unknown(stated):
    assert field_of_view(StatedOptics(**stated)) is None


numbers = st.none() | st.floats(allow_nan=True, allow_infinity=True)
sides = st.none() | st.integers(-10, 20_000)


@given(st.builds(
    StatedOptics, maker=st.sampled_from([None, "DJI", "Skydio"]),
    model=st.sampled_from([None, "FC3682", "M3T", "XT2", "FC6310", "?"]), f35_mm=numbers, focal_mm=numbers,
    width_px=sides, height_px=sides, calibrated_focal_px=numbers, calibrated_width_px=numbers, h_fov_deg=numbers,
    v_fov_deg=numbers, zoom=numbers, orientation=st.integers(0, 9), is_film=st.booleans(),
))  # fmt: skip
def test_any_figures_give_angles_or_nothing(stated):
    found = field_of_view(stated)
    assert found is None or (0 < found.h_deg < 180 and 0 < found.v_deg < 180 and found.sigma_deg > 0)


def test_the_angle_of_a_figure_grows_as_it_falls():
    angles = [fov(f35_mm=f, width_px=4000, height_px=3000).h_deg for f in range(14, 200)]
    assert angles == sorted(angles, reverse=True)
    assert angles[0] == pytest.approx(degrees(2 * atan(43.2666 / 28 * 0.8)))
