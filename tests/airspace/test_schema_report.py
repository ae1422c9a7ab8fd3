"""Where a file departs from a published schema: told beside the reading, and never a gate."""

from __future__ import annotations

import json

import pytest

from dronecheck.airspace.json.schema_report import departures
from dronecheck.errors import UnreadableInput, UsageError
from dronecheck.safe.io import open_input

SCHEMA = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "required": ["features"],
    "properties": {"features": {"type": "array", "items": {"$ref": "./feature.json"}}},
}
FEATURE = {
    "type": "object",
    "properties": {"properties": {"oneOf": [{"type": "null"}, {"$ref": "./feature.json#/definitions/zone"}]}},
    "definitions": {
        "zone": {
            "type": "object",
            "required": ["name"],
            "properties": {"kind": {"enum": ["A", "B"]}, "name": {"type": "string", "maxLength": 5}},
        }
    },
}


@pytest.fixture
def schema(tmp_path):
    (tmp_path / "feature.json").write_text(json.dumps(FEATURE))
    path = tmp_path / "whole.json"
    path.write_text(json.dumps(SCHEMA))
    return path


def report(schema, document):
    path = schema.with_name("zones.txt")
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return [(d.place, d.rule, d.count, d.first) for d in departures(open_input(path), schema)]


def features(*properties):
    return {"features": [{"properties": one} for one in properties]}


def test_rules_not_kept_are_counted_by_place(schema):
    found = report(
        schema, features({"name": "ok"}, {"kind": "C", "name": "ok"}, {"kind": "D"}, None, {"name": "too long"})
    )
    assert found == [
        ("features.*.properties.kind", 'is none of ["A", "B"]', 2, 2),
        ("features.*.properties", "lacks name", 1, 3),
        ("features.*.properties.name", "is longer than 5", 1, 5),
    ]


def test_what_keeps_the_rules_has_none(schema):
    assert report(schema, features({"name": "ok"}, None)) == []
    assert report(schema, {}) == [("(document)", "lacks features", 1, None)]


def test_nothing_is_looked_for_elsewhere(schema):
    schema.with_name("feature.json").unlink()
    with pytest.raises(UsageError, match=r"feature\.json, which is not beside it"):
        report(schema, features({"name": "ok"}))
    schema.write_text(json.dumps({"$ref": "../../etc/feature.json"}))
    with pytest.raises(UsageError, match="not beside it"):
        report(schema, features())


@pytest.mark.parametrize("text", ["", "[]", "{", '{"type": 5}', "[" * 100_000])
def test_what_is_no_schema_is_refused(schema, text):
    schema.write_text(text)
    with pytest.raises(UsageError):
        report(schema, features())


@pytest.mark.parametrize("text", ["AC R\n", "{", "[" * 100_000])
def test_only_json_can_be_held_against_one(schema, text):
    with pytest.raises(UnreadableInput):
        report(schema, text)


def test_the_official_examples_keep_the_official_schema(shared):
    schema = shared / "airspace/ed318_schema/Schema_GeoZones.json"
    for path in sorted((shared / "airspace/ed318").glob("official_Example_*.json")):
        assert departures(open_input(path), schema) == []


def test_the_faults_that_the_official_invalid_example_was_given_are_found(shared):
    schema = shared / "airspace/ed318_schema/Schema_GeoZones.json"
    path = shared / "airspace/ed318/official_InvalidExample_GeoZone_2_Layers.json"
    assert {d.place for d in departures(open_input(path), schema)} == {
        "metadata.validFrom",
        "features.*.properties.name.*",
        "features.*.properties.type",
    }
