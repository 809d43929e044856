"""Runs the core on an ESP32: one loop, UART2, hardware watchdog. Start it by main.run() in the root's main.py.

The REPL and the boot chatter stay on UART0.
"""

import json
from time import sleep_ms  # pyright: ignore[reportAttributeAccessIssue] - MicroPython's

import machine

from .board_esp32 import Esp32Board, Uptime
from .board_spec import BoardSpec
from .compat import const
from .core import Core
from .journal_file import FileJournal

_STEP_MS = const(5)
_BUFFER = const(4096)  # the UART's default of 256 loses bytes while the flash is written


def run(board_file: str = "/board.json", folder: str = "/") -> None:
    """Never returns; the watchdog of 8 s restarts what hangs, and rails stay as their latches hold them."""
    with open(board_file) as file:
        spec = BoardSpec(json.load(file))
    pins = spec.esp32["uart"]
    uart = machine.UART(
        pins["id"], pins["baud"], tx=pins["tx"], rx=pins["rx"], rxbuf=_BUFFER, txbuf=_BUFFER
    )
    uptime = Uptime()
    core = Core(Esp32Board(spec), FileJournal(folder.rstrip("/")), uptime.now_ms())
    while True:
        started = uptime.now_ms()
        data = uart.read() if uart.any() else None
        if data:
            core.receive(data, started)
        out = core.step(started)
        if out:
            uart.write(out)
        spent = uptime.now_ms() - started
        if spent < _STEP_MS:
            sleep_ms(_STEP_MS - spent)
