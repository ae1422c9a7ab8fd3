"""What the formats of logs are called: names of products, which no language translates."""

from __future__ import annotations

from dronecheck.flight import Source
from dronecheck.report.text.words import Words

__all__ = ["format_words"]

_FORMAT_WORDS = {
    "ulog": "PX4 ULog",
    "dataflash": "ArduPilot DataFlash",
    "tlog": "MAVLink telemetry",
    "csv": "{title}, CSV",
    "srt": "DJI subtitles",
    "film": "film with a track of its camera",
    "gpx": "GPX",
    "igc": "IGC",
    "dji_txt": "DJI flight record",
    "dji_dat": "DJI controller log",
    "zll": "ZLL phone app log",
}
_DIALECT_WORDS = {  # those that have a name of their own
    ("dataflash", "text"): "ArduPilot DataFlash, as text",
    ("dataflash", "px4"): "PX4 sdlog2",
    ("tlog", "raw"): "MAVLink telemetry without receive times",
    ("film", "djmd"): "DJI film",
    ("gpx", "kml"): "KML track",
}
_VERSIONS = {"gpx": "{name} {version}", "dji_txt": "{name}, {version}"}


def format_words(source: Source, say: Words) -> str:
    """Return what a log's format is called, as people know it: Airdata, CSV; DJI flight record, version 14."""
    name = say(_DIALECT_WORDS.get((source.format, source.dialect)) or _FORMAT_WORDS.get(source.format, source.format))
    if source.format == "csv":
        return say(name, title=_table_title(source.dialect))
    if source.format in _VERSIONS and source.dialect and (source.format, source.dialect) not in _DIALECT_WORDS:
        return _VERSIONS[source.format].format(name=name, version=source.dialect)
    return name


def _table_title(dialect: str) -> str:
    from dronecheck.readers.csvlog.dialects import dialects

    return next((known.title for known in dialects() if known.id == dialect), dialect)
