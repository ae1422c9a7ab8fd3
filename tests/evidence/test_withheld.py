"""A case without places: nobody finds a row by trying, nothing in it is a place, and disclosed rows are proven."""

from __future__ import annotations

import hashlib
import hmac
import json
import math
import re
import struct
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dronecheck
from dronecheck.airspace.zone import ZoneSource
from dronecheck.errors import UsageError
from dronecheck.evidence.withheld.document import WithheldDocument, encode_withheld, withheld_document
from dronecheck.evidence.withheld.leaks import LEAKS
from dronecheck.evidence.withheld.page import withheld_page
from dronecheck.evidence.withheld.rows import SealedRows, disclosed, row_faults
from dronecheck.flight import Flight
from dronecheck.flight.integrity import Concern, Integrity, Statement, Weight
from dronecheck.geofence.settings import Settings
from dronecheck.messages import Message
from dronecheck.report.case import Exhibit
from dronecheck.settings import Options
from tests.conftest import REPO, make_flight

SAMPLES = REPO / "samples"
LOGS = sorted(
    path
    for path in SAMPLES.iterdir()
    if path.suffix in (".ulg", ".bin", ".csv", ".tlog", ".gpx", ".igc", ".SRT", ".DAT", ".log")
    and path.name != "restricted_zone.csv"
)
FORBIDDEN = ("bearing", "azimuth", "heading", "sunrise", "sunset", "daylight", "twilight")
SECRET = "cd" * 32


def case_of(path, **options):
    case = dronecheck.answer(path, Options(**options).setup())
    return case, SealedRows(case.flight)


def told(flight, result):
    return encode_withheld(withheld_document(flight, result, SealedRows(flight)))


@pytest.fixture(scope="module")
def founding():
    return case_of(SAMPLES / "founding_dandong_sinuiju.ulg")


@pytest.fixture(scope="module")
def published(founding):
    """All that is handed on: the case's document, and three rows disclosed."""
    case, rows = founding
    return told(case.flight, case.result), rows.disclosure([0, 700, 1170])


# nobody finds a row by trying


def test_ten_thousand_tries_near_the_truth_open_no_leaf(founding, published):
    """The leaf beside a disclosed row is known. No salt made from what is published opens it, the true row included."""
    case, _ = founding
    document, file = (json.loads(each) for each in published)
    (beside,) = (bytes.fromhex(each["proof"][0]) for each in file["rows"] if each["row"] == 700)
    data = (SAMPLES / "founding_dandong_sinuiju.ulg").read_bytes()
    true = SealedRows(case.flight).disclosure([701])
    text = json.loads(true)["rows"][0]["text"]
    cells = json.loads(text)

    known = [name(data).digest() for name in (hashlib.sha256, hashlib.sha512, hashlib.blake2b, hashlib.md5)]
    known += [bytes.fromhex(document["rows"]["root"]), *(bytes.fromhex(each["salt"]) for each in file["rows"])]
    keys = [b"", *known, *(hmac.digest(b"dronecheck/withheld/1", each, "sha256") for each in known)]

    def salts(text):
        yield b""
        for key in keys:
            yield key[:32]
            yield hmac.digest(key, b"row\0" + (701).to_bytes(8, "big") + text, "sha256")

    def tries(step, count):
        for east in range(-count, count):
            for north in range(-count, count):
                moved = {
                    "lat_deg": round(cells["lat_deg"] + north * step, 7),
                    "lon_deg": round(cells["lon_deg"] + east * step, 7),
                }
                yield json.dumps({**cells, **moved}, sort_keys=True, separators=(",", ":")).encode()

    every = list(tries(1e-7, 50))
    assert len(every) == 10_000 and text.encode() in every
    leaves = {hashlib.sha256(b"\0" + salt + text).digest() for text in every for salt in salts(text)}
    assert len(leaves) > 100_000
    assert beside not in leaves
    # What the tries lack is the salt alone: with it the same search finds the row.
    salt = bytes.fromhex(json.loads(true)["rows"][0]["salt"])
    assert beside in {hashlib.sha256(b"\0" + salt + text).digest() for text in every}


