"""An image on its way into the folder that does not run: cleared, written in order, checked, all in slices.

The image is the manifest and then each file in the manifest's order. Loaded only while an update goes on.
"""

import os
import sys

from .boot_selector import MANIFEST, check, digest_of, has_firmware, read_head, read_rows
from .compat import const

CLEARING = const(1)
RECEIVING = const(2)
CHECKING = const(3)
CHECKED = const(4)
FAILED = const(5)

NO_ROOM = const(1)
FLASH = const(2)  # the flash does not take or give what it should
DIFFERS = const(3)  # what is in flash is not what the manifest says
OTHER_BOARD = const(4)
OTHER_PYTHON = const(5)  # compiled for another MicroPython
NO_MANIFEST = const(6)

_NEW = "manifest.new"
_RESERVE = const(131072)  # bytes that the journal may need: two files, and some
_NAME_MAX = const(64)
_BLOCK = const(4096)  # of the ESP32's flash


class UpdateFolder:
    """One image and its folder. Never raises outward; `phase` and `fault` say how it is."""

    def __init__(
        self, folder: str, manifest_size: int, size: int, digest: bytes, board: str
    ) -> None:
        self.manifest_size = manifest_size
        self.size = size
        self.digest = digest
        self.received = 0
        self.phase = CLEARING
        self.fault = 0
        self._folder = folder
        self._board = board
        self._rows = None
        self._name = ""  # of the file that is being written
        self._end = 0  # where in the image it ends
        self._pieces: list[bytes] = []  # of it, not in flash yet
        self._waiting = 0  # bytes in them
        self._data = b""
        self._doomed: list[str] = []
        self._checks = None
        self._guard(self._begin)

    def _guard(self, act) -> None:
        try:
            act()
        except OSError as error:
            self._fail(NO_ROOM if error.args and error.args[0] == 28 else FLASH)
        except MemoryError:
            self._fail(FLASH)
        except (ValueError, UnicodeError):
            self._fail(DIFFERS if self.phase == CHECKING else NO_MANIFEST)

    def _fail(self, fault: int) -> None:
        self.phase, self.fault = FAILED, fault

    # -- clearing, or going on where an earlier try stopped ----------------------------------------

    def _begin(self) -> None:
        if not _exists(self._folder):
            os.mkdir(self._folder)
        if has_firmware(self._folder):
            if self._is_ours(MANIFEST):
                os.rename(self._path(MANIFEST), self._path(_NEW))
            else:
                os.remove(
                    self._path(MANIFEST)
                )  # first: half a folder must not look like a whole one
        if self._is_ours(_NEW):
            self._go_on()
        else:
            self._doomed = [self._folder]

    def _is_ours(self, name: str) -> bool:
        try:
            return digest_of(self._path(name)) == self.digest
        except OSError:
            return False

    def _go_on(self) -> None:
        """Take every file of the right length for received; the check at the end looks inside."""
        self.received = self.manifest_size
        self.phase = RECEIVING
        self._judge()
        if self.phase == FAILED:
            return
        self._open_rows()
        while self._rows and _length(self._path(self._name)) == self._end - self.received:
            self.received = self._end
            self._next_row()
        self._begin_file()

    def _clear(self) -> None:
        """Remove one thing: each takes the flash some milliseconds."""
        path = self._doomed[-1]
        if not _is_folder(path):
            os.remove(path)
            self._doomed.pop()
            return
        inside = os.listdir(path)
        if inside:
            for name in inside:
                self._doomed.append(path + "/" + name)
            return
        self._doomed.pop()
        if self._doomed:
            os.rmdir(path)
            return
        self.phase = RECEIVING
        self._name = _NEW
        self._end = self.manifest_size
        self._start_file()

    # -- receiving ---------------------------------------------------------------------------------

    def take(self, offset: int, data: bytes) -> bool:
        """Bytes of the image from `offset` on. False when some before them are missing."""
        if offset > self.received:
            return False
        self._data = data[self.received - offset :][: self.size - self.received]
        self._guard(self._write)
        return True

    def _write(self) -> None:
        data = self._data
        while data and self.phase == RECEIVING:
            room = min(self._end - self.received, _BLOCK - self._waiting)
            piece, data = data[:room], data[room:]
            self._pieces.append(piece)
            self._waiting += len(piece)
            self.received += len(piece)
            if self.received == self._end:
                self._flush()
                self._end_file()
            elif self._waiting == _BLOCK:
                self._flush()

    def _flush(self) -> None:
        """Whole blocks only, but for the last: a file system that copies on write copies none then."""
        piece = b"".join(self._pieces)
        self._pieces = []
        self._waiting = 0
        with open(self._path(self._name), "ab") as file:
            file.write(piece)

    def _end_file(self) -> None:
        if self.received == self.manifest_size:
            if not self._is_ours(_NEW):
                raise ValueError("manifest")
            self._judge()
            if self.phase == FAILED:
                return
            self._open_rows()
        else:
            self._next_row()
        self._begin_file()

    def _open_rows(self) -> None:
        self._rows = read_rows(self._path(_NEW))
        self._end = self.manifest_size
        self._next_row()

    def _next_row(self) -> None:
        row = next(self._rows or iter(()), None)
        if row is None:
            self._rows = None
            return
        self._name = row[2]
        self._end += row[0]

    def _begin_file(self) -> None:
        """Make the next file; those of no bytes are made on the way."""
        while self._rows:
            self._make_folders()
            self._start_file()
            if self._end > self.received:
                return
            self._next_row()

    def _start_file(self) -> None:
        with open(self._path(self._name), "wb"):
            return

    def _make_folders(self) -> None:
        path = self._folder
        for part in self._name.split("/")[:-1]:
            path += "/" + part
            if not _exists(path):
                os.mkdir(path)

    def _judge(self) -> None:
        """Whether this image belongs on this board, before any of it is written."""
        _, board, mpy = read_head(self._path(_NEW))
        total = self.manifest_size
        stat = os.statvfs(self._folder)
        needed = _RESERVE
        for size, _, name in read_rows(self._path(_NEW)):
            if size < 0 or not _is_plain(name):
                raise ValueError(name)
            total += size
            needed += (size // stat[1] + 1) * stat[1]
        if total != self.size:
            raise ValueError("size")
        if board != self._board:
            self._fail(OTHER_BOARD)
        elif int(mpy) not in (0, mpy_version() & 0xFF):
            self._fail(OTHER_PYTHON)
        elif needed > stat[1] * stat[4]:
            self._fail(NO_ROOM)

    # -- checking ----------------------------------------------------------------------------------

    def begin_check(self) -> None:
        """Compare flash with manifest, in slices; afterwards `phase` is CHECKED or FAILED."""
        self.phase = CHECKING
        self._checks = check(self._folder, _NEW)

    def work(self) -> None:
        """One slice of what is to be done."""
        if self.phase == CLEARING:
            self._guard(self._clear)
        elif self.phase == CHECKING:
            self._guard(self._check)

    def _check(self) -> None:
        for _ in self._checks or ():
            return
        os.rename(self._path(_NEW), self._path(MANIFEST))
        self.phase = CHECKED

    def forget(self) -> None:
        """What is there proved wrong: the next try begins from nothing."""
        for name in (_NEW, MANIFEST):
            try:
                os.remove(self._path(name))
            except OSError:
                pass

    def _path(self, name: str) -> str:
        return self._folder + "/" + name


def mpy_version() -> int:
    """What .mpy files this Python takes, as sys.implementation says it; 0 for CPython."""
    return getattr(sys.implementation, "_mpy", 0)


def free_bytes(path: str) -> int:
    """Room that is left in the flash."""
    try:
        stat = os.statvfs(path)
    except OSError:
        return 0
    return min(stat[1] * stat[4], 0xFFFFFFFF)


def _is_plain(name: str) -> bool:
    if len(name) > _NAME_MAX or ".." in name or name in (MANIFEST, _NEW):
        return False
    for part in name.split("/"):
        if part in ("", "."):
            return False  # a way around to a file that is named otherwise
    for letter in name:
        if letter not in "abcdefghijklmnopqrstuvwxyz0123456789_./-":
            return False
    return True


def _exists(path: str) -> bool:
    return _stat(path) is not None


def _is_folder(path: str) -> bool:
    stat = _stat(path)
    return stat is not None and bool(stat[0] & 0x4000)


def _length(path: str) -> int:
    stat = _stat(path)
    return -1 if stat is None else stat[6]


def _stat(path: str):
    try:
        return os.stat(path)
    except OSError:
        return None
