"""Runs the core on an ESP32: one loop, UART2, hardware watchdog. boot_selector.py starts it.

The REPL and the boot chatter stay on UART0. The journal stands in the root, beside the folders of the firmware.
"""

import json
from time import sleep_ms  # pyright: ignore[reportAttributeAccessIssue] - MicroPython's

import machine

from .board_esp32 import Esp32Board, Uptime
from .board_spec import BoardSpec
from .boot_selector import FOLDERS, BootState
from .compat import collect_after, const
from .core import VERSION, Core
from .hang_guard import LOOK_EVERY_MS, HangGuard
from .journal_file import FileJournal

_STEP_MS = const(5)
_GARBAGE = const(
    16384
)  # collected after so many bytes: later, what stays would lie all over the heap
_BUFFER = const(4096)  # the UART's default of 256 loses bytes while the flash is written


def run(root: str, folder: str) -> None:
    """Never returns; the watchdog of 8 s restarts what hangs, and rails stay as their latches hold them.

    The boot selector in the root of every ESP32 calls it so: this signature never changes.
    """
    collect_after(_GARBAGE)
    boot = BootState(root)
    boot.running = FOLDERS.index(folder)
    with open(boot.folder(boot.running) + "/board.json") as file:
        spec = BoardSpec(json.load(file))
    pins = spec.esp32["uart"]
    uart = machine.UART(
        pins["id"], pins["baud"], tx=pins["tx"], rx=pins["rx"], rxbuf=_BUFFER, txbuf=_BUFFER
    )
    uptime = Uptime()
    guard = HangGuard(boot)
    timer = machine.Timer(1)  # 0 is the boot selector's
    timer.init(mode=machine.Timer.PERIODIC, period=LOOK_EVERY_MS, callback=guard.look)
    try:
        board = Esp32Board(spec)  # from here on the watchdog bites after 8 s
        guard.turn()
        core = Core(board, FileJournal(root.rstrip("/")), uptime.now_ms(), VERSION, boot)
        spec.forget_wiring()
        print("Backplane", VERSION, "on", spec.name, "runs from folder", folder)
        _loop(core, uart, uptime, guard)
    finally:
        timer.deinit()  # an error or Ctrl-C is no hang


def _loop(core: Core, uart, uptime: Uptime, guard: HangGuard) -> None:
    while True:
        guard.turn()
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
