"""Which USB adapter and which board each port led to, kept on disk over restarts.

A hint for finding a board under another device name, never a proof: that is the board id in HELLO.
"""

import json
import logging
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

logger = logging.getLogger(__name__)

FILE_NAME = "ports.json"
_LOOKS = 10
_LOOK_AGAIN_S = 0.02  # the kernel is done with a device's files in less


@dataclass(frozen=True, slots=True)
class Adapter:
    """What a USB device says of itself; two of one make often say the same."""

    vid: int
    pid: int
    serial: str

    def is_like(self, other: "Adapter") -> bool:
        """Say whether both are of one make: the serial number is not compared, many have none."""
        return (self.vid, self.pid) == (other.vid, other.pid)


@dataclass(frozen=True, slots=True)
class Known:
    """The adapter that each port URL had last, and every board that was ever here (ids as hex)."""

    adapters: dict[str, Adapter]
    board_ids: frozenset[str]


def serial_ports() -> list[ListPortInfo]:
    """Every serial port of this machine. May block for a moment: one that comes or goes just now is no error."""
    for _ in range(_LOOKS):
        try:
            return sorted(list_ports.comports(), key=lambda port: port.device)
        except (OSError, TypeError, ValueError):  # a file of it was not there yet, or no more
            time.sleep(_LOOK_AGAIN_S)
    return []


def adapters_present() -> dict[str, Adapter]:
    """Every USB serial device of this machine, by its device path."""
    return {
        port.device: Adapter(port.vid, port.pid, port.serial_number or "")
        for port in serial_ports()
        if port.vid is not None and port.pid is not None
    }


class KnownPorts:
    """A small file in the data folder. Unreadable means empty: then nothing is found elsewhere, that is all."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / FILE_NAME

    def read(self) -> Known:
        try:
            told = json.loads(self._path.read_text(encoding="utf-8"))
            adapters = {url: Adapter(**adapter) for url, adapter in told["adapters"].items()}
            return Known(adapters, frozenset(told["board_ids"]))
        except FileNotFoundError:
            pass
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            logger.warning("%s is not readable and is begun anew: %s", self._path, error)
        return Known({}, frozenset())

    def note(self, url: str, adapter: Adapter, board_id: str) -> None:
        """Written only when it is news. A full disk costs the hint, not the link."""
        known = self.read()
        if known.adapters.get(url) == adapter and board_id in known.board_ids:
            return
        adapters = {at: asdict(one) for at, one in (known.adapters | {url: adapter}).items()}
        boards = sorted(known.board_ids | {board_id})
        scratch = self._path.with_name(f".{FILE_NAME}.{os.getpid()}")
        try:
            text = json.dumps({"adapters": adapters, "board_ids": boards}, indent=1)
            scratch.write_text(text, encoding="utf-8")
            scratch.replace(self._path)
        except OSError as error:
            logger.warning("%s could not be written: %s", self._path, error)