def test_the_salt_is_made_of_nothing_published(founding, published):
    case, _ = founding
    digest = case.flight.source.private_digest
    assert len(digest) == 64
    data = (SAMPLES / "founding_dandong_sinuiju.ulg").read_bytes()
    plain = {hashlib.new(name, data).hexdigest() for name in ("md5", "sha1", "sha256", "sha512", "blake2b", "sha3_256")}
    assert digest not in plain
    key = hmac.digest(b"dronecheck/withheld/1", bytes.fromhex(digest), "sha256").hex()
    for content in published:
        assert digest not in content.decode() and key not in content.decode()


def test_a_disclosed_row_opens_no_row_of_another_case_of_the_log():
    """Another clock makes other rows: their salts are others, too."""
    flight = sealed(make_flight([40.0, 40.001], [124.0, 124.001]))
    later = replace(flight, tracks={"gnss": flight.track.shifted(10**9)})
    one, other = (json.loads(SealedRows(each).disclosure([0]))["rows"][0]["salt"] for each in (flight, later))
    assert one != other


def test_a_flight_without_a_file_has_no_secret_to_seal_with():
    with pytest.raises(ValueError, match="own bytes"):
        _ = SealedRows(make_flight([40.0], [124.0])).tree


# rows that are disclosed


def test_disclosed_rows_are_the_log_s_and_are_proven(founding, published):
    case, _ = founding
    document, file = json.loads(published[0]), published[1]
    assert row_faults(file, **document["rows"]) == []
    assert [each["row"] for each in disclosed(file)] == [0, 700, 1170]
    for each in disclosed(file):
        assert each["lat_deg"] == case.flight.track.lat_deg[each["row"]]
        assert each["lon_deg"] == case.flight.track.lon_deg[each["row"]]
        assert int(each["time_ns"]) == case.flight.track.time_ns[each["row"]]


def test_the_rows_behind_a_finding_can_be_disclosed(founding, published):
    _, rows = founding
    document = json.loads(published[0])
    behind = document["findings"][0]["rows"]
    assert behind and row_faults(rows.disclosure(behind), **document["rows"]) == []


def test_a_proof_is_checked_in_twenty_lines_of_another_s_code(published):
    """By RFC 6962's recursion alone, from the last step to the first."""
    document, file = (json.loads(each) for each in published)

    def root(leaf, index, size, path):
        if size == 1:
            assert not path
            return leaf
        k = 1 << (size - 1).bit_length() - 1
        *rest, last = path
        last = bytes.fromhex(last)
        if index < k:
            return hashlib.sha256(b"\1" + root(leaf, index, k, rest) + last).digest()
        return hashlib.sha256(b"\1" + last + root(leaf, index - k, size - k, rest)).digest()

    for each in file["rows"]:
        leaf = hashlib.sha256(b"\0" + bytes.fromhex(each["salt"]) + each["text"].encode()).digest()
        assert root(leaf, each["row"], document["rows"]["count"], each["proof"]).hex() == document["rows"]["root"]


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_an_altered_byte_is_found(data):
    flight = sealed(make_flight(np.linspace(40, 40.01, 13), np.linspace(124, 124.01, 13)))
    rows = SealedRows(flight)
    file = rows.disclosure([4, 12])
    at = data.draw(st.integers(0, len(file) - 1))
    altered = bytearray(file)
    altered[at] ^= 1 << data.draw(st.integers(0, 7))
    if not row_faults(bytes(altered), rows.tree.root.hex(), len(rows)):  # blanks of JSON may be others
        assert json.loads(altered) == json.loads(file)


