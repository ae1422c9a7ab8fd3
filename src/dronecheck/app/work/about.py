"""What the program is: its version, the data in it with their editions and licences, the formats that it reads."""

from __future__ import annotations

import platform
import tomllib
from functools import cache

from dronecheck.safe.data_files import data_dir

__all__ = ["about"]


@cache
def about() -> dict[str, object]:
    """Return version, data and formats, for the page."""
    from dronecheck.airspace import ZONE_READERS, load_reader
    from dronecheck.readers import READERS, load
    from dronecheck.report.json.encode import tool_version

    found = [(each.NAME, each.TITLE) for each in map(load, READERS)]
    found += [(each.NAME, each.TITLE) for each in map(load_reader, ZONE_READERS)]
    return {
        "version": tool_version(),
        "python": platform.python_version(),
        "data": _data(),
        "formats": [{"name": name, "title": title} for name, title in found],
    }


def _data() -> list[dict[str, str]]:
    found = []
    for path in sorted(data_dir().rglob("SOURCE.toml")):
        source = tomllib.loads(path.read_text("utf-8"))
        found.append(
            {
                "name": str(source.get("title") or source.get("name") or path.parent.name),
                "edition": str(source.get("edition") or source.get("version") or ""),
                "licence": str(source.get("licence") or source.get("license") or ""),
            }
        )
    return found
