"""board_esp32.py on chips that are nothing but registers, told alike by every Python. Runs on MicroPython too.

BOARD and FLASH (a board file as JSON, an empty folder) are defined by whoever runs this text. What the chips really do
is the business of tests/drivers; here the point is that MicroPython can run all of it.
"""

# ruff: noqa: ANN001, ANN003, ANN201, ANN202, ANN204, F821, PTH123, T201 - MicroPython, and its output is the result
# mypy: ignore-errors

import json
import sys
import time


class Pin:
    """A pin that keeps what it is given."""

    IN, OUT, OPEN_DRAIN, PULL_UP, IRQ_FALLING = 0, 1, 2, 3, 4
    levels = {}

    def __init__(self, number, mode=None, pull=None, value=None):
        self.number = number
        if mode is not None:
            self.init(mode, pull, value)

    def init(self, mode, pull=None, value=None):
        print("pin", self.number, mode, pull, value)
        if value is not None:
            self.levels[self.number] = value

    def value(self, level=None):
        if level is None:
            return self.levels.get(self.number, 1)
        self.levels[self.number] = level
        return None

    def irq(self, handler, trigger):
        handler(self)


class I2C:
    """Every address answers with registers that keep what is written; two never answer."""

    memory = {}
    silent = (0x22, 0x41)

    def __init__(self, number, scl, sda, freq, timeout):
        print("i2c", number, scl.number, sda.number, freq, timeout)

    def _of(self, address):
        if address in self.silent:
            raise OSError(19)
        if address not in self.memory:
            data = bytearray(b"\xff\xff" + bytes(4) + b"\xff\xff" + bytes(248))
            data[0xFE:0x100] = b"\x22\x60" if address == 0x40 else b"\x32\x20"
            self.memory[address] = data
        return self.memory[address]

    def readfrom_mem(self, address, register, count):
        data = self._of(address)
        if register == 0xFF:
            return bytes(data[0xFE:0x100])
        return bytes(data[register : register + count])

    def writeto_mem(self, address, register, data):
        self._of(address)[register : register + len(data)] = data
        print("write", address, register, bytes(data))

    def readfrom(self, address, count):
        return bytes(self._of(address)[:count])

    def writeto(self, address, data):
        self._of(address)[0 : len(data)] = data
        print("write", address, bytes(data))


class PWM:
    """Tells its duty."""

    def __init__(self, pin, freq, duty_u16):
        print("pwm", pin.number, freq, duty_u16)

    def duty_u16(self, duty):
        print("duty", duty)


class WDT:
    """Never bites."""

    def __init__(self, timeout):
        print("wdt", timeout)

    def feed(self):
        print("fed")


class NeoPixel(list):
    """A strip that is a list."""

    def __init__(self, pin, lamps):
        super().__init__([(0, 0, 0)] * lamps)

    def write(self):
        print("strip", list(self)[:6])


class OneWire:
    """A wire with a DS2401 and a DS18B20 on it."""

    roms = (b"\x01\x02\x03\x04\x05\x06\x07\x1f", b"\x28\x02\x03\x04\x05\x06\x07\x1f")

    def __init__(self, pin):
        self.pin = pin

    def scan(self):
        return [bytearray(rom) for rom in self.roms]

    def reset(self):
        return True

    def readbit(self):
        return 1  # the wire rests high

    def select_rom(self, rom):
        print("rom", bytes(rom))

    def writebyte(self, byte):
        print("byte", byte)

    def readinto(self, buf):
        buf[0:2] = b"\x91\x01"

    def crc8(self, data):
        return 0


class Module:
    """What an import gives."""


def provide(name, **content):
    module = Module()
    for key, value in content.items():
        setattr(module, key, value)
    sys.modules[name] = module


provide(
    "machine",
    Pin=Pin,
    I2C=I2C,
    PWM=PWM,
    WDT=WDT,
    unique_id=lambda: b"\x24\x6f\x28\x01\x02\x03",
    reset_cause=lambda: 5,
    reset=lambda: print("reset"),
)
provide("neopixel", NeoPixel=NeoPixel)
provide("onewire", OneWire=OneWire)
if not hasattr(time, "ticks_ms"):
    time.ticks_ms = lambda: 0
    time.ticks_diff = lambda end, start: end - start

from firmware.board_esp32 import Esp32Board, Uptime  # noqa: E402 - only now there is a machine
from firmware.board_spec import BoardSpec  # noqa: E402 - as above

with open(BOARD) as file:
    spec = BoardSpec(json.load(file))
board = Esp32Board(spec)
print("fresh", board.chassis_power_was_lost, board.answering, Uptime().now_ms() >= 0)
board.forget_power_loss()
for now in range(5, 4000, 5):
    board.sample(now)
    if now == 1500:
        for slot in range(1, spec.slot_count + 1):
            board.set_lights(slot, 0o1311 | slot & 3)
            board.set_rail(slot, slot % 2 == 1)
            board.set_shutdown_line(slot, True)
        board.show_lights()
    if now == 3000:
        I2C.silent = ()
    if now % 500 == 0:
        print(
            "masks",
            board.present,
            board.handles_closed,
            board.power_good,
            board.tripped,
            board.halted,
        )
        print("rails", board.rails(), board.answering, board.supplies_good)
        for slot in range(spec.slot_count + 1):
            print("meter", slot, board.meter(slot), board.device_address(slot))
        for slot in range(1, spec.slot_count + 1):
            print("carrier", slot, board.temperature(slot), board.identity(slot))
for slot in range(1, spec.slot_count + 1):
    board.set_shutdown_line(slot, False)
    board.clear_trip(slot)
    board.rearm_halted(slot)
for fan in range(1, spec.fan_count + 1):
    board.set_fan(fan, 128)
    print("rpm", board.fan_rpm(fan))
print("rails", board.rails())
board.feed_watchdog()
board.reboot()
