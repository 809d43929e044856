"""The carriers' own buses behind TCA9548A multiplexers: 24C02 identity and TMP102 thermometer.

Identity in the EEPROM: "BP", 1, then uid, serial and model, each length u8 + bytes, then CRC-32 of all that.
"""

import struct
from binascii import crc32

from ..board import UNKNOWN_CDEG
from ..compat import const

_SIZE = const(128)  # bytes of the EEPROM that an identity may take


def parse_identity(data: bytes) -> tuple[bytes, bytes, bytes] | None:
    """The three parts, or None for an EEPROM that holds no valid identity."""
    if data[:3] != b"BP\x01":
        return None
    parts = []
    at = 3
    for _ in range(3):
        length = data[at] if at < len(data) else len(data)
        parts.append(data[at + 1 : at + 1 + length])
        at += 1 + length
    if at + 4 > len(data) or struct.unpack("<I", data[at : at + 4])[0] != crc32(data[:at]):
        return None
    return parts[0], parts[1], parts[2]


def read_identity(i2c, place: dict) -> tuple[bytes, bytes, bytes] | None:
    """Identity of the carrier at a place of the board file, or None."""
    try:
        _select(i2c, place)
        data = i2c.readfrom_mem(place["eeprom"], 0, _SIZE)
    except OSError:
        return None
    finally:
        _leave(i2c, place)
    return parse_identity(data)


def read_temperature(i2c, place: dict) -> int:
    """Centi-degrees of the carrier at a place of the board file, or UNKNOWN_CDEG."""
    try:
        _select(i2c, place)
        raw = struct.unpack(">h", i2c.readfrom_mem(place["thermometer"], 0, 2))[0] >> 4
    except OSError:
        return UNKNOWN_CDEG
    finally:
        _leave(i2c, place)
    return raw * 25 // 4  # 0.0625 degrees a step


def _select(i2c, place: dict) -> None:
    i2c.writeto(place["mux"], bytes((1 << place["channel"],)))


def _leave(i2c, place: dict) -> None:
    """Close the multiplexer, so that two of them never show two carriers at one address."""
    try:
        i2c.writeto(place["mux"], b"\0")
    except OSError:
        return
