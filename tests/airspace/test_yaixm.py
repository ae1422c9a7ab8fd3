"""YAIXM against PyYAML and pyproj, and the few words of YAML that it is read with."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from pathlib import Path
from textwrap import indent

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from dronecheck.airspace import load_zones, read_input
from dronecheck.airspace.yaixm.reader import MEANINGS
from dronecheck.airspace.yaixm.tree import Mapping, parse_yaml
from dronecheck.airspace.zone import Datum, Effect
from dronecheck.errors import UnreadableInput, UsageError
from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.outline.shape import Circle
from dronecheck.issues import Code
from dronecheck.safe.io import Input
from tests.support.scale import examples

yaml = pytest.importorskip("yaml")
GEOD = Geod(ellps="WGS84")
# file: its key, features and volumes as PyYAML counts them
FILES = {"uk_airspace.yaml": ("airspace", 702, 1053), "uk_rat.yaml": ("rat", 6, 11)}


def read(data, name="x.yaml"):
    return read_input(Input(Path(name), data.encode() if isinstance(data, str) else data, "0" * 64))


@pytest.fixture(scope="module")
def plain(shared):
    """The files as PyYAML reads them, every scalar a text."""
    return {name: yaml.load((shared / "airspace/yaixm" / name).read_text(), Loader=yaml.CBaseLoader) for name in FILES}


@pytest.fixture(scope="module")
def zones(shared):
    return {name: load_zones([shared / "airspace/yaixm" / name]) for name in FILES}


def test_the_table_names_every_file(shared):
    found = {path.name for path in (shared / "airspace/yaixm").iterdir()}
    assert found == {*FILES, "yaixm_schema.yaml"}
    with pytest.raises(UnreadableInput):
        load_zones([shared / "airspace/yaixm/yaixm_schema.yaml"])


def volumes(document, key):
    return [(feature, volume) for feature in document[key] for volume in feature["geometry"]]


@pytest.mark.parametrize("name", FILES)
def test_every_volume_is_a_zone(zones, plain, name):
    key, features, count = FILES[name]
    assert len(plain[name][key]) == features
    expected = volumes(plain[name], key)
    assert len(expected) == len(zones[name].zones) == count
    assert len({zone.id for zone in zones[name].zones}) == count
    for zone, (feature, volume) in zip(zones[name].zones, expected, strict=True):
        assert zone.name == volume.get("name", feature["name"])
        for limit, text in ((zone.lower, volume["lower"]), (zone.upper, volume["upper"])):
            number = re.sub(r"\D", "", text)
            if text == "SFC":
                assert limit.datum is Datum.GND
            elif text.startswith("FL"):
                assert (limit.datum, limit.value_m) == (Datum.FL, pytest.approx(int(number) * 30.48))
            else:
                assert text == f"{number} ft"
                assert (limit.datum, limit.value_m) == (Datum.AMSL, pytest.approx(int(number) * 0.3048))


def degrees(text):
    """572153N 0015835W by plain slicing: longitude, latitude."""
    lat, lon = text.split()
    north, east = ({"N": 1, "S": -1}[lat[-1]], {"E": 1, "W": -1}[lon[-1]])
    return (
        east * (int(lon[:3]) + int(lon[3:5]) / 60 + float(lon[5:-1]) / 3600),
        north * (int(lat[:2]) + int(lat[2:4]) / 60 + float(lat[4:-1]) / 3600),
    )


@pytest.mark.parametrize("name", FILES)
def test_outlines(zones, plain, name):
    for zone, (_, volume) in zip(zones[name].zones, volumes(plain[name], FILES[name][0]), strict=True):
        ((ring,),) = zone.shape.polygons
        if "circle" in volume["boundary"][0]:
            circle = volume["boundary"][0]["circle"]
            assert isinstance(ring, Circle)
            assert ring.centre_deg == pytest.approx(degrees(circle["centre"]), abs=1e-12)
            number, unit = circle["radius"].split()
            assert ring.radius_m == pytest.approx(float(number) * {"nm": 1852, "km": 1000}[unit], rel=1e-9)
            assert zone.edge is Edge.GEODESIC
            continue
        points, arcs = [], []
        for segment in volume["boundary"]:
            if "line" in segment:
                points += [degrees(point) for point in segment["line"]]
            else:
                arc = segment["arc"]
                arcs.append((points[-1], arc["dir"] == "cw", degrees(arc["centre"])))
                points.append(degrees(arc["to"]))
        kept = [p for n, p in enumerate(points) if n == 0 or p != points[n - 1]]
        kept += [] if kept[0] == kept[-1] else kept[:1]
        np.testing.assert_allclose(ring.vertices_deg, kept, atol=1e-12)
        assert zone.edge is Edge.AMBIGUOUS
        assert [(tuple(ring.vertices_deg[t.after]), t.clockwise, t.centre_deg) for t in ring.arcs] == [
            (pytest.approx(begin, abs=1e-12), clockwise, pytest.approx(centre, abs=1e-12))
            for begin, clockwise, centre in arcs
        ]


def test_arcs_have_the_radius_that_the_file_states_beside_them(zones, plain):
    """The radius is not read: centre and ends say it. They agree but for one arc, which is noted."""
    name, far = "uk_airspace.yaml", 0
    for _, volume in volumes(plain[name], "airspace"):
        for arc in (segment["arc"] for segment in volume["boundary"] if "arc" in segment):
            *_, reach_m = GEOD.inv(*degrees(arc["centre"]), *degrees(arc["to"]))
            number, unit = arc["radius"].split()
            far += abs(reach_m - float(number) * {"nm": 1852, "km": 1000}[unit]) > 200
    assert far <= 2
    noted = [i for i in zones[name].issues if i.code is Code.ZONE_OUTLINE_DOUBTFUL]
    assert sum(issue.count for issue in noted) == 2
    line = noted[0].offset
    assert line is not None


def test_types_and_effects(zones, plain):
    document = plain["uk_airspace.yaml"]["airspace"]
    said = Counter((f["type"], f.get("localtype")) for f in document)
    assert (said["OTHER", "GLIDER"], said["D_OTHER", "GLIDER"]) == (80, 18)
    assert not [issue for issue in zones["uk_airspace.yaml"].issues if issue.code is Code.ZONE_CLASS_UNKNOWN]
    effects = {zone.name: zone.effect for zone in zones["uk_airspace.yaml"].zones}
    assert effects["ABERDEEN CTA"] is Effect.NEEDS_AUTHORISATION  # class D
    assert effects["ARGYLL CTA"] is Effect.INFORMATION  # class E
    expected_of = volumes(plain["uk_airspace.yaml"], "airspace")
    for zone, (feature, _) in zip(zones["uk_airspace.yaml"].zones, expected_of, strict=True):
        if feature["type"] in ("P", "D", "R"):
            expected = {"P": Effect.FORBIDDEN, "D": Effect.CONDITIONAL, "R": Effect.NEEDS_AUTHORISATION}
            assert zone.effect is expected[feature["type"]]
        if feature.get("localtype") == "GLIDER":
            assert zone.effect is (Effect.CONDITIONAL if feature["type"] == "D_OTHER" else Effect.INFORMATION)


def test_json_says_the_same_as_yaml(plain, zones):
    name = "uk_rat.yaml"
    again = read(json.dumps({"release": {"airac_date": "2026-07-01T00:00:00Z"}, **plain[name]}), "x.json")
    assert [(z.id, z.name, repr(z.lower), repr(z.upper)) for z in again.zones] == [
        (z.id, z.name, repr(z.lower), repr(z.upper)) for z in zones[name].zones
    ]
    assert again.sources[0].edition == "2026-07-01T00:00:00Z"


def test_the_table_of_types_is_published(repo):
    section = (repo / "docs/zone-formats.md").read_text().split("## YAIXM")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`[^|]+) \| (\w+) \| ([\w ]+) \|$", section, re.MULTILINE)
    published = {n: (kind, effect) for names, kind, effect in rows for n in re.findall(r"`(\w+)`", names)}
    shown = {Effect.NEEDS_AUTHORISATION: "needs authorisation", None: "by class"}
    assert published == {
        name: (meaning.kind.value, shown.get(meaning.effect, str(meaning.effect))) for name, meaning in MEANINGS.items()
    }


# oddities --------------------------------------------------------------------------------------------------------

VOLUME = """airspace:
- name: TEST AREA
  type: {type}
  geometry:
  - upper: {upper}
    lower: {lower}
    rules: [{rules}]
    boundary:
    - {boundary}
