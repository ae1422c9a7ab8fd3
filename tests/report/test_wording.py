"""Limits in the unit they were written in. Feet and metres: DOMAIN's published conversions."""

import pytest

from dronecheck.airspace.zone import Datum, Limit
from dronecheck.report.text.headline import limit_text


@pytest.mark.parametrize(
    ("metres", "datum", "text"),
    [
        (120.0, Datum.AGL, "120 m AGL"),
        (121.92, Datum.AGL, "400 ft (122 m) AGL"),
        (152.4, Datum.AMSL, "500 ft (152 m) AMSL"),
        (609.6, Datum.AMSL, "2000 ft (610 m) AMSL"),
        (1050.04, Datum.AMSL, "3445 ft (1050 m) AMSL"),
        (0.0, Datum.AGL, "0 m AGL"),
        (3048.0, Datum.AMSL, "3048 m AMSL"),
        (12.5, Datum.HAE, "12.5 m HAE"),
        (1981.2, Datum.FL, "FL 65"),
        (0.0, Datum.GND, "ground"),
        (0.0, Datum.UNL, "unlimited"),
        (0.0, Datum.UNKNOWN, "unknown"),
    ],
)
def test_a_limit_is_written_as_its_authority_would(metres, datum, text):
    assert limit_text(Limit(metres, datum)) == text
