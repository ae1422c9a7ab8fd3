"""Encrypted DJI flight records, written by the tests with keys of their own: what keys open, and what they do not."""

from __future__ import annotations

import json
import random
import struct

import numpy as np
import pytest

from dronecheck.errors import UnreadableInput, UsageError
from dronecheck.flight import Completeness
from dronecheck.geofence.engine import check
from dronecheck.geofence.result import Reason, Verdict
from dronecheck.geofence.settings import Settings
from dronecheck.issues import Code, Remedy, Severity
from dronecheck.readers import read
from dronecheck.readers.dji_txt.locked import aes
from dronecheck.safe.io import hash_file
from tests.support.dji_writer import SAMPLE, Lock, plain_records, sample_record

OSD, HOME, CUSTOM, GIMBAL, SOMETHING = 1, 2, 5, 3, 99
COUNT = 700


@pytest.fixture(scope="module")
def records():
    return plain_records()


@pytest.fixture(scope="module")
def whole():
    return read(SAMPLE)


def found(flight, code):
    return [issue for issue in flight.issues if issue.code is code]


def damage(flight):
    return [issue for issue in flight.issues if issue.severity is Severity.DAMAGE]


def is_refused(path, **given):
    """The header is all that is told: no position of the track."""
    try:
        flight = read(path, **given)
    except UnreadableInput as error:
        return error.code == "dji_txt_encrypted"
    return not len(flight.track)


@pytest.mark.parametrize("version", [13, 14])
def test_the_flight_is_that_of_the_plain_record(version, whole, tmp_path):
    data, lock = sample_record(version)
    flight = read(lock.save(tmp_path / "a.txt", data))
    assert flight.source.dialect == f"version {version}"
    assert flight.completeness is Completeness.COMPLETE
    for name in ("time_ns", "lat_deg", "lon_deg", "alt_home_m", "speed_mps", "h_sigma_m"):
        assert np.array_equal(getattr(flight.track, name), getattr(whole.track, name)), name
    assert flight.track.offset.tolist() == [at for at in lock.offsets if at in set(flight.track.offset.tolist())]
    assert {data[at] for at in flight.track.offset.tolist()} == {OSD}
    assert [event.text for event in flight.events] == [event.text for event in whole.events]
    assert (flight.vehicle, flight.home) == (whole.vehicle, whole.home)
    assert [issue.severity for issue in found(flight, Code.KEYS_USED)] == [Severity.INFO]


@pytest.mark.parametrize("version", [13, 14])
def test_the_category_goes_before_the_version(records, whole, version, tmp_path):
    lock = Lock(version, category=27 - version - 10)
    data = lock.write(records)
    assert data[10] == version
    flight = read(lock.save(tmp_path / "a.txt", data))
    assert not damage(flight)
    assert np.array_equal(flight.track.lat_deg, whole.track.lat_deg)


def test_keys_are_found_where_they_are_said_to_lie(records, home, tmp_path):
    lock = Lock()
    path = lock.save(tmp_path / "a.txt", lock.write(records[:COUNT]))
    beside = tmp_path / "a.keychains.json"
    count = len(read(path).track)
    elsewhere = tmp_path / "keys"
    elsewhere.mkdir()
    beside.rename(elsewhere / beside.name)
    assert is_refused(path)
    assert len(read(path, dji_keychain=elsewhere).track) == count
    assert len(read(path, dji_keychain=elsewhere / beside.name).track) == count
    folder = home / "dji-keychains"
    folder.mkdir(parents=True)
    (elsewhere / beside.name).rename(folder / f"{hash_file(path)}.json")
    assert is_refused(path, dji_keychain=elsewhere) is False
    assert len(read(path).track) == count


@pytest.mark.parametrize("text", ["", "[", "{}", '[[{"featurePoint": "Base_1", "aesKey": "AA==", "aesIv": "AA=="}]]'])
def test_a_file_that_holds_no_keys_is_the_users_mistake(records, text, tmp_path):
    lock = Lock()
    path = lock.save(tmp_path / "a.txt", lock.write(records[:COUNT]))
    (tmp_path / "a.keychains.json").write_text(text)
    with pytest.raises(UsageError, match=r"a\.keychains\.json"):
        read(path)


def test_the_keys_of_another_record_open_nothing(records, tmp_path):
    ours, other = Lock(seed=1), Lock(seed=2)
    data = ours.write(records[:COUNT])
    other.write(records[:COUNT])
    assert is_refused(ours.save(tmp_path / "a.txt", data, other.keychains()))
    keys = tmp_path / "other.json"
    keys.write_text(json.dumps(other.keychains()))
    path = ours.save(tmp_path / "b.txt", data)
    flight = read(path, dji_keychain=keys)  # those beside the record fit
    assert len(flight.track)
    assert [issue.severity for issue in found(flight, Code.KEYS_UNFIT)] == [Severity.WARNING]


