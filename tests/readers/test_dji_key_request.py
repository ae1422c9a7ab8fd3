"""The request for a record's keys: equal to another program's byte for byte, and bounded whatever the bytes."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import struct
from pathlib import Path

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydjirecord import DJILog

from dronecheck.errors import UnreadableInput
from dronecheck.readers.dji_txt.keys.keychain import Keychains, parse_keychains
from dronecheck.readers.dji_txt.keys.storage import KeyRequest, NeedsNoKeys, read_key_request
from dronecheck.safe.io import Input, open_input
from tests.support.growth import assert_linear
from tests.support.key_records import KEY, SEGMENT, encrypted, key_piece, pieces, record
from tests.support.scale import examples

MINI_4_PRO = "rembish__pydjirecord__DJIFlightRecord_2024-09-01_[14-55-49].txt"


def request_of(data: bytes) -> KeyRequest:
    return read_key_request(Input(Path("DJIFlightRecord.txt"), data, hashlib.sha256(data).hexdigest()))


def theirs(data: bytes) -> bytes:
    """What pydjirecord (MIT) would send, byte for byte."""
    body = DJILog.from_bytes(data).keychains_request().to_dict()
    return httpx.Request("POST", "https://dev.dji.com", json=body).read()


def features(request: KeyRequest) -> list[list[int]]:
    return [list(segment) for segment in request.segments]


def test_the_request_is_that_of_another_program(shared):
    paths = sorted((shared / "dji13").glob("*.txt"))
    assert len(paths) == 6
    for path in [*paths, shared / "logs" / "dji_txt" / MINI_4_PRO]:
        assert read_key_request(open_input(path)).to_json() == theirs(path.read_bytes()), path.name


def test_the_request_of_the_real_record_is_the_known_one(shared):
    """Two other programs send exactly this."""
    request = read_key_request(open_input(shared / "logs" / "dji_txt" / MINI_4_PRO))
    assert hashlib.sha256(request.to_json()).hexdigest().startswith("75ca84ea69857bc0")
    assert (request.count, request.damaged, request.category, request.department) == (10, 0, 4, 3)


@pytest.mark.parametrize("version", [13, 14])
@pytest.mark.parametrize("is_closed", [True, False])
@pytest.mark.parametrize("block", [(3, 1, 0), (4, 7, 0x12), (4, 0, 0), (4, 200, 9), (9, 8, 1)])
def test_made_records_give_the_same_request_as_well(version, is_closed, block):
    made = pieces([[1, 2, 5, 11, 13, 10], [1, 7], [], [5, 1, 99, 15]])
    data = encrypted(made, version=version, block=struct.pack("<HBB", *block), is_closed=is_closed)
    request = request_of(data)
    assert request.to_json() == theirs(data)
    assert features(request) == [[1, 2, 5, 11, 13, 10], [1, 7], [], [5, 1, 99, 15]]


def test_nothing_but_keys_goes_out():
    document = json.loads(request_of(encrypted(pieces([[1, 7]]))).to_json())
    assert sorted(document) == ["department", "keychainsArray", "version"]
    for at, number in enumerate((1, 7)):
        entry = document["keychainsArray"][0][at]
        assert sorted(entry) == ["aesCiphertext", "featurePoint"]
        assert base64.b64decode(entry["aesCiphertext"]) == key_piece(number)[1][4:]


@pytest.mark.parametrize(("version", "category"), [(13, 3), (14, 4)])
@pytest.mark.parametrize("block", [None, b"\0\0\0\0"])
def test_a_record_that_does_not_say_its_category_is_of_its_versions(version, category, block):
    request = request_of(encrypted(pieces([[1]]), version=version, block=block))
    assert (request.category, request.department, features(request)) == (category, 3, [[1]])


@pytest.mark.parametrize("version", [1, 6, 7, 8, 11, 12])
def test_a_record_that_is_not_encrypted_needs_no_keys(version):
    header = struct.pack("<QHB", 4096, 436, version).ljust(100, b"\0")
    with pytest.raises(NeedsNoKeys, match=f"version {version} is not encrypted: it needs no keys"):
        request_of(header + bytes(5000))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no DJI flight record"),
        (bytes(500), "no DJI flight record"),
        (b"time,lat,lon\n" * 100, "no DJI flight record"),
        (encrypted([]), "there is no key record in it"),
        (encrypted([(1, b"x" * 64)] * 5), "there is no key record in it"),
        (encrypted(pieces([[1]]))[:820], "its key records are damaged"),
        (encrypted(pieces([[1]]))[:809], "there is no key record in it"),
        (encrypted(pieces([[1]]))[:850], "its key records are damaged"),
        (encrypted([key_piece(1, b"")]), "its key records are damaged"),
        (encrypted([key_piece(0)]), "its key records are damaged"),
        (encrypted([(KEY, struct.pack("<HH", 1, 300) + bytes(256))]), "its key records are damaged"),
        (encrypted([key_piece(number) for number in range(1, 102)]), "more than 100 keys in one segment"),
        (encrypted([key_piece(1), *[(SEGMENT, bytes(8))] * 1000]), "more than 1000 segments"),
    ],
)
def test_what_gives_no_request_says_why(data, said):
    with pytest.raises(UnreadableInput, match=said):
        request_of(data)


def test_pictures_behind_the_records_are_no_records():
    picture = b"\xff\xd8\xff\xe0" + record(SEGMENT, bytes(8)) * 3 + record(*key_piece(9)) + b"\xff\xd9"
    data = encrypted(pieces([[1, 7]]), end=b"\x39\x30\x00\x00" + picture)
    assert features(request_of(data)) == [[1, 7]]


def test_a_key_record_that_is_hurt_is_counted_and_not_sent():
    whole = [record(kind, content) for kind, content in pieces([[1, 2, 7]])]
    at = [number for number, one in enumerate(whole) if one[0] == KEY][1]
    hurt = bytearray(whole[at])
    hurt[-2] ^= 1
    request = request_of(encrypted([], end=b"".join([*whole[:at], bytes(hurt), *whole[at + 1 :]])))
    assert (features(request), request.damaged) == ([[1, 7]], 1)


@pytest.mark.parametrize("lost", [1, 3, 64, 700, 5000])
@pytest.mark.parametrize("seed", range(5))
def test_damage_between_records_costs_no_key(lost, seed):
    made = [record(kind, content) for kind, content in pieces([[1, 2, 5], [1, 7, 13]], others=8)]
    chance = random.Random(seed)
    for at in sorted((chance.randrange(2, len(made)) for _ in range(4)), reverse=True):
        made.insert(at, chance.randbytes(lost))
    assert features(request_of(encrypted([], end=b"".join(made)))) == [[1, 2, 5], [1, 7, 13]]


def test_a_length_that_is_wrong_does_not_hide_what_follows():
    made = [bytearray(record(kind, content)) for kind, content in pieces([[1, 2, 7]], others=6)]
    made[3][1:3] = struct.pack("<H", 60_000)
    made[9][1:3] = struct.pack("<H", 5)
    assert features(request_of(encrypted([], end=b"".join(map(bytes, made))))) == [[1, 2, 7]]


@settings(max_examples=examples(150), deadline=None)
@given(st.binary(max_size=400), st.integers(0, 1200), st.integers(0, 60))
def test_any_bytes_give_a_request_or_a_reason(noise, at, cut):
    data = encrypted(pieces([[1, 2], [7]]))
    data = data[:at] + noise + data[at + cut :]
    try:
        request = request_of(data)
    except (UnreadableInput, NeedsNoKeys):
        return
    assert json.loads(request.to_json())["keychainsArray"]


FRONT = encrypted(pieces([[1]]), end=b"")


@pytest.mark.parametrize(
    "make",
    [
        lambda n: FRONT + bytes(n),
        lambda n: FRONT + b"\xfe" * n,
        lambda n: FRONT + b"\x38\x00\x00\xff" * (n // 4),
        lambda n: FRONT + b"\x01\x02\x00\x00\x00\xff\x00" * (n // 7),
        lambda n: FRONT + (b"\0" * 40 + record(1, b"x" * 8) * 2) * (n // 64),
        lambda n: FRONT + (b"\x38\xff\x7f" + b"\xff" * 300) * (n // 303),
        lambda n: FRONT + random.Random(1).randbytes(n),
    ],
    ids=["zeros", "fe", "empty", "short", "islands", "long", "noise"],
)
def test_the_walk_is_linear(make):
    assert_linear(request_of, make, 100_000, 800_000)


# ---- keys are tried on the record


@pytest.fixture
def kept(shared):
    """Records with keys of their own, and these keys."""
    paths = sorted((shared / "dji13").glob("*.txt"))
    return {
        path.stem: (
            read_key_request(open_input(path)),
            parse_keychains(path.with_suffix(".keychains.json").read_bytes(), path.name),
        )
        for path in paths
    }


def test_keys_open_their_own_record_and_no_other(kept):
    assert len(kept) == 6
    for name, (request, _) in kept.items():
        for other, (_, keys) in kept.items():
            assert (request.unfit(keys) == "") is (name == other), (name, other)


def test_segments_that_are_swapped_do_not_open(kept):
    request, keys = kept["v14_seg2"]
    first, second = keys.segments
    assert request.unfit(Keychains((second, first))) == (
        "the keys for segment 1 do not open its position records: they are of another one"
    )
    assert "segment 2 do not open" in request.unfit(Keychains((first, first)))
    assert request.unfit(Keychains((first,))) == "it has keys for 1 segments, the record has 2"


def test_what_is_missing_is_named_once(kept):
    request, keys = kept["v14_seg2"]
    without = Keychains(tuple({n: key for n, key in segment.items() if n not in (7, 13)} for segment in keys.segments))
    assert request.unfit(without) == "" and request.missing(without) == ["DJIFlyCustom_7", "Battery_13"]
    base = Keychains(tuple({n: key for n, key in segment.items() if n != 1} for segment in keys.segments))
    assert request.unfit(base) == "segment 1 has no key for Base_1, and without it there is no position"
