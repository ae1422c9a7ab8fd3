"""AIXM files made to do harm: refused, or read, within 256 MiB of address space and before a guard against hanging."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.conftest import REPO

BYTES = 256 << 20
HEAD = b'<AIXMBasicMessage xmlns:aixm="http://www.aixm.aero/schema/5.1.1">'
READ = f"""
import json, resource, sys
from pathlib import Path
from dronecheck import UnreadableInput
from dronecheck.airspace import load_reader, load_zones
from tests.support.growth import hang_guard
names = [load_reader(name) for name in ("aixm", "aixm45")]
resource.setrlimit(resource.RLIMIT_AS, ({BYTES}, {BYTES}))
out = {{}}
for path in sys.argv[1:]:
    try:
        with hang_guard(20.0):
            zones = load_zones([Path(path)])
            boxes = zones.boxes_deg
        result = f"{{len(zones.zones)}} zones, " + " ".join(sorted(set(i.code for i in zones.issues)))
    except UnreadableInput as error:
        result = error.code
    out[Path(path).name] = result
print(json.dumps(out))
"""


def airspace(number, body):
    return (
        b"<Airspace><identifier>%d</identifier><timeSlice><AirspaceTimeSlice><type>R</type>%s"
        b"</AirspaceTimeSlice></timeSlice></Airspace>" % (number, body)
    )


def part(body, operation=b"UNION"):
    return (
        b"<geometryComponent><AirspaceGeometryComponent><operation>%s</operation><theAirspaceVolume><AirspaceVolume>%s"
        b"</AirspaceVolume></theAirspaceVolume></AirspaceGeometryComponent></geometryComponent>" % (operation, body)
    )


def surface(legs):
    return (
        b"<horizontalProjection><Surface><patches><PolygonPatch><exterior><Ring><curveMember><Curve><segments>%s"
        b"</segments></Curve></curveMember></Ring></exterior></PolygonPatch></patches></Surface></horizontalProjection>"
        % legs
    )


def referred(number):
    return (
        b"<contributorAirspace><AirspaceVolumeDependency><dependency>FULL_GEOMETRY</dependency>"
        b'<theAirspace href="urn:uuid:%d"/></AirspaceVolumeDependency></contributorAirspace>' % number
    )


def closed(*airspaces):
    return HEAD + b"".join(airspaces) + b"</AIXMBasicMessage>"


def line(numbers):
    return b"<GeodesicString><posList>%s</posList></GeodesicString>" % numbers


def gbv(count):
    points = ((50 + i / 10_000, 8 + (i % 2) / 10_000) for i in range(count))
    corner = "<Gbv><codeType>GRC</codeType><geoLat>%.4fN</geoLat><geoLong>%08.4fE</geoLong></Gbv>"
    return "".join(corner % point for point in points).encode()


SQUARE = surface(line(b"50 8 50 9 51 9 51 8 50 8"))
CIRCLE = surface(b'<CircleByCenterPoint><pos>50 8</pos><radius uom="KM">1</radius></CircleByCenterPoint>')
FNT = (
    b"<Avx><GbrUid mid='1'/><codeType>FNT</codeType><geoLat>50.0N</geoLat><geoLong>008.0E</geoLong></Avx>"
    b"<Avx><GbrUid mid='1'/><codeType>FNT</codeType><geoLat>51.9N</geoLat><geoLong>008.0E</geoLong></Avx>"
)
LIMITS = b'<upperLimit uom="FL">100</upperLimit><lowerLimit>GND</lowerLimit>'
BIG = surface(b'<CircleByCenterPoint><pos>50 8</pos><radius uom="KM">1000</radius></CircleByCenterPoint>')
LAUGHS = b'<!ENTITY a "ha">' + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9))
BOMBS = {
    "laughs.xml": (b"<!DOCTYPE x [" + LAUGHS + b"]>" + closed(airspace(1, b"<name>&j;</name>")), "xml_entities"),
    "quadratic.xml": (
        b'<!DOCTYPE x [<!ENTITY a "' + b"x" * 20_000 + b'">]>' + closed(airspace(1, b"<name>" + b"&a;" * 1_000_000)),
        "xml_entities",
    ),
    "external.xml": (b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + closed(airspace(1, b"&a;")),
                     "xml_entities"),
    "parameter.xml": (b'<!DOCTYPE x [<!ENTITY % a SYSTEM "http://example.invalid/"> %a;]>' + closed(), "xml_entities"),
    "deep.xml": (HEAD + b"<Airspace>" * 100_000, "xml_too_deep"),
    "elements.xml": (HEAD + b"<Airspace>" + b"<a/>" * 1_000_000, "too_large"),
    "comments.xml": (HEAD + b"<Airspace/>&x;" + b"<!--" * 2_000_000, "0 zones, zone_skipped"),
    "unfinished.xml": (HEAD + b"<Airspace/><a b='" + b"x" * 24_000_000, "0 zones, zone_skipped"),
    "numbers.xml": (
        closed(airspace(1, part(surface(line(b"1 " * 4_000_000))))),
        "0 zones, zone_limit_unknown zone_skipped",
    ),
    "cycle.xml": (closed(*(airspace(n, part(referred((n + 1) % 50))) for n in range(50))), "0 zones, zone_skipped"),
    "doubling.xml": (
        closed(airspace(0, part(SQUARE)), *(airspace(n, part(referred(n - 1)) * 10) for n in range(1, 40))),
        "1111 zones, zone_limit_unknown zone_skipped",
    ),
    "shared.xml": (
        closed(airspace(0, part(CIRCLE) * 900), *(airspace(n, part(referred(0))) for n in range(1, 2_000))),
        "too_large",
    ),
    "holes.xml": (
        closed(*(airspace(n, part(LIMITS + BIG, b"BASE") + part(LIMITS + CIRCLE, b"SUBTR") * 900) for n in range(5))),
        "0 zones, zone_skipped",
    ),
    "borders.xml": (
        b"<AIXM-Snapshot><Gbr><GbrUid mid='1'/>" + gbv(20_000) + b"</Gbr><Ase><AseUid mid='2'/></Ase>"
        b"<Abd><AbdUid><AseUid mid='2'/></AbdUid>" + FNT * 5_000 + b"</Abd></AIXM-Snapshot>",
        "0 zones, zone_limit_unknown zone_skipped",
    ),
    "slices.xml": (
        closed(b"<Airspace>" + b"<timeSlice><AirspaceTimeSlice/></timeSlice>" * 20_000 + b"</Airspace>"),
        "0 zones, zone_skipped",
    ),
}  # fmt: skip
"""Name, bytes, and what becomes of them."""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bombs")
    for name, (data, _) in BOMBS.items():
        (folder / name).write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-c", READ, *(str(folder / name) for name in BOMBS)],
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"}, cwd=REPO, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_or_read_in_time_and_space(outcomes, name):
    assert outcomes[name] == BOMBS[name][1]