@pytest.mark.parametrize(
    "altered",
    [
        lambda f: f["rows"][0].update(text=f["rows"][0]["text"].replace("40.0", "40.1")),
        lambda f: f["rows"][0].update(row=5),
        lambda f: f["rows"][0].update(row=-9),
        lambda f: f["rows"][0].update(row=10**30),
        lambda f: f["rows"][0].update(salt=f["rows"][1]["salt"]),
        lambda f: f["rows"][0].update(salt=f["rows"][0]["salt"].upper()),
        lambda f: f["rows"][0].update(salt=""),
        lambda f: f["rows"][0].update(proof=f["rows"][0]["proof"][:-1]),
        lambda f: f["rows"][0].update(proof=[*f["rows"][0]["proof"], "00" * 32]),
        lambda f: f["rows"][0].update(text="\ud800"),
        lambda f: f.update(root="00" * 32),
        lambda f: f.update(count=12),
        lambda f: f.update(rows=[]),
        lambda f: f.update(schema="dronecheck.rows/2"),
        lambda f: f.update(note="hello"),
    ],
)
def test_an_altered_disclosure_does_not_hold(altered):
    flight = sealed(make_flight(np.linspace(40, 40.01, 13), np.linspace(124, 124.01, 13)))
    rows = SealedRows(flight)
    file = json.loads(rows.disclosure([4, 12]))
    altered(file)
    faults = row_faults(json.dumps(file).encode(), rows.tree.root.hex(), len(rows))
    assert faults and all(map(str, faults))


@given(st.binary(max_size=300) | st.text(max_size=80).map(str.encode) | st.just(b"[" * 100_000))
def test_any_bytes_give_faults(content):
    assert row_faults(content, "00" * 32, 3)
    assert disclosed(content) == []


def test_there_is_no_row_beyond_the_last(founding):
    _, rows = founding
    for row in (-1, len(rows)):
        with pytest.raises(UsageError, match="no row"):
            rows.disclosure([row])


def test_a_flight_of_several_files_and_odd_rows():
    """Unknown figures, a fix without a time, two files."""
    flight = sealed(make_flight([40.0, 40.001, 40.002], [124.0, 124.001, 124.002], alt_amsl_m=[np.nan, np.inf, 3.0]))
    flight = replace(
        flight,
        tracks={"gnss": flight.track.replace(is_timed=[True, False, True], offset=[0, 100, 302 + 4])},
        more_sources=(replace(flight.source, path=Path("b.ulg"), private_digest="ef" * 32),),
    )
    rows = SealedRows(flight)
    file = rows.disclosure([0, 1, 2])
    assert row_faults(file, rows.tree.root.hex(), 3) == []
    first, second, third = disclosed(file)
    assert first["alt_amsl_m"] is None and second["alt_amsl_m"] is None and third["alt_amsl_m"] == 3.0
    assert second["time_ns"] is None and second["time_utc"] is None
    assert (first["file"], third["file"], third["offset"]) == (0, 1, 4)
    assert SealedRows(replace(flight, more_sources=())).tree.root != rows.tree.root


def test_no_rows_at_all():
    flight = sealed(make_flight([], []))
    document = json.loads(told(flight, dronecheck.check(flight)))
    assert document["rows"] == {"count": 0, "root": hashlib.sha256(b"").hexdigest()}


# nothing in the document is a place


def sealed(flight: Flight) -> Flight:
    return replace(flight, source=replace(flight.source, private_digest=SECRET))


def over_egypt_s_border(lon: float) -> Flight:
    """There and back over the 22nd parallel, which the border follows: anywhere along it the same flight."""
    way = np.r_[np.linspace(22.01, 21.99, 200), np.linspace(21.99, 22.01, 200)]
    height = np.minimum(np.arange(400), np.arange(400)[::-1]) * 0.5
    return sealed(make_flight(way, lon + np.linspace(0, 0.002, 400), dt_s=1.0, alt_home_m=height))


def test_nothing_changes_when_the_flight_is_moved_along_the_border():
    """All that does is the root, which is salted: 3 km, 50 km and 200 km along it are the same case."""

    def document(lon):
        flight = over_egypt_s_border(lon)
        return json.loads(told(flight, dronecheck.check(flight, settings=Settings(home="EGY"))))

    here = document(28.0)
    assert here["verdict"] == "VIOLATION" and here["findings"][0]["territory"] == "SDN"
    assert 1000 < here["findings"][0]["depth_m"] < 1200
    roots = {here["rows"].pop("root")}
    for lon in (28.03, 28.5, 30.0):
        there = document(lon)
        roots.add(there["rows"].pop("root"))
        assert there == here
    assert len(roots) == 4


