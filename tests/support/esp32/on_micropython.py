"""Runs on MicroPython's unix port: the rest of an ESP32 around it.

Its arguments: flash folder, TCP port of UART2, reset cause, sys.platform, version, free blocks, hurry. The folder becomes the whole file system; `machine` and the two modules beside it are there, with no chip on any bus.
Then it starts /main.py as an ESP32 does, and leaves the prompt when that ends.
"""

# ruff: noqa: ANN001, ANN002, ANN003, ANN201, ANN202, ANN204, ARG005, PTH123, PTH208, RET503, RUF005, T201 - MicroPython, and its output is what a terminal shows
# mypy: ignore-errors

import _thread
import errno
import os
import select
import socket
import sys
import time

import vfs  # type: ignore[import-not-found]  # MicroPython's

FLASH, UART_PORT, CAUSE = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
PLATFORM = sys.argv[4] if len(sys.argv) > 4 else "esp32"
VERSION = tuple([int(part) for part in sys.argv[5].split(".")]) if len(sys.argv) > 5 else (1, 27, 0)

# Above 0, timers and the watchdog work, so many times faster than they say; else they never act.
HURRY = int(sys.argv[7]) if len(sys.argv) > 7 else 0
FREE = int(sys.argv[6]) if len(sys.argv) > 6 else 0  # blocks of 4 kB; 0: as many as there are


class Module:
    """A module made of attributes."""

    def __init__(self, **names):
        for name, value in names.items():
            setattr(self, name, value)


class Esp32Sys:
    """`sys` as an ESP32 has it; what .mpy files it takes is what this MicroPython takes."""

    def __init__(self, real):
        self._real = real
        self.platform = PLATFORM
        self.implementation = Implementation(real.implementation._mpy)

    def __getattr__(self, name):
        return getattr(self._real, name)


class Implementation:
    """A named tuple cannot be changed, so this stands for it."""

    _machine = "Generic ESP32 module with ESP32"

    def __init__(self, mpy):
        self._mpy = mpy

    def __getitem__(self, at):
        return ("micropython", VERSION)[at]


class Os:
    """`os` with a rename that works: the unix port's mixes up both paths where a folder is the root."""

    def __init__(self, real):
        self._real = real  # the prompt shares this file's names, and imports `os` over them

    def __getattr__(self, name):
        return getattr(self._real, name)

    def statvfs(self, path):
        told = list(self._real.statvfs(path))
        return tuple(told[:3] + [FREE, FREE] + told[5:]) if FREE else tuple(told)

    def rename(self, old, new):
        with open(old, "rb") as file:
            content = file.read()
        with open(new, "wb") as file:
            file.write(content)
        self._real.remove(old)


class Pin:
    IN, OUT, OPEN_DRAIN, PULL_UP, PULL_DOWN, IRQ_FALLING, IRQ_RISING = range(7)

    def __init__(self, *args, **kwargs):
        self._level = 1

    def init(self, *args, **kwargs):
        pass

    def irq(self, *args, **kwargs):
        pass

    def value(self, *level):
        if not level:
            return self._level
        self._level = level[0]

    __call__ = value


class I2C:
    """A bus on which nobody answers."""

    def __init__(self, *args, **kwargs):
        pass

    def _nobody(self, *args, **kwargs):
        raise OSError(errno.ENODEV)

    readfrom = writeto = readfrom_mem = writeto_mem = readfrom_mem_into = readfrom_into = _nobody

    def scan(self):
        return []


class PWM:
    def __init__(self, *args, **kwargs):
        pass

    def duty_u16(self, *duty):
        return 0


class Timer:
    """A thread stands for the interrupt: like it, it goes on while the loop hangs."""

    ONE_SHOT, PERIODIC = 0, 1

    def __init__(self, number):
        self._runs = False

    def init(self, mode, period, callback):
        if HURRY:
            self._runs = True
            _thread.start_new_thread(self._run, (mode, period, callback))

    def _run(self, mode, period, callback):
        while self._runs:
            time.sleep_ms(period // HURRY)
            if self._runs:
                callback(self)
            if mode == self.ONE_SHOT:
                return

    def deinit(self):
        self._runs = False


class WDT:
    """Of all that were made the last one counts, as on the ESP32."""

    last = None

    def __init__(self, timeout):
        self._ms = timeout // HURRY if HURRY else 0
        WDT.last = self
        self.feed()
        if HURRY:
            _thread.start_new_thread(self._watch, ())

    def feed(self):
        self._fed_ms = time.ticks_ms()

    def _watch(self):
        while WDT.last is self:
            time.sleep_ms(20)
            if time.ticks_diff(time.ticks_ms(), self._fed_ms) > self._ms:
                print("\x00watchdog\x00")
                return


class UART:
    """The host line: a TCP port that takes one host at a time."""

    def __init__(self, number, baud, **kwargs):
        self._server = socket.socket()
        self._server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._server.bind(socket.getaddrinfo("127.0.0.1", UART_PORT)[0][-1])
        self._server.listen(1)
        self._host = None
        self._poll = select.poll()
        self._poll.register(self._server, select.POLLIN)

    def any(self):
        for each, _ in self._poll.poll(0):
            if each is self._server:
                self._leave()
                self._host = self._server.accept()[0]
                self._poll.register(self._host, select.POLLIN)
            else:
                return 1
        return 0

    def read(self):
        try:
            data = self._host.recv(4096)
        except OSError:
            data = b""
        if not data:
            self._leave()
        return data

    def write(self, data):
        try:
            if self._host:
                self._host.send(data)
        except OSError:
            self._leave()

    def _leave(self):
        if self._host:
            self._poll.unregister(self._host)
            self._host.close()
            self._host = None


class NeoPixel:
    def __init__(self, pin, count, **kwargs):
        self._colours = [(0, 0, 0)] * count

    def __setitem__(self, at, colour):
        self._colours[at] = colour

    def write(self):
        pass


class OneWire:
    def __init__(self, pin):
        pass

    def reset(self, *args):
        return False

    def scan(self):
        return []


def reset():
    """Ask whoever watches this process to end it: an exit would leave a prompt, and may be caught."""
    print("\x00reset\x00")
    while True:
        time.sleep(1)


vfs.umount("/")
vfs.mount(vfs.VfsPosix(FLASH), "/")
sys.path[:] = ["", "/lib"]
real = sys
sys.modules["machine"] = Module(
    Pin=Pin, I2C=I2C, SoftI2C=I2C, PWM=PWM, Timer=Timer, WDT=WDT, UART=UART, reset=reset,
    unique_id=lambda: b"\x24\x6f\x28\xaa\xbb\xcc", reset_cause=lambda: CAUSE, freq=lambda *hz: 240000000,
)  # fmt: skip
sys.modules["neopixel"] = Module(NeoPixel=NeoPixel)
sys.modules["onewire"] = Module(OneWire=OneWire)
sys.modules["os"] = Os(os)
sys.modules["sys"] = Esp32Sys(real)
if "main.py" in os.listdir("/"):
    try:
        with open("/main.py") as file:
            exec(file.read(), {"__name__": "__main__"})  # noqa: S102 - as the ESP32 does
    except KeyboardInterrupt as stopped:
        real.print_exception(stopped)
