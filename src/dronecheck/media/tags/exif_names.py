"""Names of TIFF, EXIF and GPS tags (CIPA DC-008-2023, TIFF 6.0, Adobe DNG 1.7): those that say something of a shot."""

from __future__ import annotations

__all__ = ["tag_name"]

_NAMES = {
    0x0100: "ImageWidth", 0x0101: "ImageLength", 0x010D: "DocumentName", 0x010E: "ImageDescription", 0x010F: "Make",
    0x0110: "Model", 0x0112: "Orientation", 0x0131: "Software", 0x0132: "DateTime", 0x013B: "Artist",
    0x013C: "HostComputer", 0x0201: "JPEGInterchangeFormat", 0x0202: "JPEGInterchangeFormatLength", 0x02BC: "XMP",
    0x4746: "Rating", 0x8298: "Copyright", 0x829A: "ExposureTime", 0x829D: "FNumber", 0x83BB: "IPTC",
    0x8649: "Photoshop", 0x8773: "ICCProfile", 0x8822: "ExposureProgram", 0x8827: "PhotographicSensitivity",
    0x8830: "SensitivityType", 0x882A: "TimeZoneOffset", 0x9000: "ExifVersion", 0x9003: "DateTimeOriginal",
    0x9004: "DateTimeDigitized", 0x9010: "OffsetTime", 0x9011: "OffsetTimeOriginal", 0x9012: "OffsetTimeDigitized",
    0x9201: "ShutterSpeedValue", 0x9202: "ApertureValue", 0x9204: "ExposureBiasValue", 0x9206: "SubjectDistance",
    0x9207: "MeteringMode", 0x9208: "LightSource", 0x9209: "Flash", 0x920A: "FocalLength", 0x927C: "MakerNote",
    0x9286: "UserComment", 0x9290: "SubSecTime", 0x9291: "SubSecTimeOriginal", 0x9292: "SubSecTimeDigitized",
    0x9C9B: "XPTitle", 0x9C9C: "XPComment", 0x9C9D: "XPAuthor", 0x9C9E: "XPKeywords", 0x9C9F: "XPSubject",
    0xA001: "ColorSpace", 0xA002: "PixelXDimension", 0xA003: "PixelYDimension", 0xA20E: "FocalPlaneXResolution",
    0xA20F: "FocalPlaneYResolution", 0xA210: "FocalPlaneResolutionUnit", 0xA402: "ExposureMode",
    0xA404: "DigitalZoomRatio", 0xA405: "FocalLengthIn35mmFilm", 0xA406: "SceneCaptureType", 0xA40B: "DeviceSetting",
    0xA420: "ImageUniqueID", 0xA430: "CameraOwnerName", 0xA431: "BodySerialNumber", 0xA432: "LensSpecification",
    0xA433: "LensMake", 0xA434: "LensModel", 0xA435: "LensSerialNumber", 0xA480: "GDALMetadata",
    0xA481: "GDALNoData", 0xC612: "DNGVersion", 0xC614: "UniqueCameraModel", 0xC62F: "CameraSerialNumber",
    0xC634: "DNGPrivateData", 0xC65D: "RawDataUniqueID", 0xC68B: "OriginalRawFileName", 0xC6FE: "PreviewDateTime",
    0xC71B: "PreviewDateTime", 0xA436: "ImageTitle", 0xA437: "Photographer", 0xA438: "ImageEditor",
    0xA439: "CameraFirmware", 0x0128: "ResolutionUnit", 0x0111: "StripOffsets", 0x0117: "StripByteCounts",
    0x00FE: "NewSubfileType", 0x0103: "Compression", 0x0144: "TileOffsets", 0x0145: "TileByteCounts",
}  # fmt: skip
_GPS_NAMES = (
    "GPSVersionID", "GPSLatitudeRef", "GPSLatitude", "GPSLongitudeRef", "GPSLongitude", "GPSAltitudeRef", "GPSAltitude",
    "GPSTimeStamp", "GPSSatellites", "GPSStatus", "GPSMeasureMode", "GPSDOP", "GPSSpeedRef", "GPSSpeed", "GPSTrackRef",
    "GPSTrack", "GPSImgDirectionRef", "GPSImgDirection", "GPSMapDatum", "GPSDestLatitudeRef", "GPSDestLatitude",
    "GPSDestLongitudeRef", "GPSDestLongitude", "GPSDestBearingRef", "GPSDestBearing", "GPSDestDistanceRef",
    "GPSDestDistance", "GPSProcessingMethod", "GPSAreaInformation", "GPSDateStamp", "GPSDifferential",
    "GPSHPositioningError",
)  # fmt: skip


def tag_name(directory: str, tag: int) -> str:
    """Return the name of a tag in a directory; its number in hex where it has none here.

    >>> tag_name("GPS", 2), tag_name("IFD0", 0x10F), tag_name("IFD0", 0xEEEE)
    ('GPSLatitude', 'Make', '0xEEEE')
    """
    if directory.startswith("GPS"):  # the first, a second one, the one that follows it
        return _GPS_NAMES[tag] if tag < len(_GPS_NAMES) else f"0x{tag:04X}"
    return _NAMES.get(tag, f"0x{tag:04X}")