def test_a_key_for_the_positions_that_is_missing_leaves_the_header(records, tmp_path):
    lock = Lock()
    data = lock.write(records[:COUNT])
    keys = [[entry for entry in lock.keychains()[0] if not entry["featurePoint"].endswith("_1")]]
    assert is_refused(lock.save(tmp_path / "a.txt", data, keys))


def test_a_missing_feature_costs_its_records_only(records, whole, tmp_path):
    lock = Lock()
    data = lock.write(records)
    keys = [[entry for entry in lock.keychains()[0] if not entry["featurePoint"].endswith("_7")]]
    flight = read(lock.save(tmp_path / "a.txt", data, keys))
    assert np.array_equal(flight.track.lat_deg, whole.track.lat_deg)
    assert np.abs(flight.track.time_ns - whole.track.time_ns).max() < 0.3e9  # by the start in the header
    (missing,) = found(flight, Code.KEYS_MISSING)
    assert (missing.severity, missing.message.values) == (Severity.INFO, {"feature": "DJIFlyCustom"})
    assert missing.count == sum(kind in (CUSTOM, 9, 10, 24) for kind, _ in records)
    assert not damage(flight)


def test_a_wrong_key_of_one_feature_costs_its_records_only(records, whole, tmp_path):
    lock, other = Lock(seed=1), Lock(seed=2)
    data = lock.write(records)
    other.write(records)
    keys = lock.keychains()[0]
    keys = [e if not e["featurePoint"].endswith("_7") else o for e, o in zip(keys, other.keychains()[0], strict=True)]
    flight = read(lock.save(tmp_path / "a.txt", data, [keys]))
    assert np.array_equal(flight.track.lat_deg, whole.track.lat_deg)
    assert found(flight, Code.KEYS_UNFIT)[0].message.values["feature"] == "DJIFlyCustom"
    assert not damage(flight)


SEGMENTS = (2000, 3500)


@pytest.fixture(scope="module")
def parted(records):
    lock = Lock(segments=SEGMENTS)
    return lock, lock.write(records)


def test_every_segment_has_keys_of_its_own(parted, whole, tmp_path):
    lock, data = parted
    flight = read(lock.save(tmp_path / "a.txt", data))
    assert len(lock.keychains()) == 3
    assert np.array_equal(flight.track.lat_deg, whole.track.lat_deg)
    assert np.array_equal(flight.track.time_ns, whole.track.time_ns)
    assert not damage(flight)


@pytest.mark.parametrize("missing", [0, 1, 2])
@pytest.mark.parametrize("wrong", [False, True])
def test_a_segment_without_its_keys_costs_its_own_records_and_is_told(parted, records, whole, missing, wrong, tmp_path):
    lock, data = parted
    keys = lock.keychains()
    keys[missing] = keys[missing - 1] if wrong else []
    if missing == 2 and not wrong:
        keys.pop()
    flight = read(lock.save(tmp_path / "a.txt", data, keys))
    begin, end = (0, *SEGMENTS, len(records))[missing : missing + 2]
    lost = range(lock.offsets[begin], lock.offsets[end - 1] + 1)
    left = places(read(lock.save(tmp_path / "b.txt", data)), lost)
    assert places(flight) == left
    (told,) = [i for i in flight.issues if i.code in (Code.KEYS_MISSING, Code.KEYS_UNFIT) and number(i) == missing + 1
               and i.severity is Severity.WARNING and i.message.values.get("feature", "Base") == "Base"]  # fmt: skip
    assert told.count >= sum(kind == OSD for kind, _ in records[begin:end])
    assert told.offset in lost
    if missing == 2:
        assert flight.ends_airborne
        assert found(flight, Code.ENDS_IN_FLIGHT)[0].remedy is Remedy.DECRYPT


def places(flight, but=range(0)):
    track = flight.track
    rows = zip(track.offset.tolist(), track.lat_deg.tolist(), track.lon_deg.tolist(), strict=True)
    return [row for row in rows if row[0] not in but]


def number(issue):
    return issue.message.values.get("number")


def test_segments_swapped_open_nothing(parted, tmp_path):
    lock, data = parted
    assert is_refused(lock.save(tmp_path / "a.txt", data, lock.keychains()[1:] + lock.keychains()[:1]))


