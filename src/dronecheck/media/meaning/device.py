"""Which device made a shot: maker, model, serials."""

from __future__ import annotations

import re

from dronecheck.media.fields import FieldsByName

__all__ = ["is_dji", "maker_of", "model_of", "serials_of"]

_MAKERS = ("IFD0/Make", "tiff:Make", "exif:Make", "com.apple.quicktime.make", "©mak", "com.android.manufacturer")
_MODELS = (
    "IFD0/Model", "tiff:Model", "com.apple.quicktime.model", "©mdl", "com.android.model", "UniqueCameraModel",
    "Insta360Model", "MINF", "FLIR/CameraModel", "1-1-10",
)  # fmt: skip
_SERIALS = (
    "BodySerialNumber", "exifEX:BodySerialNumber", "aux:SerialNumber", "CameraSerialNumber", "LensSerialNumber",
    "drone-dji:CameraSerialNumber", "drone-dji:DroneSerialNumber", "drone-dji:DroneID", "drone-dji:LensSerialNumber",
    "drone-dji:SensorSN", "sensor_id", "DLS:Serial", "drone-skydio:VehicleId", "drone-parrot:SerialNumber",
    "Camera:SerialNumber", "drone-autel:SerialNumber", "CASN", "SerialNumber", "Insta360Serial", "1-1-5", "2-2-3-1",
    "©uid", "com.android.serial",
    "com.parrot.serial", "com.parrot.camera.serial", "com.parrot.thermal.camserial", "LENS",
    "FLIR/CameraSerialNumber", "FLIR/LensSerialNumber", "GPMF/CASN",
    "aux:LensSerialNumber", "exifEX:LensSerialNumber",
)  # fmt: skip
_NO_SERIAL = re.compile(r"[0\s]*|n/?a|none|unknown", re.IGNORECASE)


def maker_of(told: FieldsByName) -> str | None:
    """Return the maker as it is written."""
    maker = told.text(*_MAKERS)
    if maker is None and told.first("1-1-1") is not None:
        return "DJI"
    if maker is None and told.first("Insta360Serial") is not None:
        return "Insta360"
    return "GoPro" if maker is None and told.first("CASN", "SerialNumber", "DEVC/DVNM", "GUMI") is not None else maker


def model_of(told: FieldsByName) -> str | None:
    """Return the model as it is written."""
    return told.text(*_MODELS)


def is_dji(told: FieldsByName) -> bool:
    """Tell whether DJI's own metadata or name stand in the file: its heights have no datum that could be relied on."""
    maker = (maker_of(told) or "").upper()
    return maker.startswith(("DJI", "HASSELBLAD")) or told.first(
        "drone-dji:RelativeAltitude", "drone-dji:AbsoluteAltitude", "drone-dji:GpsLatitude"
    ) is not None  # fmt: skip


def serials_of(told: FieldsByName) -> tuple[str, ...]:
    """Return every serial of the device and its parts once, in the order of what decides; junk bytes as hex."""
    found = []
    for one in told.every(*_SERIALS):
        value = one.value
        if isinstance(value, bytes):
            value = value.rstrip(b"\0").hex()
        text = str(value).strip().strip("\0") if value is not None else ""
        if (text and not text.isprintable()) or "\\x" in text:
            text = text.encode("utf-8", "replace").hex()
        if not _NO_SERIAL.fullmatch(text):
            found.append(text)
    return tuple(dict.fromkeys(found))
