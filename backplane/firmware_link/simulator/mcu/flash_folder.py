"""A folder as the flash of a core in another process: what that core's file system asks of it, one word at a time.

Trusts the firmware as far as the folder goes, and no further. Each method raises OSError as the system does.
"""

import os
import stat
from collections.abc import Callable
from pathlib import Path


class FlashFolder:
    """Nothing stays open and nothing is buffered: what a question wrote is in the file when it is answered."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    def questions(self) -> dict[str, Callable[..., str]]:
        """Return each question by its name."""
        return {
            "flash_open": self.open,
            "flash_read": self.read,
            "flash_append": self.append,
            "flash_stat": self.stat,
            "flash_room": self.room,
            "flash_list": self.list,
            "flash_remove": self.remove,
            "flash_rename": self.rename,
            "flash_mkdir": self.mkdir,
            "flash_rmdir": self.rmdir,
        }

    def open(self, mode: str, path: str) -> str:
        """Make or empty a file for a, w; for r see that it is there."""
        with self._path(path).open({"a": "ab", "w": "wb"}.get(mode, "rb")):
            return ""

    def read(self, at: str, size: str, path: str) -> str:
        with self._path(path).open("rb") as file:
            file.seek(int(at))
            return file.read(int(size)).hex()

    def append(self, data: str, path: str) -> str:
        with self._path(path).open("ab") as file:
            file.write(bytes.fromhex(data))
        return ""

    def stat(self, path: str) -> str:
        return f"{_kind(self._path(path))} {self._path(path).stat().st_size}"

    def room(self, path: str) -> str:
        room = os.statvfs(self._path(path))
        return f"{room.f_frsize} {room.f_bavail}"

    def list(self, path: str) -> str:
        return " ".join(f"{each.name},{_kind(each)}" for each in self._path(path).iterdir())

    def remove(self, path: str) -> str:
        self._path(path).unlink()
        return ""

    def rename(self, old: str, new: str) -> str:
        self._path(old).rename(self._path(new))
        return ""

    def mkdir(self, path: str) -> str:
        self._path(path).mkdir()
        return ""

    def rmdir(self, path: str) -> str:
        self._path(path).rmdir()
        return ""

    def _path(self, word: str) -> Path:
        path = (self._folder / word.lstrip("/")).resolve()
        if not path.is_relative_to(self._folder):
            raise PermissionError(1, "outside the flash", word)
        return path


def _kind(path: Path) -> int:
    """Return st_mode as MicroPython has it: a folder or a file, and no more."""
    return stat.S_IFMT(path.stat().st_mode)
