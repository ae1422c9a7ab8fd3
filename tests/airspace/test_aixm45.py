"""AIXM 4.5: areas, borders and times of hand-written airspaces."""

from __future__ import annotations

import math

import pytest

from dronecheck.errors import UnreadableInput
from dronecheck.issues import Code
from tests.airspace.test_aixm import (
    GEOD,
    INNER,
    OUTER,
    R,
    airspace,
    area_km2,
    codes,
    message,
    only,
    piece,
    read,
    volume,
)


def snapshot(*features):
    return f'<AIXM-Snapshot version="4.5" effective="2026-01-22T00:00:00Z">{"".join(features)}</AIXM-Snapshot>'


def ase(code, limits=True, kind="R", more=""):
    heights = "".join(
        f"<codeDistVer{n}>{c}</codeDistVer{n}><valDistVer{n}>{v}</valDistVer{n}><uomDistVer{n}>FT</uomDistVer{n}>"
        for n, c, v in (("Upper", "ALT", 1000), ("Lower", "HEI", 0))
    )
    return f"<Ase>{uid(code, kind)}<txtName>{code}</txtName>{heights if limits else ''}{more}</Ase>"


def uid(code, kind="R", name="AseUid"):
    return f"<{name}><codeType>{kind}</codeType><codeId>{code}</codeId></{name}>"


def abd(code, *corners, kind="R"):
    return f"<Abd><AbdUid>{uid(code, kind)}</AbdUid>{''.join(corners)}</Abd>"


def corner(lat, lon, kind="GRC", more=""):
    return f"<Avx>{more}<codeType>{kind}</codeType><geoLat>{lat}</geoLat><geoLong>{lon}</geoLong></Avx>"


SQUARE = [
    corner("500000N", "0080000E"),
    corner("500000N", "0090000E"),
    corner("510000N", "0090000E"),
    corner("510000N", "0080000E"),
]


def test_corners_by_digits_and_hemispheres():
    corners = [corner("5030S", "00830.5W"), corner("50.25S", "008.25W"), corner("500000.00S", "0090000.00W")]
    ring = only(read(snapshot(ase("A"), abd("A", *corners)))).shape.polygons[0][0].vertices_deg
    assert ring[:3].tolist() == [[-8 - 30.5 / 60, -50.5], [-8.25, -50.25], [-9.0, -50.0]]


@pytest.mark.parametrize("lat", ["50N0", "506100N", "910000N", "5000", "", "50000N"])
def test_a_corner_that_cannot_be_read_loses_the_zone(lat):
    zones = read(snapshot(ase("A"), abd("A", corner(lat, "0080000E"), *SQUARE)))
    assert not zones.zones
    assert codes(zones) == {Code.ZONE_SKIPPED}


@pytest.mark.parametrize(("kind", "share"), [("CWA", 0.75), ("CCA", 0.25)])
def test_arcs_go_from_their_corner_to_the_next(kind, share):
    lon, lat, _ = GEOD.fwd([8, 8], [50, 50], [90, 0], [18_520] * 2)
    centre = "<geoLatArc>50.0N</geoLatArc><geoLongArc>008.0E</geoLongArc>"
    corners = [
        corner("50.0N", "008.0E"),
        corner(f"{lat[0]:.8f}N", f"00{lon[0]:.8f}E", kind, centre),
        corner(f"{lat[1]:.8f}N", f"00{lon[1]:.8f}E"),
    ]
    zone = only(read(snapshot(ase("A"), abd("A", *corners))))
    assert area_km2(zone.geometry) == pytest.approx(share * math.pi * 18.52**2, rel=2e-3)


def test_sums_of_airspaces_and_the_same_extent():
    lower, upper = ase("L"), ase("U")
    other = [c.replace("51", "52").replace("50", "51") for c in SQUARE]
    union = f"<Adg><AdgUid>{uid('S')}</AdgUid>{uid('L', name='AseUidBase')}<codeOpr>UNION</codeOpr>"
    union += f"{uid('U', name='AseUidComponent')}</Adg>"
    same = f"<Adg><AdgUid>{uid('E')}</AdgUid>{uid('L', name='AseUidSameExtent')}</Adg>"
    text = snapshot(ase("S", limits=False), ase("E"), lower, upper, abd("L", *SQUARE), abd("U", *other), union, same)
    zones = {zone.id: zone for zone in read(text).zones}
    assert set(zones) == {"R-S#1", "R-S#2", "R-E", "R-L", "R-U"}
    assert zones["R-S#2"].geometry.equals(zones["R-U"].geometry)
    assert zones["R-E"].geometry.equals(zones["R-L"].geometry)
    taken = union.replace("UNION", "SUBTR")
    whole = only_id(read(text.replace(union, taken)), "R-S")
    assert whole.geometry.area == pytest.approx(zones["R-L"].geometry.area, rel=1e-2)


def only_id(zones, identifier):
    (zone,) = [zone for zone in zones.zones if zone.id == identifier]
    return zone


@pytest.mark.parametrize(
    ("hours", "is_always", "is_unknown"),
    [
        ("", True, False),
        ("H24", True, False),
        ("HX", False, True),
        ("NOTAM", False, True),
        ("HJ", False, False),
        ("TIMSH", False, True),
    ],
)
def test_working_hours(hours, is_always, is_unknown):
    more = f"<Att><codeWorkHr>{hours}</codeWorkHr></Att>" if hours else ""
    schedule = only(read(snapshot(ase("A", more=more), abd("A", *SQUARE)))).schedule
    assert (schedule.is_always, bool(schedule.unknown)) == (is_always, is_unknown)


def test_an_update_and_a_file_without_airspaces_are_refused():
    for text, code in (
        (snapshot().replace("Snapshot", "Update"), "aixm_update"),
        (snapshot(), "no_airspace"),
        (message(), "no_airspace"),
    ):
        with pytest.raises(UnreadableInput) as caught:
            read(text)
        assert caught.value.code == code


def test_a_file_that_breaks_off_keeps_what_came_before_and_says_so():
    text = message(airspace(piece(R + volume(OUTER))), airspace(piece(R + volume(INNER)), key="two"))
    zones = read(text[: text.index("two") + 100])
    assert [zone.id for zone in zones.zones] == ["one"]
    assert codes(zones) == {Code.ZONE_SKIPPED}
    odd = read(text.replace("<aixm:Airspace>", "<!-- a -- b --><aixm:Airspace>", 1))
    assert len(odd.zones) == 2
    assert codes(odd) == {Code.BAD_RECORD}
