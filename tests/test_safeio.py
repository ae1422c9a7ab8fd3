"""Bytes in and out: odd inputs refused at once, writing all or nothing, text made safe."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dronecheck.errors import UnreadableInput, UsageError
from dronecheck.safe import io as safeio


def test_a_file_is_read_whole_and_hashed(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"abc" * 1000)
    source = safeio.open_input(path)
    assert (source.size_bytes, source.name) == (3000, "a.bin")
    assert source.sha256 == hashlib.sha256(b"abc" * 1000).hexdigest() == safeio.hash_file(path)


def test_large_files_are_mapped(tmp_path, monkeypatch):
    monkeypatch.setattr(safeio, "MAP_ABOVE_BYTES", 10)
    path = tmp_path / "a.bin"
    path.write_bytes(b"0123456789abcdef")
    source = safeio.open_input(path)
    assert not isinstance(source.data, bytes)
    assert source.head == b"0123456789abcdef"
    assert source.sha256 == safeio.hash_file(path)


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda p: p.mkdir(), "not_a_file"),
        (lambda p: p.write_bytes(b""), "empty"),
        (lambda p: os.mkfifo(p), "not_a_file"),
        (lambda p: p.symlink_to("/dev/zero"), "not_a_file"),
    ],
)
def test_what_is_no_file_is_refused_at_once(tmp_path, make, code):
    path = tmp_path / "x"
    make(path)
    with pytest.raises(UnreadableInput) as caught:
        safeio.open_input(path)
    assert caught.value.code == code
    assert "\n" not in caught.value.message


def test_a_missing_file_is_the_users_mistake(tmp_path):
    with pytest.raises(UsageError, match="no such file"):
        safeio.open_input(tmp_path / "none.ulg")


@pytest.mark.parametrize("name", ["'log.ulg'", '"log.ulg"', "\u201clog.ulg\u201d"])
def test_quotes_around_a_name_are_told(tmp_path, name, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "log.ulg").write_bytes(b"x")
    with pytest.raises(UsageError, match="leave them out"):
        safeio.open_input(Path(name))
    (tmp_path / name).write_bytes(b"x")  # a file may be called so
    assert safeio.open_input(Path(name)).data == b"x"


def test_an_address_is_told_from_a_path(tmp_path):
    (tmp_path / "log.ulg").write_bytes(b"x")
    with pytest.raises(UsageError, match="leave out file://"):
        safeio.open_input(Path((tmp_path / "log.ulg").as_uri()))


def test_writing_is_all_or_nothing(tmp_path):
    path = tmp_path / "deep" / "out.json"
    with pytest.raises(UsageError, match="no folder"):
        safeio.write_atomic(path, b"one")
    safeio.make_folder(path.parent)
    safeio.write_atomic(path, b"one")
    safeio.write_atomic(path, b"two")
    assert path.read_bytes() == b"two"
    assert [p.name for p in path.parent.iterdir()] == ["out.json"]
    with pytest.raises(UsageError, match="no folder"):
        safeio.write_atomic(path / "below.json", b"x")
    with pytest.raises(UsageError, match="a file, not a folder"):
        safeio.make_folder(path)


def test_a_full_disk_leaves_nothing_under_the_final_name(tmp_path):
    code = (
        "import resource, signal, sys; from pathlib import Path; from dronecheck.safe import io as safeio\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try: safeio.write_atomic(Path(sys.argv[1]), b'x' * 5000)\n"
        "except safeio.UsageError: sys.exit(9)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "out")], check=False)
    assert done.returncode == 9
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "hostile", ["a\x1b[31mb", "a\rb", "a\nb", "a\u202eb", "a\u2066b", "a\x00b", "a\x9bb", "\ud800", "a\u2028b"]
)
def test_no_control_reaches_the_terminal(hostile):
    shown = safeio.plain(hostile)
    assert shown.isprintable()
    assert shown.encode("utf-8")
    assert "\\" in shown


def test_ordinary_text_of_any_script_stays_as_it_is():
    assert safeio.plain("丹东 신의주 Zürich <b>") == "丹东 신의주 Zürich <b>"
    assert len(safeio.plain("x" * 1000)) == 301
