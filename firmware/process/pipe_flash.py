"""The flash as a file system behind the pipe: files are written by the process that owns the rack.

So they are real, and end at a definite byte however one of the two processes dies.
"""

import io
from binascii import hexlify, unhexlify

from ..compat import const
from .pipe import ask

_LINE = const(256)  # bytes that are looked through for the end of a line


class PipeFile(io.IOBase):
    """An open file. Reads at its own place, writes at the end."""

    def __init__(self, path: str, binary: bool) -> None:
        self._path = path
        self._is_binary = binary
        self._at = 0

    def read(self, size: int = -1):
        data = unhexlify(ask("flash_read %d %d %s" % (self._at, size, self._path)))
        self._at += len(data)
        return data if self._is_binary else data.decode()

    def readline(self):
        begin = self._at
        line = b""
        while b"\n" not in line:
            more = unhexlify(ask("flash_read %d %d %s" % (begin + len(line), _LINE, self._path)))
            line += more
            if not more:
                break
        end = line.find(b"\n") + 1
        line = line[:end] if end else line
        self._at = begin + len(line)
        return line if self._is_binary else line.decode()

    def __iter__(self):
        return self

    def __next__(self):
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    def readinto(self, buffer) -> int:
        data = unhexlify(ask("flash_read %d %d %s" % (self._at, len(buffer), self._path)))
        self._at += len(data)
        buffer[: len(data)] = data
        return len(data)

    def write(self, data) -> int:
        raw = data if self._is_binary else data.encode()
        if raw:
            ask("flash_append %s %s" % (hexlify(raw).decode(), self._path))
        return len(data)

    def ioctl(self, request: int, argument: int) -> int:  # noqa: ARG002 - MicroPython's interface
        return 0

    def close(self) -> None:
        """Nothing is buffered."""

    def __enter__(self):
        return self

    def __exit__(self, *error) -> None:
        self.close()


class PipeFlash:
    """What MicroPython asks of a file system that is mounted."""

    def mount(self, readonly: bool, mkfs: bool) -> None:
        """Nothing to prepare."""

    def umount(self) -> None:
        """Nothing to end."""

    def open(self, path: str, mode: str) -> PipeFile:
        ask("flash_open %s %s" % (mode[0], path))
        return PipeFile(path, "b" in mode)

    def stat(self, path: str):
        mode, size = [int(word) for word in ask("flash_stat " + path).split()]
        return (mode, 0, 0, 0, 0, 0, size, 0, 0, 0)

    def statvfs(self, path: str):
        block, free = [int(word) for word in ask("flash_room " + path).split()]
        return (block, block, free, free, free, 0, 0, 0, 0, 255)

    def ilistdir(self, path: str):
        for row in ask("flash_list " + path).split():
            name, mode = row.split(",")
            yield name, int(mode), 0

    def remove(self, path: str) -> None:
        ask("flash_remove " + path)

    def rename(self, old: str, new: str) -> None:
        ask("flash_rename %s %s" % (old, new))

    def mkdir(self, path: str) -> None:
        ask("flash_mkdir " + path)

    def rmdir(self, path: str) -> None:
        ask("flash_rmdir " + path)
