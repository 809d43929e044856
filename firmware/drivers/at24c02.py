"""24C02: the carrier's identity in 256 bytes of EEPROM (Microchip DS20001709; every maker's reads alike).

Content: "BP", 1, then uid, serial and model, each length u8 + bytes, then CRC-32 of all that, little endian.
"""

import struct
from binascii import crc32

from ..compat import const

_HEAD = b"BP\x01"
_SIZE = const(128)  # bytes that an identity may take
_PIECE = const(16)  # a transfer on a bus that gets held waits 0.1 s a byte at worst


class At24c02:
    """One EEPROM on a branch of the bus."""

    def __init__(self, bus, mux, address: int) -> None:
        self._bus = bus
        self._mux = mux
        self.address = address

    def read(self) -> tuple[bytes, bytes, bytes] | None:
        """(uid, serial, model), or None for a chip that holds no identity. Raises OSError without one."""
        return parse_identity(self._mux.call(self._read))

    def _read(self) -> bytes:
        data = b""
        while len(data) < _SIZE and data[:3] in (b"", _HEAD):
            data += self._bus.readfrom_mem(self.address, len(data), _PIECE)
        return data


def parse_identity(data: bytes) -> tuple[bytes, bytes, bytes] | None:
    """The three parts, or None for an EEPROM that holds no valid identity."""
    if data[:3] != _HEAD:
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


def pack_identity(uid: bytes, serial: bytes, model: bytes) -> bytes:
    """The bytes that a carrier's EEPROM must hold. Raises ValueError for what does not fit."""
    data = _HEAD
    for part in (uid, serial, model):
        if len(part) > 255:
            raise ValueError("a part of an identity has 255 bytes at most")
        data += bytes((len(part),)) + part
    if not 1 <= len(uid) <= 32 or len(data) + 4 > _SIZE:
        raise ValueError(
            "uid: 1 to 32 bytes; uid, serial and model together: %d at most" % (_SIZE - 10)
        )
    return data + struct.pack("<I", crc32(data))
