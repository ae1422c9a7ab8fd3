"""Units of logs and zone files against the published conversions (`limits_m` of the vectors)."""

from __future__ import annotations

import json

import pytest

from dronecheck.airspace.common.limit_text import read_limit
from dronecheck.readers.csvlog.numbers import scale_of


@pytest.fixture(scope="module")
def limits(shared):
    return json.loads((shared / "vectors/domain_vectors.json").read_text())["limits_m"]


@pytest.mark.parametrize(
    ("name", "kind", "unit", "count"),
    [("ft400", "length", "ft", 400), ("mph100_ms", "speed", "mph", 100), ("kt87_ms", "speed", "kt", 87),
     ("kt100_ms", "speed", "knots", 100), ("kmh100", "speed", "km/h", 100), ("kmh40", "speed", "kmh", 40)],
)  # fmt: skip
def test_units_of_exports(limits, name, kind, unit, count):
    assert count * scale_of(kind, unit) == pytest.approx(limits[name], abs=5e-5)


@pytest.mark.parametrize(("name", "text"), [("ft400", "400ft AGL"), ("ft500", "500 ft MSL"), ("ft2000", "2000 MSL")])
def test_feet_of_zone_files(limits, name, text):
    assert read_limit(text).limit.value_m == pytest.approx(limits[name], abs=1e-9)
