"""Keychain files: the forms that people have, and what is refused with which words."""

from __future__ import annotations

import base64
import json

import pytest
from pydjirecord.keychain import Keychain
from pydjirecord.keychain.api import _parse_data

from dronecheck.errors import UsageError
from dronecheck.readers.dji_txt.keys.keychain import FEATURES, FeatureKey, Keychains, feature_point, parse_keychains

KEY, IV = bytes(range(32)), bytes(range(100, 116))
OTHER_KEY, OTHER_IV = bytes(range(200, 232)), bytes(range(16))


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def entry(number: int = 1, key: bytes | str | None = KEY, iv: bytes | str | None = IV) -> dict[str, object]:
    return {
        "featurePoint": feature_point(number),
        "aesKey": b64(key) if isinstance(key, bytes) else key,
        "aesIv": b64(iv) if isinstance(iv, bytes) else iv,
    }


def parse(document: object) -> Keychains:
    return parse_keychains(json.dumps(document).encode(), "keys.json")


DATA = [[entry(1), entry(7, OTHER_KEY, OTHER_IV)], [entry(1, OTHER_KEY, IV)]]
WANTED = Keychains(
    ({1: FeatureKey(KEY, IV), 7: FeatureKey(OTHER_KEY, OTHER_IV)}, {1: FeatureKey(OTHER_KEY, IV)}),
)


@pytest.mark.parametrize(
    "document",
    [
        DATA,
        {"result": {"code": 0, "msg": "success"}, "data": DATA},
        {"data": DATA},
        [{"1": [b64(IV), b64(KEY)], "7": [b64(OTHER_IV), b64(OTHER_KEY)]}, {"1": [b64(IV), b64(OTHER_KEY)]}],
        [{feature_point(1): [b64(IV), b64(KEY)], "7": [b64(OTHER_IV), b64(OTHER_KEY)]}, [entry(1, OTHER_KEY, IV)]],
    ],
)
def test_every_form_gives_the_same_keys(document):
    assert parse(document) == WANTED
    assert parse_keychains(b"\xef\xbb\xbf" + json.dumps(document, indent=1).encode(), "keys.json") == WANTED


def test_the_keys_are_those_that_another_reader_finds(shared):
    """pydjirecord (MIT) takes the same files."""
    files = sorted((shared / "dji13").glob("*.keychains.json"))
    assert len(files) == 6
    for path in files:
        found = parse_keychains(path.read_bytes(), path.name)
        theirs = [Keychain.from_feature_points(group) for group in _parse_data(json.loads(path.read_bytes()))]
        assert len(found.segments) == len(theirs)
        for mine, other in zip(found.segments, theirs, strict=True):
            assert {number: (key.iv, key.key) for number, key in mine.items()} == other._map


def test_no_key_is_ever_shown():
    shown = repr(parse(DATA)) + str(parse(DATA).segments[0][1])
    assert "FeatureKey(...)" in shown
    for raw in (KEY, IV, OTHER_KEY, OTHER_IV):
        assert b64(raw) not in shown and repr(raw)[2:-1] not in shown and raw.hex() not in shown


def test_a_feature_without_a_key_is_left_out():
    document = [[entry(1), entry(5, None, None), entry(6, "", ""), {"featurePoint": feature_point(10)}], []]
    assert parse(document) == Keychains(({1: FeatureKey(KEY, IV)}, {}))


