"""By what a DJI flight record is known as of one flight with the controller's log (`dji_dat`).

From version 6 on the details hold, beside the start (f64 longitude @99, latitude @107, degrees), the take-off's height
by pressure (f32 @267, decimetres), in encrypted records too; the log's home record holds the same three numbers.
"""

from __future__ import annotations

import math
import struct
from dataclasses import replace

from dronecheck.flight import Flight, RecordingKey
from dronecheck.readers.dji_txt.header import encrypted_details, read_header
from dronecheck.safe.io import Input

__all__ = ["with_recording_key"]

_PLACE_AT, _LEVEL_AT = 99, 267
_FIRST_VERSION = 6
_LARGEST_BLOCK = 1 << 16


def with_recording_key(flight: Flight, source: Input) -> Flight:
    """Return the flight with its key; without one where the record does not say it."""
    header = read_header(bytes(source.data[:4096]))
    if header is None or header.version < _FIRST_VERSION or not header.details_at:
        return flight
    end = header.details_at + min(header.details_bytes, _LARGEST_BLOCK)
    block = (
        encrypted_details(bytes(source.data[:_LARGEST_BLOCK]), header)
        if header.is_encrypted
        else bytes(source.data[header.details_at : end])
    )
    if len(block) < _LEVEL_AT + 4:
        return flight
    lon_deg, lat_deg = struct.unpack_from("<dd", block, _PLACE_AT)
    (level_dm,) = struct.unpack_from("<f", block, _LEVEL_AT)
    is_known = abs(lat_deg) <= 90 and abs(lon_deg) <= 180 and (lat_deg, lon_deg) != (0.0, 0.0)
    if not is_known or not math.isfinite(level_dm) or level_dm == 0:
        return flight
    return replace(flight, recording_keys=(RecordingKey(lat_deg, lon_deg, level_dm),))
