"""Heights of different frames never mix; the standard atmosphere by its published figures."""

from __future__ import annotations

import json
from itertools import product

import numpy as np
import pytest

from dronecheck.geo.vertical.datum import (
    HeightColumn,
    VerticalDatum,
    flight_level_m,
    pressure_altitude_m,
    pressure_from_amsl_m,
    static_pressure_altitude_m,
)
from dronecheck.geo.vertical.geoid import GEOID_SIGMA_M, bundled_geoid


@pytest.mark.parametrize(("mine", "theirs"), [(a, b) for a, b in product(VerticalDatum, VerticalDatum) if a is not b])
def test_no_two_frames_mix(mine, theirs):
    column = HeightColumn.of(mine, [100.0, np.nan], 3.0)
    other = HeightColumn.of(theirs, [1.0, 2.0], 3.0)
    with pytest.raises(ValueError, match="are not heights above"):
        column.value_m(theirs)
    with pytest.raises(ValueError, match="are not heights above"):
        column.or_else(other)
    for arithmetic in (
        lambda: column - other,
        lambda: column + 1.0,
        lambda: column < other,
        lambda: np.asarray(column) - 1,
    ):
        with pytest.raises(TypeError):
            arithmetic()


def test_sigmas_add_in_quadrature_and_slack_adds():
    column = HeightColumn.of(VerticalDatum.HOME, [10.0, 20.0], [3.0, np.nan], 1.0).moved(
        VerticalDatum.AMSL, 200.0, 4.0, 2.0
    )
    assert column.value_m(VerticalDatum.AMSL).tolist() == [210.0, 220.0]
    assert column.sigma_m[0] == 5.0
    assert column.bound_m.tolist() == [3.0, 3.0]


def test_what_is_missing_comes_from_the_other_with_its_own_sigma():
    first = HeightColumn.of(VerticalDatum.AMSL, [1.0, np.nan, np.nan], 1.0)
    filled = first.or_else(HeightColumn.of(VerticalDatum.AMSL, [5.0, 6.0, np.nan], 2.0, 7.0))
    assert filled.value_m(VerticalDatum.AMSL)[:2].tolist() == [1.0, 6.0]
    assert (filled.sigma_m[:2].tolist(), filled.bound_m[:2].tolist()) == ([1.0, 2.0], [0.0, 7.0])
    assert not filled.is_known[2]


def test_ellipsoid_to_sea_by_the_vector(shared):
    cases = json.loads((shared / "vectors/domain_vectors.json").read_text())["agl"]["cases"]
    case = next(c for c in cases if c["name"] == "hae_to_amsl")
    n_m = bundled_geoid().undulation_m([case["lon"]], [case["lat"]])
    column = HeightColumn.of(VerticalDatum.HAE, [case["hae_m"]], 3.0).moved(VerticalDatum.AMSL, -n_m, GEOID_SIGMA_M)
    assert column.value_m(VerticalDatum.AMSL)[0] == pytest.approx(case["amsl_m"], abs=0.1)
    assert column.sigma_m[0] == pytest.approx(np.hypot(3.0, 0.6))


def test_isa_vectors(shared):
    group = json.loads((shared / "vectors/domain_vectors.json").read_text())["isa"]
    for case in group["cases"]:
        assert pressure_altitude_m(case["p_hPa"]) == pytest.approx(case["pressure_alt_m"], abs=0.05)
        above = pressure_altitude_m(case["p_hPa"], case["qnh_hPa"])
        assert above == pytest.approx(case["alt_above_qnh_m"], abs=group["tol_m"])
    for case in group["flight_level"]:
        assert flight_level_m(case["fl"]) == pytest.approx(case["pressure_alt_m"])
        assert pressure_altitude_m(case["p_hPa"]) == pytest.approx(case["pressure_alt_m"], abs=0.2)
    low, high = pressure_altitude_m([1013.25 - 0.5, 1013.25 + 0.5])
    assert low - high == pytest.approx(group["hPa_error_m_per_hPa_at_sea_level"], abs=0.02)


def test_published_heights_of_the_standard_atmosphere():
    # ISO 2533 / U.S. Standard Atmosphere 1976, table of pressures: geopotential metres, hectopascals.
    for height_m, hpa in ((0, 1013.25), (1000, 898.746), (2000, 794.952), (5000, 540.199), (9000, 307.425)):
        assert pressure_altitude_m(hpa) == pytest.approx(height_m, abs=0.5)


def test_qnh_and_pressure_altitude_are_inverse():
    heights = np.array([-100.0, 0, 50, 1000, 4000])
    assert np.allclose(pressure_from_amsl_m(heights, 1013.25), heights, atol=1e-6)
    for qnh in (970.0, 1030.0):
        # Both altimeters see the same pressure: on the ground they differ by the two settings.
        assert pressure_from_amsl_m([0.0], qnh)[0] == pytest.approx(pressure_altitude_m(qnh))
    assert pressure_from_amsl_m([0.0], 1030.0)[0] == pytest.approx(-138, abs=2)  # DOMAIN 1.6


def test_only_a_pressure_of_the_outside_air_counts():
    assert np.isnan(static_pressure_altitude_m([0.0, -3, 299, 1101, 101325, np.nan, np.inf])).all()
    assert np.isfinite(static_pressure_altitude_m([300.0, 1013.25, 1100])).all()