def test_features_have_the_names_of_the_service():
    assert [feature_point(number) for number in (1, 7, 15)] == [
        "FR_Standardization_Feature_Base_1",
        "FR_Standardization_Feature_DJIFlyCustom_7",
        "FR_Standardization_Feature_Security_15",
    ]
    assert feature_point(99) == "FR_Standardization_Feature_Unknown_99"
    assert list(FEATURES) == list(range(1, 16))
    assert set(parse([[entry(99)]]).segments[0]) == {99}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no JSON"),
        (b"\xff\xfe\x00", "no JSON in UTF-8"),
        (b"key,iv\n", "no JSON (line 1, column 1)"),
        (b'[[{"featurePoint": ', "no JSON"),
        (b"[" * 100_000, "nested too deep"),
        (b"7" * 5000, "no JSON"),
        (b"null", "an array of segments is wanted, null is there"),
        (b"12", "a number is there"),
        (b'"keys"', "a text is there"),
        (b"{}", "an object is there"),
        (b'{"result": {"code": 0}, "data": null}', "null is there"),
        (b'{"result": {"code": 7, "msg": "no such app"}}', "the service's refusal: code 7, no such app"),
        (b"[]", "there is no key in it"),
        (b"[[], []]", "there is no key in it"),
        (b"[5]", "segment 1: an array or an object of features is wanted, a number is there"),
        (b"[[], [7]]", "segment 2: each entry must be an object with featurePoint, aesKey and aesIv"),
        (b'[{"1": ["AA=="]}]', "segment 1, feature 1: [IV, key] is wanted"),
        (b'[{"1": [], "1": []}]', "'1' stands twice in one object"),
        (b'[{"1": ["", "AA=="], "01": ["", "AA=="]}]', "the key has 1 bytes; 32 are wanted"),
        (b" " * ((4 << 20) + 1), "larger than any keychain file"),
        (b"[" + b"[]," * 1000 + b"[]]", "1001 segments; no record has more than 1000"),
    ],
)
def test_what_is_no_keychain_is_refused_with_the_reason(content, said):
    with pytest.raises(UsageError) as raised:
        parse_keychains(content, "keys.json")
    assert str(raised.value).startswith("keys.json: ") and said in str(raised.value)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (entry(key=KEY[:31]), "segment 1, feature 1: the key has 31 bytes; 32 are wanted"),
        (entry(key=IV, iv=KEY), "the key has 16 bytes; 32 are wanted"),
        (entry(iv=IV + b"0"), "the IV has 17 bytes; 16 are wanted"),
        (entry(key=None), "the key is no base64"),
        (entry(iv=None), "the IV is no base64"),
        (entry(key=b64(KEY)[:-1] + "?"), "the key is no base64"),
        (entry(key=b64(KEY).rstrip("=")), "the key is no base64"),
        (entry(key="\u00e9" * 44), "the key is no base64"),
        ({**entry(), "aesKey": 5}, "the key is no base64"),
        ({**entry(), "aesKey": 0, "aesIv": 0}, "the key is no base64"),
        ({**entry(), "featurePoint": "FR_Standardization_Feature_Base"}, "names no feature"),
        ({**entry(), "featurePoint": 1}, "names no feature"),
        ({**entry(), "featurePoint": "Base_0"}, "names no feature"),
        ({**entry(), "featurePoint": "Base_70000"}, "names no feature"),
        ({**entry(), "featurePoint": "Base_\u0661"}, "names no feature"),
        ({**entry(), "featurePoint": "\u202e_\x1b[31m"}, "\\u202e"),
    ],
)
def test_a_broken_entry_is_named_and_its_key_is_not(broken, said):
    with pytest.raises(UsageError) as raised:
        parse([[broken]])
    told = str(raised.value)
    assert said in told and told.isprintable()
    assert b64(KEY)[:12] not in told and b64(IV)[:12] not in told


def test_a_feature_twice_in_a_segment_is_refused():
    for document in ([[entry(1), entry(1, OTHER_KEY)]], [{"1": [b64(IV), b64(KEY)], "x_01": [b64(IV), b64(KEY)]}]):
        with pytest.raises(UsageError, match="segment 1: feature 1 stands there twice"):
            parse(document)


def test_more_features_than_there_can_be_are_refused():
    with pytest.raises(UsageError, match="more than 100 features"):
        parse([[entry(number) for number in range(1, 102)]])