CANARY = "40.1234567N 124.7654321E heading 27182"


def tainted(value):
    """Return the same with words of a log or a zone file in every text that is no code of ours."""
    if isinstance(value, Enum):
        return value
    if isinstance(value, Message):
        return Message("{text} {value}", text=CANARY, value=CANARY)
    if isinstance(value, str):
        return f"{CANARY} {value}"
    if isinstance(value, Path):
        return Path(CANARY) / value.name
    if isinstance(value, tuple):
        return tuple(map(tainted, value))
    if isinstance(value, dict):
        return {key: tainted(each) for key, each in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        kept = ("sha256", "format", "private_digest", "iso_a3", "claimants", "relation", "borders", "home_territory")
        made = {f.name: tainted(getattr(value, f.name)) for f in fields(value) if f.init and f.name not in kept}
        return replace(value, **made)
    return value


@pytest.mark.parametrize("zones", [(), (SAMPLES / "restricted_zone.geojson",)], ids=["border", "zones"])
def test_no_text_of_a_log_or_a_zone_file_is_told(zones):
    """What is told is chosen: whatever text stands anywhere else in a flight or its result stays out."""
    case, _ = case_of(SAMPLES / ("restricted_zone.csv" if zones else "founding_dandong_sinuiju.ulg"), zones=zones)
    statement = Statement(
        "POS-1", Weight.NOTICE, Concern.POSITION, Message(CANARY), Message(CANARY), Message(CANARY), (Message(CANARY),)
    )
    flight = case.flight
    flight = replace(
        flight,
        source=replace(tainted(flight.source), format=flight.source.format),
        vehicle=tainted(flight.vehicle),
        events=tainted(flight.events),
        issues=tainted(flight.issues),
        clock=tainted(flight.clock),
        tracks={name: replace(track, message=CANARY) for name, track in flight.tracks.items()},
        integrity=Integrity(("POS-1",), ("POS-1",), (statement,)),
    )
    result = case.result
    findings = tuple(
        replace(
            tainted(each),
            zone=each.zone if each.zone and each.zone.is_border else replace(tainted(each.zone), kind=each.zone.kind),
        )
        for each in result.findings
    )
    nearest = tuple(replace(near, zone=replace(near.zone, name=CANARY, source=CANARY)) for near in result.nearest)
    result = replace(
        result,
        findings=findings,
        nearest=nearest,
        checks=tainted(result.checks),
        issues=tainted(result.issues),
        zone_files=(*tainted(result.zone_files), ZoneSource(CANARY, "ab" * 32, CANARY, CANARY, covers=(CANARY,))),
        flight=None,
    )
    content = told(flight, result).decode()
    assert "POS-1" in content and "124.765" not in content and "27182" not in content


def coordinates_in(content: bytes, flight: Flight) -> list[str]:
    """List what of a text reads as a latitude or longitude of the flight, however it is written."""
    text = content.decode()
    degrees = np.unique(np.r_[flight.track.lat_deg, flight.track.lon_deg])
    bare = re.sub(r"[0-9a-f]{64}|\d{4}-\d\d-\d\dT[\d:.]+Z", "", text)
    found = []
    for number in map(float, re.findall(r"-?\d+\.\d{3,}", bare)):
        for name, scale in (
            ("degrees", 1.0),
            ("radians", math.pi / 180),
            ("arc minutes", 60.0),
            ("arc seconds", 3600.0),
        ):
            if np.abs(degrees * scale - number).min() < 6e-4 * scale:
                found.append(f"{number} {name}")
    for number in map(int, re.findall(r"\d{7,}", bare)):
        found += [
            f"{number} e7" for scale in (1e5, 1e6, 1e7, 1e8) if np.abs(np.abs(degrees) * scale - number).min() < 500
        ]
    for whole in np.unique(np.floor(np.abs(degrees))):  # degrees and minutes, in words of any kind
        found += re.findall(rf"\b{whole:.0f} ?(?:°|deg|d|:) ?\d", bare)
    for value in degrees[:: max(1, len(degrees) // 50)]:
        for form in ("<d", ">d", "<f", ">f"):
            packed = struct.pack(form, value)
            found += [f"{value} as {form}"] if packed.hex() in text else []
    return found


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.name)
def test_no_log_s_document_holds_a_coordinate_or_a_direction(path):
    case, rows = case_of(path, zones=(SAMPLES / "restricted_zone.geojson",), max_height_m=50.0)
    content = encode_withheld(withheld_document(case.flight, case.result, rows))
    assert len(case.flight.track)
    assert coordinates_in(content, case.flight) == []
    assert coordinates_in(content + rows.disclosure([0]).replace(b"e8", b""), case.flight)  # the search finds one
    for word in FORBIDDEN:
        assert word not in content.decode().casefold()
    for name in (path.name, path.stem, case.flight.vehicle.serial, case.flight.vehicle.firmware):
        assert len(name) < 5 or name not in content.decode()


def test_one_distance_to_one_border_at_most():
    """Two at once, as of a CLEAR flight where three countries meet, would be a place."""
    flight = sealed(
        make_flight(np.linspace(47.55, 47.56, 60), np.full(60, 7.58), dt_s=1.0)
    )  # Basel: France and Germany
    result = dronecheck.check(flight, settings=Settings(home="CHE"))
    assert len({near.zone.id for near in result.nearest if near.zone.is_border}) == 2
    margins = json.loads(told(flight, result))["margins"]
    findings = [f for f in result.findings if f.zone is not None and f.zone.is_border]
    assert len(margins) + len({f.zone.id for f in findings}) == 1


def test_zones_are_numbered_and_their_files_sealed():
    case, rows = case_of(SAMPLES / "restricted_zone.csv", zones=(SAMPLES / "restricted_zone.geojson",))
    content = encode_withheld(withheld_document(case.flight, case.result, rows))
    document = json.loads(content)
    numbers = [each["zone"] for each in document["findings"] if each["kind"] == "zone_entry"]
    assert sorted(set(numbers)) == list(range(1, max(numbers) + 1))
    digest = hashlib.sha256((SAMPLES / "restricted_zone.geojson").read_bytes()).hexdigest()
    assert digest not in content.decode()
    names = [
        feature["properties"]["name"]
        for feature in json.loads((SAMPLES / "restricted_zone.geojson").read_text())["features"]
    ]
    assert names and not any(name in content.decode() for name in names)
    assert rows.sealed_digest(digest) in [each["sealed"] for each in document["files"]]


def test_same_log_same_bytes(published):
    case, rows = case_of(SAMPLES / "founding_dandong_sinuiju.ulg")
    again = encode_withheld(withheld_document(case.flight, case.result, rows)), rows.disclosure([1170, 700, 0, 700])
    assert again == published


def test_the_document_is_of_its_types(published):
    read = msgspec.json.decode(published[0], type=WithheldDocument)
    assert encode_withheld(read) == published[0]
    assert read.leaks == list(map(str, LEAKS))


# its page


@pytest.mark.parametrize("language", ["en", "zh", "ko"])
def test_the_page_says_what_the_document_says_and_no_more(founding, published, language):
    case, _ = founding
    told_document = msgspec.json.decode(published[0], type=WithheldDocument)
    html = withheld_page(told_document, Exhibit("AB/1 <i>", "J. Doe"), language)
    assert coordinates_in(html.encode(), case.flight) == []
    assert "founding" not in html and "<i>" not in html and "AB/1 &lt;i&gt;" in html
    assert told_document.rows.root in html and case.flight.source.sha256 in html
    if language == "en":
        assert "PRK): ENTERED" in html and "1.98 km inside" in html
        for word in FORBIDDEN:
            assert word not in html.casefold()


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.name)
def test_no_log_s_page_holds_a_coordinate_or_a_direction(path):
    case, rows = case_of(path, zones=(SAMPLES / "restricted_zone.geojson",), max_height_m=50.0)
    html = withheld_page(withheld_document(case.flight, case.result, rows))
    assert coordinates_in(html.encode(), case.flight) == []
    assert path.stem not in html
    for word in FORBIDDEN:
        assert word not in html.casefold()
