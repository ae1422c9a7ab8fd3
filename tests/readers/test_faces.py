"""A reader's face: all that others know of a format, and nothing that only its own files need."""

import json
import shutil
import subprocess
import sys

import pytest

from dronecheck.flight import Source
from dronecheck.readers import READERS, load, may_be_log, offset_unit, records_arming
from tests.fuzz.formats import FORMATS, SAMPLES, read, sample

SCRIPT = """
import json, sys
from dronecheck.__main__ import main
sys.argv = ["dronecheck", "check", sys.argv[1]]
try:
    main()
except SystemExit:
    pass
print(json.dumps([name for name in sys.modules if name.startswith("dronecheck.readers.")]))
"""
FAMILY = {label: label.split()[0].replace("csv", "csvlog") for label in FORMATS}


def test_every_reader_has_a_sample():
    assert set(FAMILY.values()) == set(READERS)


@pytest.mark.parametrize("label", FORMATS)
def test_a_check_loads_the_reader_of_its_own_format_alone(label, tmp_path):
    alone = tmp_path / FORMATS[label]  # beside its subtitles a film would be read with them
    shutil.copy(SAMPLES / FORMATS[label], alone)
    command = [sys.executable, "-c", SCRIPT, str(alone)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
    loaded = json.loads(done.stdout.splitlines()[-1])
    own = [] if label == "film" else [f"dronecheck.readers.{FAMILY[label]}.reader"]  # media check reads films
    assert [name for name in loaded if name.endswith(".reader")] == own
    if load(FAMILY[label]).IS_TEXT:
        assert not [
            name for name in loaded if name.startswith(("dronecheck.readers.tlog.", "dronecheck.readers.ulog."))
        ]


def test_the_registry_needs_no_numbers():
    code = "import sys; from dronecheck.readers import READERS, load; [load(n).TITLE for n in READERS]; "
    code += "assert 'numpy' not in sys.modules and not [n for n in sys.modules if n.endswith('.reader')]"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=600)


@pytest.mark.parametrize("name", READERS)
def test_the_facts_of_a_face(name):
    face = load(name)
    assert face.OFFSETS in ("byte", "line")
    assert face.SUFFIXES and all(s == s.lower() and s.startswith(".") for s in face.SUFFIXES)
    assert face.IS_TEXT or face.OFFSETS == "byte"
    assert not (face.IS_TEXT and face.TEXT_DIALECTS)
    # read twice: the first call loads the module behind the face, which must not take its place
    for _ in range(2):
        assert callable(face.read)
        label = next(label for label, family in FAMILY.items() if family == name)
        assert read(label, sample(label)).source.format == face.NAME


@pytest.mark.parametrize("label", FORMATS)
def test_offsets_count_what_the_face_says(label):
    data = sample(label)
    flight = read(label, data)
    last = int(flight.track.offset.max())
    if offset_unit(flight.source) == "line":
        assert last <= data.count(b"\n") + 1
    else:
        assert data.count(b"\n") + 1 < last < len(data) or not load(FAMILY[label]).IS_TEXT


def test_a_format_of_somebody_else_counts_lines_and_arms_nothing():
    source = Source(SAMPLES, 0, "", "of another program", "", "")
    assert (offset_unit(source), records_arming(source)) == ("line", False)


@pytest.mark.parametrize(
    ("code", "name", "expected"),
    [
        ("html", "flight.ulg", False),
        ("truncated", "flight.bin", True),
        ("unknown_format", "flight.TLOG", True),
        ("unknown_format", "notes.docx", False),
        ("unknown_table", "flight.csv", True),
        ("unknown_table", "", False),
    ],
)
def test_what_may_be_a_damaged_log(code, name, expected):
    assert may_be_log(code, name) is expected
