"""Which Pythons run the firmware in tests: this one, and real MicroPython."""

import pytest

from backplane.firmware_link.simulator.machine import InThisProcess, Microcontroller
from backplane.firmware_link.simulator.mcu.interpreters import Python, find_interpreter
from backplane.firmware_link.simulator.mcu.remote_core import UnderMicroPython

# For what takes a while: one MicroPython, the quicker unix port where this machine has it.
EVERY_PYTHON = [
    pytest.param(Python.CPYTHON, id="cpython"),
    pytest.param(Python.MICROPYTHON, id="micropython", marks=pytest.mark.live),
]


def microcontroller(python: Python) -> Microcontroller:
    """Return what runs the core of a machine under that Python."""
    if python is Python.CPYTHON:
        return InThisProcess()
    return UnderMicroPython(find_interpreter(python))