@pytest.mark.parametrize("version", [13, 14])
@pytest.mark.parametrize("feature", [1, 7])
def test_a_kind_that_no_list_has_is_learned_from_its_paddings(records, whole, version, feature, tmp_path):
    mixed = []
    for at, record in enumerate(records):
        mixed += [record, (SOMETHING, bytes([at % 251] * 11))] if at % 25 == 24 else [record]
    lock = Lock(version, feature_of={SOMETHING: feature})
    flight = read(lock.save(tmp_path / "a.txt", lock.write(mixed)))
    assert np.array_equal(flight.track.lat_deg, whole.track.lat_deg)
    assert np.array_equal(flight.track.time_ns, whole.track.time_ns)
    assert not damage(flight)


def test_one_record_of_a_kind_that_no_list_has_is_learned_from_what_it_spoils(records, whole, tmp_path):
    at = next(i for i, (kind, _) in enumerate(records) if kind == OSD and i > 3000)
    lock = Lock(feature_of={SOMETHING: 1})
    flight = read(lock.save(tmp_path / "a.txt", lock.write([*records[:at], (SOMETHING, b"?"), *records[at:]])))
    assert np.array_equal(flight.track.lat_deg, whole.track.lat_deg)
    assert not damage(flight)


def test_kinds_of_doubt_are_tried_and_plain_ones_left_alone(records, whole, tmp_path):
    mixed = []
    for at, record in enumerate(records):
        mixed.append(record)
        mixed += [(253, b"a"), (254, bytes(40)), (57, bytes(7)), (62, bytes(17))] if at % 40 == 39 else []
        mixed += [(60, bytes(range(32)))] if at % 300 == 299 else []
    lock = Lock(plain=frozenset((60,)))
    flight = read(lock.save(tmp_path / "a.txt", lock.write(mixed)))
    assert np.array_equal(flight.track.lat_deg, whole.track.lat_deg)
    assert np.array_equal(flight.track.time_ns, whole.track.time_ns)
    assert not damage(flight)


PICTURE, THUMBNAIL = b"\xff\xd8" + bytes(300) + b"\xff\xd9", b"\xff\xd8" + bytes(20) + b"\xff\xd9"


@pytest.mark.parametrize(("cut", "code"), [(0, None), (5, Code.TRUNCATED), (-5, Code.BYTES_SKIPPED)])
def test_pictures_behind_the_records_are_no_loss_and_their_loss_is_told(records, cut, code, tmp_path):
    lock = Lock(pictures=(PICTURE, PICTURE), thumbnails=(THUMBNAIL, THUMBNAIL))
    data = lock.write(records[:COUNT])
    data = data[:-cut] if cut > 0 else data + bytes(-cut)
    assert [issue.code for issue in damage(read(lock.save(tmp_path / "a.txt", data)))] == ([code] if code else [])


def test_a_record_that_was_never_closed(records, whole, tmp_path):
    lock = Lock(is_closed=False)
    flight = read(lock.save(tmp_path / "a.txt", lock.write(records)))
    assert flight.completeness is Completeness.TRUNCATED
    assert np.array_equal(flight.track.lat_deg, whole.track.lat_deg)


def test_a_lost_record_costs_itself_and_at_most_the_next_of_its_feature(records, whole, tmp_path):
    lock = Lock()
    data = bytearray(lock.write(records))
    at = next(i for i, (kind, _) in enumerate(records) if kind == OSD and i > 3000)
    size = struct.unpack_from("<H", data, lock.offsets[at] + 1)[0]
    data[lock.offsets[at] + 2 + size] ^= 0x10  # the check byte
    flight = read(lock.save(tmp_path / "a.txt", bytes(data)))
    lost = set(whole.track.lat_deg.tolist()) - set(flight.track.lat_deg.tolist())
    assert len(whole.track) - len(flight.track) <= 2
    assert 1 <= len(lost) <= 2
    assert set(flight.track.lat_deg.tolist()) <= set(whole.track.lat_deg.tolist())
    assert {issue.code for issue in damage(flight)} == {Code.BAD_RECORD}
    assert flight.completeness is Completeness.DAMAGED


def test_flipped_bits_give_no_place_where_nobody_was_and_are_told(records, whole, tmp_path):
    source, lock = random.Random(4), Lock()
    data = bytearray(lock.write(records))
    for _ in range(40):
        data[source.randrange(lock.offsets[0], len(data) - 4)] ^= 1 << source.randrange(8)
    flight = read(lock.save(tmp_path / "a.txt", bytes(data)))
    assert set(flight.track.lat_deg.tolist()) <= set(whole.track.lat_deg.tolist())
    assert 0 < len(whole.track) - len(flight.track) <= 100
    assert sum(issue.count for issue in damage(flight)) >= 30


