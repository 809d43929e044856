"""Which MicroPython is here, and the command line that serves a core with it.

Two ports: the unix port as a program, and the WebAssembly port in Node. The latter has words of 32 bits, as the ESP32.
"""

import shutil
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import firmware

FIRMWARE = Path(firmware.__file__).parent
ROOT = FIRMWARE.parent
WASM_MODULE = ROOT / "node_modules/@micropython/micropython-webassembly-pyscript/micropython.mjs"
HEAP_BYTES = 1_048_576  # the firmware needs a sixth of it; the tests of memory give less
SERVE = "from firmware.process.mcu import serve; serve()"


class Python(StrEnum):
    """What runs the firmware core."""

    CPYTHON = "cpython"
    MICROPYTHON = "micropython"  # the unix port where it is, else WebAssembly
    UNIX = "micropython-unix"
    WASM = "micropython-wasm"


class NoInterpreter(ValueError):  # noqa: N818  (named for what is the matter)
    """There is no such MicroPython here; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """One MicroPython: the command that serves a core, and where to run it."""

    port: Python
    command: tuple[str, ...]


def find_interpreter(wanted: Python) -> Interpreter:
    """Find the MicroPython of that name. Raises NoInterpreter."""
    unix, node = _unix_program(), shutil.which("node")
    if wanted is not Python.WASM and unix is not None:
        return Interpreter(Python.UNIX, (unix, "-X", f"heapsize={HEAP_BYTES}", "-c", SERVE))
    if wanted is not Python.UNIX and node is not None and WASM_MODULE.exists():
        runner = str(FIRMWARE / "process" / "node.mjs")
        command = (node, runner, str(WASM_MODULE), str(FIRMWARE), str(HEAP_BYTES))
        return Interpreter(Python.WASM, command)
    raise NoInterpreter(_what_to_do(wanted))


def _unix_program() -> str | None:
    """Return `micropython` from PATH, else from beside the Python that runs this."""
    return shutil.which("micropython") or shutil.which(
        "micropython", path=str(Path(sys.executable).parent)
    )


def _what_to_do(wanted: Python) -> str:
    ways = {
        Python.UNIX: "put `micropython` on the PATH, or run `make setup-dev`",
        Python.WASM: "install Node and run `make check` once, which fetches the WebAssembly port",
    }
    either = " or ".join(ways.values())
    return f"There is no {wanted} here: {ways.get(wanted, either)}."