"""
CIRCLE = "circle: \n        radius: 2 nm\n        centre: 510000N 0010000W"


def one(**changes):
    return read(
        VOLUME.format(**{"type": "R", "upper": "FL95", "lower": "SFC", "rules": "SI", "boundary": CIRCLE, **changes})
    )


def test_one():
    zones = one()
    assert not zones.issues
    assert "rules SI" in zones.zones[0].remarks


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"type": "XX"}, Code.ZONE_CLASS_UNKNOWN),
        ({"upper": "NOTAM"}, Code.ZONE_LIMIT_UNKNOWN),
        ({"upper": "100 ft", "lower": "200 ft"}, Code.ZONE_DOUBTFUL),
    ],
)
def test_doubts_name_their_line(changes, code):
    zones = one(**changes)
    assert [(issue.code, issue.offset) for issue in zones.issues] == [(code, 5)]
    assert zones.zones[0].effect is Effect.NEEDS_AUTHORISATION


@pytest.mark.parametrize(
    "boundary",
    [
        CIRCLE.replace("nm", "furlongs"),
        CIRCLE.replace("510000N", "51N"),
        "line:\n      - 510000N 0010000W",
        "arc: \n        dir: cw\n        radius: 2 nm\n        centre: 510000N 0010000W\n        to: 510000N 0010000W",
        "spline: x",
    ],
)
def test_an_outline_that_cannot_be_read_leaves_the_zone_out(boundary):
    assert [issue.code for issue in one(boundary=boundary).issues] == [Code.ZONE_SKIPPED]
    assert [issue.code for issue in one(boundary=boundary, type="D").issues] == [Code.ZONE_ADVICE_SKIPPED]


def test_what_a_notam_activates_has_unknown_times():
    assert one(rules="NOTAM").zones[0].schedule.unknown == "activated by NOTAM"


# the YAML --------------------------------------------------------------------------------------------------------

WORDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9 ./()'-]{0,12}[A-Za-z0-9)]", fullmatch=True)
KEYS = st.from_regex(r"[a-z][a-z_]{0,8}", fullmatch=True).filter(
    lambda key: key not in ("y", "n", "yes", "no", "on", "off", "true", "false", "null")  # they would be quoted
)
VALUES = st.recursive(
    WORDS, lambda inner: st.lists(inner, min_size=1, max_size=4) | st.dictionaries(KEYS, inner, min_size=1, max_size=4),
    max_leaves=25,
)  # fmt: skip


def as_plain(value):
    if isinstance(value, Mapping):
        return {key: as_plain(member) for key, member in value.members.items()}
    return [as_plain(item) for item in value] if isinstance(value, list) else value


@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=4), st.integers(1, 6))
@settings(max_examples=examples(80), deadline=None)
def test_yaml_as_pyyaml_writes_it(value, indent):
    text = yaml.safe_dump(value, default_flow_style=False, indent=indent, width=10_000)
    assert as_plain(parse_yaml(text)) == yaml.load(text, Loader=yaml.CBaseLoader) == value


@given(st.text("ab:- \n#'\"[],&*!|>{}\t", max_size=80))
@settings(max_examples=examples(150), deadline=None)
def test_any_text_is_read_as_pyyaml_reads_it_or_refused(text):
    try:
        found = as_plain(parse_yaml(text))
    except UnreadableInput:
        return
    blank = {None: "", "~": "", "null": ""}
    try:
        theirs = yaml.load(text, Loader=yaml.BaseLoader)  # the other parser of PyYAML, in pure Python
    except yaml.YAMLError:
        return  # what is no YAML to it may be YAML to libyaml, as with some tabs
    assert _with_blanks(found, blank) == _with_blanks(theirs, blank)


def _with_blanks(value, blank):
    if isinstance(value, dict):
        return {key: _with_blanks(member, blank) for key, member in value.items()}
    if isinstance(value, list):
        return [_with_blanks(item, blank) for item in value]
    return blank.get(value, value)


@pytest.mark.parametrize(
    "line",
    ["a: &x b", "a: *x", "a: !!python/object:os.system x", "a: ! x", "a: {b: &x c}", "a: [b, *x]", "? [a]", "? {a: b}",
             "a: 'b", "\ta: b", "b: c\n   d: e", "a: b\na: c", "a: {b: c, b: d}", "---\na: b", "a: @b", "a: %b"],
)  # fmt: skip
def test_what_yaixm_has_no_need_of_is_refused_with_its_line(line):
    with pytest.raises(UnreadableInput) as caught:
        parse_yaml(f"airspace: x\n{line}\n")
    assert "line " in caught.value.message


@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=4), st.sampled_from([True, None]), st.integers(20, 80))
@settings(max_examples=80, deadline=None)
def test_other_spellings_of_the_same_yaml(value, flow, width):
    """Flow mappings, words over several lines, quotes with escapes: all that PyYAML may write."""
    for style in (None, '"', "'", "|", ">"):
        text = yaml.dump(value, Dumper=yaml.SafeDumper, default_flow_style=flow, default_style=style, width=width)
        if style:
            text = text.replace("!!str ", "")
        assert as_plain(parse_yaml(text)) == value


def test_a_zone_in_flow_style_is_the_same_zone():
    block = VOLUME.format(type="R", upper="FL95", lower="SFC", rules="SI", boundary=CIRCLE)
    flow = yaml.safe_dump(yaml.load(block, Loader=yaml.BaseLoader)["airspace"], default_flow_style=True)
    first, second = read(block), read("airspace:\n" + indent(flow, " "), "flow.yaml")
    assert [(z.id, z.name, repr(z.lower), repr(z.upper)) for z in first.zones] == [
        (z.id, z.name, repr(z.lower), repr(z.upper)) for z in second.zones
    ]


def test_without_pyyaml_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(UsageError, match=r"pip install 'dronecheck\[yaml\]'"):
        one()
    block = VOLUME.format(type="R", upper="FL95", lower="SFC", rules="SI", boundary=CIRCLE)
    text = json.dumps(yaml.load(block, Loader=yaml.BaseLoader))
    assert len(read(text, "x.json")) == 1  # JSON needs none
