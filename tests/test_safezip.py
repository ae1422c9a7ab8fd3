"""ZIP archives: what zipfile wrote is read back, and what is made to do harm is refused before it is unpacked."""

from __future__ import annotations

import io
import mmap
import struct
import tracemalloc
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dronecheck.errors import UnreadableInput
from dronecheck.safe.zip import members_in_head, open_zip
from tests.support.growth import hang_guard
from tests.support.scale import examples


def zipped(files, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def refused(data, suffix=".kml"):
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableInput) as caught, hang_guard():
            archive = open_zip(data)
            for member in archive.named(suffix):
                archive.read(member)
        _, most_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most_bytes < 8 << 20  # nothing was unpacked to find that out
    return caught.value.code


@given(
    files=st.dictionaries(st.text("abc/é.", min_size=1, max_size=9), st.binary(max_size=3000), max_size=6),
    method=st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]),
    comment=st.binary(max_size=200),
)
@settings(max_examples=examples(60), deadline=None)
def test_what_zipfile_writes_is_read(files, method, comment):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.comment = comment.replace(b"PK\x05\x06", b"")
        for name, content in files.items():
            archive.writestr(name, content)
    ours = open_zip(out.getvalue())
    assert {member.name: ours.read(member) for member in ours.members} == files


def test_members_written_as_a_stream_without_sizes_before_them():
    class Unseekable(io.RawIOBase):
        def __init__(self):
            self.parts = []

        def writable(self):
            return True

        def write(self, data):
            self.parts.append(bytes(data))
            return len(data)

    out = Unseekable()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("doc.kml", b"<kml/>" * 99)
    ours = open_zip(b"".join(out.parts))
    assert ours.read(ours.named(".kml")[0]) == b"<kml/>" * 99


def test_suffixes():
    archive = open_zip(zipped(dict.fromkeys(("a.KML", "__MACOSX/b.kml", "c/.kml", "d/e.f/g", "h.kml/"), b"")))
    assert [member.name for member in archive.named(".kml")] == ["a.KML"]
    assert members_in_head(zipped({"x.png": b"1", "doc.kml": b"2"})) == (".png", ".kml")
    assert members_in_head(b"<kml>") == members_in_head(b"") == ()


ZEROS = bytes(9 << 20)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (zipped({"doc.kml": ZEROS}), "zip_bomb"),
        (zipped({"doc.kml": b" " * (97 << 20)}), "zip_too_large"),
        (zipped({f"{n}.kml": b"" for n in range(5000)}, zipfile.ZIP_STORED), "zip_too_large"),
        # a member that claims to be small and is not
        (zipped({"doc.kml": ZEROS}).replace(struct.pack("<I", len(ZEROS)), struct.pack("<I", 100)), "zip_damaged"),
        (zipped({"doc.kml": b"x" * 99})[:-30], "zip_damaged"),
        (zipped({"doc.kml": b"x" * 99}).replace(b"PK\x01\x02", b"PK\x01\x00"), "zip_damaged"),
        (zipped({"doc.kml": b"x" * 99}, zipfile.ZIP_STORED).replace(b"xxx", b"xyx"), "zip_damaged"),
        (b"PK\x03\x04", "zip_damaged"),
        (b"", "zip_damaged"),
    ],
    ids=[
        "bomb",
        "large",
        "many",
        "lying",
        "cut",
        "no directory",
        "changed",
        "magic alone",
        "empty",
    ],  # not the bytes: ZIPs hold the time
)
def test_refusals(data, code):
    assert refused(data) == code


def test_many_members_that_are_each_just_small_enough():
    content = bytes(range(256)) * (60 << 12)  # 60 MiB, compressed by less than the limit? zipfile decides: stored
    data = zipped({f"{n}.kml": content[: 60 << 20] for n in range(1)}, zipfile.ZIP_STORED)
    archive = open_zip(data)
    (member,) = archive.members
    archive.read(member)
    archive.read(member)
    with pytest.raises(UnreadableInput) as caught:  # 180 MiB of the same bytes are not unpacked either
        archive.read(member)
    assert caught.value.code == "zip_too_large"


def test_an_encrypted_member_is_told():
    data = bytearray(zipped({"doc.kml": b"x" * 99}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert refused(bytes(data)) == "zip_encrypted"


@given(st.binary(max_size=400), st.integers(0, 400))
@settings(max_examples=examples(200), deadline=None)
def test_any_bytes(noise, at):
    data = zipped({"doc.kml": b"<kml/>" * 20, "b.png": b"1234"})
    at = min(at, len(data))
    for hostile in (noise, data[:at] + noise + data[at + len(noise) :]):
        try:
            archive = open_zip(hostile)
            for member in archive.members:
                assert len(archive.read(member)) == member.size_bytes
        except UnreadableInput:
            pass
        members_in_head(hostile)


def ended(count, directory_bytes, at):
    return struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, directory_bytes, at, 0)


def test_a_directory_larger_than_any_is_refused_before_it_is_read():
    entry = zipped({"a.kml": b""})
    entry = entry[entry.index(b"PK\x01\x02") : entry.index(b"PK\x05\x06")]
    directory = entry * 500_000
    data = directory + ended(60_000, len(directory), 0)
    tracemalloc.start()
    try:
        assert refused(data) == "zip_too_large"
        assert tracemalloc.get_traced_memory()[1] < 8 << 20  # the end record is looked for in a copy of 64 KiB
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_cannot_be_bounded_are_refused(method):
    assert refused(zipped({"doc.kml": b"x" * 99}, method)) == "zip_damaged"


def test_members_that_share_their_bytes_are_refused():
    """The zip bomb of D. Fifield (2019): every entry of the directory points to one member."""
    data = zipped({"a.kml": b"x" * 999, "b.kml": b"y" * 999})
    second = data.rindex(b"PK\x01\x02")
    assert refused(data[: second + 42] + struct.pack("<I", 0) + data[second + 46 :]) == "zip_damaged"


def test_an_archive_in_a_mapped_file_is_read_without_a_copy(tmp_path):
    path = tmp_path / "big.kmz"
    path.write_bytes(zipped({"doc.kml": b"<kml/>", "picture.png": bytes(9 << 20)}, zipfile.ZIP_STORED))
    with path.open("rb") as handle, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as data:
        tracemalloc.start()
        try:
            archive = open_zip(data)
            assert archive.read(archive.named(".kml")[0]) == b"<kml/>"
            assert tracemalloc.get_traced_memory()[1] < 2 << 20
        finally:
            tracemalloc.stop()
