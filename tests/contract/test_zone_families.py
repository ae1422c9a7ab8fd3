"""The families of zone formats: light faces, none of which loads or imports another; what was lost is a fact."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from dronecheck import airspace
from dronecheck.airspace import ZONE_READERS, load_zones
from dronecheck.airspace.zone import Incomplete
from dronecheck.errors import UnreadableInput
from dronecheck.issues import Code
from dronecheck.safe.io import Input
from tests.fuzz.zone_files import gis_samples, samples
from tests.support.scale import loops

PACKAGE = Path(airspace.__file__).parent
FAMILIES = {module.partition(".")[0] for module in ZONE_READERS.values()} | {"ed", "maker"}
ALLOWED = {("json", "ed"), ("json", "maker")}  # the one reader of JSON hands over to them


def imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        names = [node.module] if isinstance(node, ast.ImportFrom) else []
        names += [f"{node.module}.{one.name}" for one in node.names] if isinstance(node, ast.ImportFrom) else []
        names += [one.name for one in node.names] if isinstance(node, ast.Import) else []
        yield from (name for name in names if name and name.startswith("dronecheck.airspace."))


def test_no_family_imports_another():
    found = set()
    for path in PACKAGE.rglob("*.py"):
        family = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        for name in imports(path):
            other = name.split(".")[2]
            if other in FAMILIES and other != family and family != "__init__":
                found.add((family, other))
    assert found == ALLOWED


LISTED = """
import sys
from dronecheck.airspace import load_zones
load_zones(sys.argv[1])
print(*sorted(m for m in sys.modules if m.startswith("dronecheck.airspace.")))
"""


def below_faces(modules):
    faces = {"dronecheck.airspace." + module for module in ZONE_READERS.values()}
    parents = {face.rpartition(".")[0] for face in faces} | {"dronecheck.airspace.aixm.comments"}
    return {m.split(".")[2] for m in modules if m.split(".")[2] in FAMILIES and m not in faces | parents}


def test_a_file_loads_its_own_family_only(repo):
    found = sorted((repo / "samples/zones").iterdir())
    seen = set()
    for path in found:
        if path.suffix in (".py", ".md"):
            continue
        run = subprocess.run([sys.executable, "-c", LISTED, str(path)], capture_output=True, text=True, check=True)
        families = below_faces(run.stdout.split())
        assert len(families - {"ed", "maker"}) == 1, (path.name, families)
        assert families <= {"json", "ed"} or len(families) == 1, (path.name, families)
        seen |= families
    assert seen >= {"json", "ed", "openair", "aixm", "kml"}


def test_faces_load_nothing_heavy():
    code = (
        "import sys; from dronecheck.airspace import ZONE_READERS, load_reader;"
        "[load_reader(name).sniff(b'{', 'x') for name in ZONE_READERS];"
        "heavy = ('numpy', 'shapely', 'msgspec', 'zipfile', 'yaml');"
        "print(*sorted(m for m in sys.modules if m.split('.')[0] in heavy))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""


# facts -----------------------------------------------------------------------------------------------------------


def counted(zones):
    """What the fields must say, by the issues that tell people the same."""
    skipped = sum(issue.count for issue in zones.issues if issue.code is Code.ZONE_SKIPPED)
    return skipped, (Incomplete.UNREADABLE,) if skipped else ()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return samples() + gis_samples(tmp_path_factory.mktemp("gis"))


def damaged(data):
    """The bytes as they are, cut, and with parts of them changed."""
    yield data
    for eighth in range(1, 8, loops(1, 3)):
        at = len(data) * eighth // 8
        yield data[:at]
        yield data[:at] + b"#" * 16 + data[at + 16 :]
    for digit in b"147"[: loops(3, 1)]:
        yield data.replace(bytes([digit]), b"x", 40)


def test_what_was_skipped_is_a_field_of_every_readers_zones(whole, tmp_path):
    seen = set()
    for name, data in whole:
        for broken in damaged(data):
            source = Input(Path(name), broken, "0" * 64)
            try:
                zones = airspace.read_input(source)
            except UnreadableInput:
                continue
            assert (zones.skipped, zones.incomplete) == counted(zones), name
            assert zones.format in ZONE_READERS
            seen.add((zones.format, bool(zones.skipped)))
            (tmp_path / name).write_bytes(broken)
            again = load_zones([tmp_path / name, tmp_path / name])
            assert (again.skipped, again.incomplete) == (2 * zones.skipped, zones.incomplete)
    assert {one for one, _ in seen} == set(ZONE_READERS)
    assert len([one for one, is_skipped in seen if is_skipped]) >= 6
