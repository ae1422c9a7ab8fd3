"""What the edits' writers write is what the formats' own libraries read, and nothing else than was meant changed."""

from __future__ import annotations

import io
import random
import struct
from pathlib import Path

import numpy as np
import pytest

from tests.edits import logs
from tests.edits.editable import ESTIMATE, RECEIVER, Editable
from tests.edits.kinds import KINDS
from tests.edits.scene import Scene, is_place
from tests.support.scale import FULL

SAMPLES = [path for path in logs.samples() if path.suffix.lower() != ".dat" and "ZLL" not in path.name]
BY_NAME = {kind.name: kind for kind in KINDS}


def scene_of(path: Path, seed: int = 1) -> Scene:
    log = logs.take_apart(path, path.read_bytes())
    assert log is not None
    scene = Scene.of(log, random.Random(seed))
    assert scene is not None
    return scene


def made(path: Path, kind: str) -> tuple[Scene, bytes]:
    scene = scene_of(path)
    log = BY_NAME[kind].make(scene)
    assert log is not None
    return scene, log.encode()


def _tried(path: Path) -> bool:
    return FULL or path.stat().st_size < 400_000


@pytest.mark.parametrize("path", [p for p in [*SAMPLES, *logs.real_logs()] if _tried(p)], ids=lambda p: p.name)
def test_a_log_that_is_not_edited_is_written_as_it_was(path: Path) -> None:
    data = path.read_bytes()
    log = logs.take_apart(path, data)
    if log is None:
        pytest.skip("no writer knows this log")
    assert log.encode() == data
    order = np.arange(len(log.records))
    assert log.take(order).encode() == data


def test_pyulog_reads_a_moved_section_and_all_else_as_it_was(tmp_path: Path) -> None:
    ulog = pytest.importorskip("pyulog").ULog
    path = logs.SAMPLES / "founding_dandong_sinuiju.ulg"
    scene, edited = made(path, "receiver alone moved 2000 m, abruptly")
    (tmp_path / "edited.ulg").write_bytes(edited)
    old, new = ulog(str(path)), ulog(str(tmp_path / "edited.ulg"))
    differing = {
        (topic.name, name)
        for topic in old.data_list
        for name, values in topic.data.items()
        if not np.array_equal(values, new.get_dataset(topic.name).data[name], equal_nan=values.dtype.kind == "f")
    }
    assert differing == {("sensor_gps", "latitude_deg"), ("sensor_gps", "longitude_deg")}
    before, after = (log.get_dataset("sensor_gps").data for log in (old, new))
    inside = (before["timestamp"] / 1e6 >= scene.begin_s) & (before["timestamp"] / 1e6 <= scene.end_s)
    north = (after["latitude_deg"] - before["latitude_deg"]) * 111_195
    east = (after["longitude_deg"] - before["longitude_deg"]) * 111_195 * np.cos(np.radians(40.1))
    assert np.allclose(np.hypot(north, east)[inside], 2000, atol=5)
    assert not north[~inside].any()


def _dataflash(path: Path) -> list[dict[str, object]]:
    reader = pytest.importorskip("pymavlink.DFReader").DFReader_binary(str(path))
    rows = []
    while (message := reader.recv_msg()) is not None:
        rows.append({"kind": message.get_type(), **message.to_dict()})
    reader.data_map.close()
    reader.filehandle.close()
    return rows


def test_pymavlink_reads_a_span_that_was_cut_out_of_a_dataflash_log_and_closed(tmp_path: Path) -> None:
    path = logs.SAMPLES / "founding_dandong_sinuiju.bin"
    _, edited = made(path, "span cut out, all clocks closed")
    (tmp_path / "edited.bin").write_bytes(edited)
    old, new = ([r for r in _dataflash(p) if r["kind"] == "GPS"] for p in (path, tmp_path / "edited.bin"))
    assert len(old) - len(new) == pytest.approx(100, abs=2)  # 20 s of five a second
    steps = np.diff([row["TimeUS"] for row in new])
    assert steps.max() < 450_000
    assert old[-1]["TimeUS"] - new[-1]["TimeUS"] == 20_000_000
    assert old[-1]["GMS"] - new[-1]["GMS"] == 20_000
    assert old[-1]["Lat"] == new[-1]["Lat"]


def _mavlink(data: bytes) -> list[tuple[int, object]]:
    """Stamps and messages as pymavlink parses them: it checks every checksum."""
    dialect = pytest.importorskip("pymavlink.dialects.v20.ardupilotmega")
    link, at, found = dialect.MAVLink(io.BytesIO()), 0, []
    while at < len(data):
        head = data[at + 8 : at + 18]
        size = head[1] + (8 if head[0] == 0xFE else 12)
        found.append((struct.unpack_from(">Q", data, at)[0], link.decode(bytearray(data[at + 8 : at + 8 + size]))))
        at += 8 + size
    return found


@pytest.mark.parametrize(
    "kind", ["moved 300 m with velocities", "block copied over another place", "span cut out, left open"]
)
def test_pymavlink_finds_every_checksum_right_and_no_number_missing(kind: str) -> None:
    path = logs.SAMPLES / "founding_dandong_sinuiju.tlog"
    _, edited = made(path, kind)
    by_sender: dict[tuple[int, int], list[int]] = {}
    for _, message in _mavlink(edited):
        header = message.get_header()  # type: ignore[attr-defined]
        by_sender.setdefault((header.srcSystem, header.srcComponent), []).append(header.seq)
    for numbers in by_sender.values():
        assert set(np.diff(numbers) % 256) <= {1}


def test_velocities_are_those_of_the_moved_places() -> None:
    scene = scene_of(logs.SAMPLES / "founding_dandong_sinuiju.bin")
    log = BY_NAME["moved 2000 m with velocities"].make(scene)
    assert log is not None
    told = next(c for c in log.of("speed"))
    places = Scene(log, scene.begin_s, scene.end_s, scene.rng)
    north, east = places.velocity_at(log.axis_s[told.rows])
    assert np.percentile(np.abs(np.hypot(north, east) - told.values), 90) < 2.5
    assert told.values.max() > 60.0


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: p.name)
def test_dronecheck_reads_every_edit_and_finds_its_form_whole(path: Path) -> None:
    """Edits leave a file in valid form: none is told by damage."""
    scene = scene_of(path)
    before = {issue.code for issue in logs.read(path, path.read_bytes()).issues}
    for kind in KINDS if FULL else KINDS[::5]:
        log = kind.make(scene)
        if log is not None:
            flight = logs.read(path, log.encode())
            damage = [i for i in flight.issues if i.severity == "DAMAGE" and i.code not in before]
            assert not [i for i in damage if "checksum" in str(i.message) or "skipped" in i.code.value], kind.name


def test_one_source_of_two_is_edited_and_the_other_is_not() -> None:
    for name in ("founding_dandong_sinuiju.ulg", "founding_dandong_sinuiju.tlog", "founding_dandong_sinuiju.log"):
        scene = scene_of(logs.SAMPLES / name)
        log = BY_NAME["estimate alone moved 300 m, eased"].make(scene)
        assert isinstance(log, Editable)
        assert all(np.array_equal(c.values, c.given, equal_nan=True) for c in log.of("lat", source=RECEIVER))
        assert any((c.values != c.given)[is_place(c)].any() for c in log.of("lat", source=ESTIMATE))
