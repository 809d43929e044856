"""1-wire: DS2401 carrier identities and DS18B20 thermometers (Analog Devices DS2401, DS18B20 data sheets).

The wire itself is MicroPython's onewire.OneWire, given by the board. A reset takes 1 ms and a byte half of one, with
interrupts off; so at most one thermometer is read a step.
"""

from binascii import hexlify

from ..compat import const

_FAMILY_2401 = const(0x01)
_FAMILY_18B20 = const(0x28)
_CONVERT = const(0x44)
_READ = const(0xBE)
_CONVERSION_MS = const(750)  # 12 bits
_PERIOD_MS = const(2000)
_OLD_MS = const(6000)  # a reading older than this is not known
_POWER_ON = const(0x0550)  # 85 degrees: the scratchpad before any conversion
_BELIEVED_CDEG = const(7000)  # 85 degrees are believed after a reading above this


def _roms(wire) -> list:
    """Who is on the wire. A broken carrier that holds it low reads as one that is there, and a search would find 255 of it."""
    if (
        not wire.reset() or not wire.readbit()
    ):  # nobody speaks before a command, so the wire rests high
        return []
    return wire.scan()


class Ds2401:
    """The serial number on the wire of one slot."""

    def __init__(self, wire) -> None:
        self._wire = wire

    def read(self) -> tuple[bytes, bytes, bytes] | None:
        """(uid, serial, model) of the only DS2401 there; None for none, for two, and for a garbled one."""
        found = [rom for rom in _roms(self._wire) if self._is_whole(rom)]
        if len(found) != 1:
            return None
        uid = hexlify(
            bytes(reversed(found[0][1:7]))
        )  # as printed on the chip: without family and CRC
        return uid, uid, b"DS2401"

    def _is_whole(self, rom) -> bool:
        return rom[0] == _FAMILY_2401 and self._wire.crc8(rom) == 0


class Ds18b20:
    """One thermometer; without a ROM code it is the only DS18B20 of its wire."""

    def __init__(self, wire, rom: bytes | None) -> None:
        self._wire = wire
        self._fixed = rom
        self._rom = rom
        self._cdeg: int | None = None
        self._read_ms = -_OLD_MS
        self._ready_ms = -1  # when its conversion is done; -1: none runs
        self._next_ms = 0

    def step(self, now_ms: int) -> bool:
        """Start a conversion or read one, when it is due. Whether the wire was used."""
        if now_ms < (self._ready_ms if self._ready_ms >= 0 else self._next_ms):
            return False
        if self._ready_ms < 0:
            self._next_ms = now_ms + _PERIOD_MS
            if self._select(_CONVERT):
                self._ready_ms = now_ms + _CONVERSION_MS
        else:
            self._ready_ms = -1
            self._take(now_ms)
        return True

    def read(self, now_ms: int) -> int | None:
        """Centi-degrees as last read, or None when that is too long ago."""
        return self._cdeg if now_ms - self._read_ms < _OLD_MS else None

    def _take(self, now_ms: int) -> None:
        if not self._select(_READ):
            return
        data = bytearray(9)
        self._wire.readinto(data)
        if self._wire.crc8(data) != 0 or not any(data):
            return
        raw = data[0] | data[1] << 8
        if raw == _POWER_ON and (self._cdeg is None or self._cdeg < _BELIEVED_CDEG):
            return  # it lost its power in between and has measured nothing
        if raw & 0x8000:
            raw -= 0x10000
        self._cdeg = raw * 25 // 4
        self._read_ms = now_ms

    def _select(self, command: int) -> bool:
        """Address the thermometer and give it a command; whether anything was there."""
        if self._rom is None:
            found = [rom for rom in _roms(self._wire) if rom[0] == _FAMILY_18B20]
            if len(found) != 1:
                return False
            self._rom = bytes(found[0])
        if not self._wire.reset():
            self._rom = self._fixed  # the next carrier brings another one
            return False
        self._wire.select_rom(self._rom)
        self._wire.writebyte(command)
        return True
