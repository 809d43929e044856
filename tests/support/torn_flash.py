"""Flash for many boards in memory, behind the `open` and `os` that the firmware's journal uses.

The power can be cut at any byte of a write, and before or after a file is emptied or removed.
"""

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

from firmware import journal_file

_FLASHES: dict[str, "Flash"] = {}
_RANDOM = random.Random()


class PowerCut(BaseException):
    """The controller is gone at this very byte; nothing on it can catch this."""


class Flash:
    """Two files and a fuse: so many bytes or file operations from now the power is cut."""

    def __init__(self, folder: str, *, is_atomic: bool = False) -> None:
        self.folder = folder
        self.files: dict[str, bytes] = {}
        self.fuse: int | None = None
        self.is_atomic = is_atomic  # as LittleFS: of a write that is cut nothing remains
        self.is_full = False
        self.has_refused = False  # since a core last began on it
        self.writes = 0
        self.bytes_written = 0
        self.cuts = 0
        _FLASHES[folder] = self

    def append(self, name: str, data: bytes) -> None:
        if self.is_full:
            self.has_refused = True
            self.files[name] = self.files.get(name, b"") + data[: len(data) // 2]
            raise OSError(28, "No space left on device")
        self.writes += 1
        self.bytes_written += len(data)
        kept = len(data) if self.fuse is None else min(self.fuse, len(data))
        is_cut = self._burn(len(data))
        if not (is_cut and self.is_atomic):
            self.files[name] = self.files.get(name, b"") + data[:kept]
        if is_cut:
            self._cut()

    def empty(self, name: str) -> None:
        self._operate()
        self.files[name] = b""
        self._operate()

    def remove(self, name: str) -> None:
        if name not in self.files:
            raise FileNotFoundError(2, name)
        self._operate()
        del self.files[name]
        self._operate()

    def rename(self, name: str, to: str) -> None:
        if name not in self.files:
            raise FileNotFoundError(2, name)
        self._operate()
        self.files[to] = self.files.pop(name)
        self._operate()

    def flip(self, chance: random.Random) -> None:
        """One bit somewhere; half of the time near the end, where a tear would be."""
        name = chance.choice(sorted(name for name, data in self.files.items() if data))
        data = bytearray(self.files[name])
        reach = min(len(data), 60) if chance.random() < 0.5 else len(data)
        data[-1 - chance.randrange(reach)] ^= 1 << chance.randrange(8)
        self.files[name] = bytes(data)

    def _operate(self) -> None:
        if self._burn(1):
            self._cut()

    def _burn(self, amount: int) -> bool:
        if self.fuse is None:
            return False
        self.fuse -= amount
        return self.fuse <= 0

    def _cut(self) -> None:
        self.fuse = None
        self.cuts += 1
        raise PowerCut


class _File:
    """What `open` gives: read from the front, or append."""

    def __init__(self, flash: Flash, name: str) -> None:
        self._flash = flash
        self._name = name
        self._at = 0

    def __enter__(self) -> "_File":
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None
    ) -> None:
        """Every write was passed on when it was made."""

    def read(self, size: int = -1) -> bytes:
        data = self._flash.files[self._name]
        end = len(data) if size < 0 else self._at + size
        piece = data[self._at : end]
        self._at += len(piece)
        return piece

    def write(self, data: bytes) -> int:
        self._flash.append(self._name, bytes(data))
        return len(data)


def _open(path: str, mode: str = "r") -> _File:
    folder, _, name = path.rpartition("/")
    flash = _FLASHES[folder]
    if "r" in mode and name not in flash.files:
        raise FileNotFoundError(2, path)
    if "w" in mode:
        flash.empty(name)
    elif "a" in mode:
        flash.files.setdefault(name, b"")
    return _File(flash, name)


class _Os:
    """The calls of `os` that the journal makes."""

    @staticmethod
    def remove(path: str) -> None:
        folder, _, name = path.rpartition("/")
        _FLASHES[folder].remove(name)

    @staticmethod
    def rename(path: str, to: str) -> None:
        folder, _, name = path.rpartition("/")
        _FLASHES[folder].rename(name, to.rpartition("/")[2])

    @staticmethod
    def stat(path: str) -> tuple[int, ...]:
        folder, _, name = path.rpartition("/")
        if name not in _FLASHES[folder].files:
            raise FileNotFoundError(2, path)
        return (0, 0, 0, 0, 0, 0, len(_FLASHES[folder].files[name]))

    @staticmethod
    def urandom(count: int) -> bytes:
        return _RANDOM.randbytes(count)


@contextmanager
def flash_instead_of_files(seed: int) -> Iterator[None]:
    """Within this the firmware's journals live in Flash objects, by their folder; their ids are the seed's."""
    module: Any = journal_file
    _RANDOM.seed(seed)
    module.open, module.os = _open, _Os
    try:
        yield
    finally:
        del module.open
        module.os = os
        _FLASHES.clear()
