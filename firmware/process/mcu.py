"""Serves one core: each line is a call, each call gives one line back. Decides nothing.

  boot JSON                               the core starts, at 0 ms; keys as in boot() below
  receive NOW_MS BYTES    step NOW_MS     as of the core; bytes are hexadecimal
  collect    memory                       bytes of heap in use, for tests

An answer is "=" and the result: of a step the bytes for the host, a blank, and when the next one is due.
What the core or the board raises is answered by "!" and the traceback in one line.
"""

import gc
import io
import json
import os
import sys
from binascii import hexlify, unhexlify

import vfs  # pyright: ignore[reportMissingImports] - of the unix port and WebAssembly

from ..board_spec import BoardSpec
from ..boot_selector import BootState
from ..compat import collect_after
from ..core import Core
from ..journal_file import FileJournal
from .pipe import ask
from .pipe_board import PipeBoard
from .pipe_flash import PipeFlash


def _random(count: int) -> bytes:
    return unhexlify(ask("random %d" % count))


collect_after(16384)  # as main.py does

if not hasattr(os, "urandom"):
    os.urandom = _random  # the WebAssembly port has none


class Mcu:
    """The core between two resets: a reset is a new process."""

    def __init__(self) -> None:
        self._core: Core  # from boot() on

    def boot(self, text: str) -> str:
        facts = json.loads(text)
        vfs.mount(PipeFlash(), "/flash")
        board = PipeBoard(BoardSpec(facts["spec"]), facts)
        state = BootState("/flash")
        state.running = facts["folder"]
        self._core = Core(board, FileJournal("/flash"), 0, facts["version"], state)
        board.spec.forget_wiring()
        return ""

    def receive(self, now_ms: str, data: str) -> str:
        self._core.receive(unhexlify(data), int(now_ms))
        return ""

    def step(self, now_ms: str) -> str:
        sent = self._core.step(int(now_ms))
        return "%s %d" % (hexlify(sent).decode(), self._core.next_due())

    def collect(self) -> str:
        gc.collect()  # in WebAssembly it happens when the call has ended
        return ""

    def memory(self) -> str:
        return str(gc.mem_alloc())  # pyright: ignore[reportAttributeAccessIssue] - MicroPython's


_mcu = Mcu()


def handle(line: str) -> str:
    """Carry out one line."""
    name, _, rest = line.rstrip("\n").partition(" ")
    words = [rest] if name == "boot" else rest.split()
    try:
        return "=" + getattr(_mcu, name)(*words)
    except Exception as error:
        text = io.StringIO()
        sys.print_exception(error, text)  # pyright: ignore[reportAttributeAccessIssue] - MicroPython's
        return "!" + text.getvalue().replace("\n", "|")


def serve() -> None:
    """Until the other side is gone. In Node the loop is node.mjs's, so that memory is collected in between."""
    while True:
        line = sys.stdin.readline()
        if not line:
            return
        sys.stdout.write(handle(line) + "\n")