def test_half_a_file_is_read_to_its_end(records, whole, tmp_path):
    lock = Lock()
    data = lock.write(records)
    flight = read(lock.save(tmp_path / "a.txt", data[: len(data) // 2]))
    count = len(flight.track)
    assert count > len(whole.track) // 3
    assert np.array_equal(flight.track.lat_deg, whole.track.lat_deg[:count])
    assert flight.completeness is not Completeness.COMPLETE and flight.ends_airborne


def test_a_hole_gives_no_place_where_nobody_was(records, whole, tmp_path):
    lock = Lock()
    data = lock.write(records)
    middle = len(data) // 2
    flight = read(lock.save(tmp_path / "a.txt", data[:middle] + data[middle + 700 :]))
    assert set(flight.track.lat_deg.tolist()) <= set(whole.track.lat_deg.tolist())
    assert 0 < len(whole.track) - len(flight.track) <= 10
    assert {Code.BYTES_SKIPPED, Code.BAD_RECORD} & {issue.code for issue in damage(flight)}


@pytest.mark.parametrize("place", [100.0, 800_000.0])
def test_a_home_that_is_not_known_is_none(records, place, tmp_path):
    lock = Lock()
    mixed = [(kind, struct.pack("<dd", place, place) + body[16:] if kind == HOME else body) for kind, body in records]
    flight = read(lock.save(tmp_path / "a.txt", lock.write(mixed[:COUNT])))
    assert flight.home is None
    assert not damage(flight)


def test_numpy_alone_decrypts_alike(records, monkeypatch, tmp_path):
    key = bytes(range(32))  # FIPS-197, C.3
    block = np.frombuffer(bytes.fromhex("8ea2b7ca516745bfeafc49904b496089"), dtype=np.uint8).reshape(1, 16)
    source = np.random.default_rng(5)
    blocks = source.integers(0, 256, (5000, 16), dtype=np.uint8)
    by_package = aes.decrypt_blocks(key, blocks)
    lock = Lock()
    path = lock.save(tmp_path / "a.txt", lock.write(records[:COUNT]))
    expected = places(read(path))
    monkeypatch.setattr(aes, "find_spec", lambda name: None)
    assert aes.decrypt_blocks(key, block).tobytes().hex() == "00112233445566778899aabbccddeeff"
    assert np.array_equal(aes.decrypt_blocks(key, blocks), by_package)
    monkeypatch.setattr(aes, "_with_cryptography", None)
    assert places(read(path)) == expected


def test_a_key_is_shown_nowhere(records, tmp_path):
    lock = Lock()
    flight = read(lock.save(tmp_path / "a.txt", lock.write(records[:COUNT])))
    keys = {entry["aesKey"] for entry in lock.keychains()[0]} | {entry["aesIv"] for entry in lock.keychains()[0]}
    said = " ".join(str(issue.message) for issue in flight.issues)
    assert not any(key in said for key in keys)


def test_positions_without_a_key_leave_no_answer_clear_that_they_could_change(parted, tmp_path):
    lock, data = parted
    keys = lock.keychains()
    whole = check(read(lock.save(tmp_path / "a.txt", data)), settings=Settings(allow={"PRK"}, max_height_m=5000))
    assert whole.verdict is Verdict.CLEAR
    for missing in range(3):
        left = [[] if at == missing else one for at, one in enumerate(keys)]
        flight = read(lock.save(tmp_path / "b.txt", data, left))
        assert flight.unread_s > 60
        result = check(flight, settings=Settings(home="CHN", max_height_m=5000))
        open_ones = [one for one in result.checks if Reason.POSITIONS_UNREAD in one.reasons]
        assert {one.verdict for one in open_ones} == {Verdict.INCONCLUSIVE}
        assert result.verdict is not Verdict.CLEAR


@pytest.mark.parametrize("share", [0.3, 0.85])
def test_a_segment_whose_begin_is_lost_counts_as_unread(records, share, tmp_path):
    first = int(share * len(records))
    lock = Lock(segments=(first,))
    data = lock.write(records)
    begin = data.index(struct.pack("<BH", 50, 22), lock.offsets[first - 1])
    path = lock.save(tmp_path / "a.txt", data[:begin] + data[begin + 26 :], lock.keychains()[:1])
    flight = read(path)
    if not len(flight.track):
        assert is_refused(path)
        return
    assert flight.track.offset[-1] < begin
    assert flight.unread_s > 30
