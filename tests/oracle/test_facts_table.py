"""All files of the set: each is read as what an independent script says it is, or refused as what its bytes are."""

import pytest

from dronecheck.errors import UnreadableInput
from dronecheck.readers import read
from tests.oracle import facts_table
from tests.support.scale import by_size

if not facts_table.LOGS.is_dir():
    pytest.skip(f"real logs are not at {facts_table.LOGS}", allow_module_level=True)
FILES = facts_table.manifest()
FORMATS = facts_table.formats()


def is_known(path):
    return path in FORMATS or facts_table.is_encrypted(path) or bool(facts_table.is_no_log(path))


def test_the_table_covers_every_file():
    on_disk = {path for path in facts_table.LOGS.rglob("*") if path.is_file() and path.name != "MANIFEST.csv"}
    assert set(FILES) == on_disk
    assert [path.name for path in FILES if not is_known(path)] == []


@pytest.mark.parametrize("path", by_size(FILES), ids=lambda path: path.name)
def test_every_file_is_read_as_what_it_is(path):
    """That positions, times and heights are the same is for the tests of each format."""
    why = facts_table.is_no_log(path)
    if why:
        with pytest.raises(UnreadableInput) as caught:
            read(path)
        assert caught.value.code == why
        return
    flight = read(path)
    if facts_table.is_encrypted(path):
        assert flight.header is not None and not len(flight.track)
        return
    assert flight.source.format == FORMATS[path]
