"""Choosing a zone reader by content: over all zone readers and all real files, without naming either."""

from __future__ import annotations

import ast
import random
from pathlib import Path

import pytest

from dronecheck import airspace
from dronecheck.airspace import ZONE_READERS, choose, load_reader
from dronecheck.errors import UnreadableInput
from tests.support.scale import loops

MODULES = [load_reader(name) for name in ZONE_READERS]
FORMATS = {
    "geojson": "geojson", "openair": "openair", "ed269": "ed269", "ed318": "ed318", "kml": "kml", "yaixm": "yaixm",
    "aixm51": "aixm", "aixm45": "aixm45",
}  # folder: reader  # fmt: skip
NO_FILES = ("Partial", "yaixm_schema")  # fragments and rules of the documentation


def files(folder):
    return sorted(p for p in folder.rglob("*") if p.is_file() and p.name != "MANIFEST.csv")


def test_names_and_titles():
    for name, module in zip(ZONE_READERS, MODULES, strict=True):
        assert name == module.NAME
        assert module.TITLE
        assert module.OFFSETS in ("line", "feature")


def test_every_format_has_a_table_of_what_is_read():
    package = Path(airspace.__file__).parent
    tables = [ast.get_docstring(ast.parse(path.read_text())) or "" for path in package.rglob("*.py")]
    heads = ("| in the file |", "| record |", "| element |", "| in the archive |", "| property |")
    described = [doc for doc in tables if any(f"\n{head}" in doc for head in heads)]
    assert len(described) >= len(ZONE_READERS)


@pytest.mark.parametrize("folder", sorted(set(FORMATS) & set(ZONE_READERS)))
def test_every_real_zone_file_goes_to_its_reader_whatever_its_name(shared, folder):
    found, expected = files(shared / "airspace" / folder), load_reader(FORMATS[folder])
    assert found
    for path in found:
        head = path.read_bytes()[: 64 << 10]
        if any(part in path.name for part in NO_FILES):
            continue
        for name in (path.name, "zones", "flight.csv", "x.geojson", "x.txt"):
            assert choose(head, name) is expected, (path.name, name)


def test_no_flight_log_is_a_zone_file(shared):
    for path in files(shared / "logs"):
        head = path.read_bytes()[: 64 << 10]
        assert not any(module.sniff(head, path.name) for module in MODULES), path.name


def test_random_bytes_and_text_belong_to_nobody():
    source = random.Random(20260101)
    for number in range(loops(5_000)):
        blob = source.randbytes(number % 300)
        assert not any(module.sniff(blob, "x.txt") for module in MODULES), blob
        text = "".join(source.choices('0123456789.,;:-+ *\t\r\nabcACDPN"$[](){}<>/', k=number % 500)).encode()
        assert not any(module.sniff(text, "x.txt") for module in MODULES), text


def test_every_cut_of_a_head_is_sniffed_without_an_error(shared):
    for path in files(shared / "airspace"):
        head = path.read_bytes()[:3000]
        for cut in (*range(0, min(len(head), 200), 7), *range(200, len(head), 501)):
            assert all(0 <= module.sniff(head[:cut], path.name) <= 100 for module in MODULES)


@pytest.mark.parametrize("text", ["", "hello", "PK\x03\x04", "<html>", "\x00" * 500, "[]", "17"])
def test_a_file_that_is_none_is_refused_and_told_what_can_be_read(text):
    with pytest.raises(UnreadableInput) as caught:
        choose(text.encode(), "x")
    assert caught.value.code == "not_a_zone_file"
    assert all(module.TITLE in caught.value.message for module in MODULES)


def test_a_tie_names_both(monkeypatch):
    fake = {"one": 90, "two": 90, "three": 20}
    monkeypatch.setattr(airspace, "ZONE_READERS", tuple(fake))
    monkeypatch.setattr(
        airspace, "load_reader", lambda name: type("R", (), {"NAME": name, "sniff": lambda *_: fake[name]})
    )
    with pytest.raises(UnreadableInput) as caught:
        choose(b"x" * 100, "x")
    assert caught.value.code == "ambiguous_format"
    assert "one and two" in caught.value.message
