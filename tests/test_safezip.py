"""ZIP archives: what zipfile wrote is read back, and what is made to do harm is refused before it is unpacked."""

from __future__ import annotations

import io
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
