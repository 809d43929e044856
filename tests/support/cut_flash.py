"""A flash whose power fails after so many bytes and steps, for code that writes through `open` and `os`."""

import os
from pathlib import Path
from types import ModuleType
from typing import IO, Any

import pytest


class PowerCut(BaseException):
    """Nothing in the firmware may catch this: there is no power to catch it with."""


class CutFlash:
    """Counts what is written; `left` None: the power stays. A step (rename, remove, ...) costs 1, a byte 1.

    `keeps`: whether bytes of a file that was not closed are there afterwards; littlefs drops them.
    """

    def __init__(self, *, keeps: bool) -> None:
        self.left: int | None = None
        self.spent = 0
        self._keeps = keeps
        self._open: list[_File] = []
        self.os = _Os(self)

    def install(self, monkeypatch: pytest.MonkeyPatch, *modules: ModuleType) -> None:
        for module in modules:
            monkeypatch.setattr(module, "open", self.open, raising=False)
            monkeypatch.setattr(module, "os", self.os)

    def open(self, path: str, mode: str = "r") -> "IO[Any] | _File":
        if "w" not in mode and "a" not in mode:
            return Path(path).open(mode)
        self.spend(1)
        file = _File(self, path, mode)
        self._open.append(file)
        return file

    def spend(self, cost: int) -> int:
        """How much of it happens before the power fails."""
        self.spent += cost
        if self.left is None:
            return cost
        done = min(cost, self.left)
        self.left -= done
        if done < cost and cost == 1:
            self.fail()
        return done

    def fail(self) -> None:
        for file in self._open:
            file.drop(keeps=self._keeps)
        self._open = []
        raise PowerCut

    def closed(self, file: "_File") -> None:
        if file in self._open:
            self._open.remove(file)


class _File:
    def __init__(self, flash: CutFlash, path: str, mode: str) -> None:
        self._flash = flash
        self._path = Path(path)
        self._file: IO[Any] = self._path.open(mode)

    def write(self, data: bytes) -> int:
        done = self._flash.spend(len(data)) if data else 0
        self._file.write(data[:done])
        if done < len(data):
            self._flash.fail()
        return done

    def close(self) -> None:
        self._file.close()
        self._flash.closed(self)

    def drop(self, *, keeps: bool) -> None:
        self._file.close()
        if not keeps:
            self._path.write_bytes(b"")

    def __enter__(self) -> "_File":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not PowerCut:
            self.close()


class _Os:
    """The part of `os` that the firmware uses."""

    def __init__(self, flash: CutFlash) -> None:
        self._flash = flash

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  (as `os` has it)
        real = getattr(os, name)
        if name not in {"rename", "remove", "mkdir", "rmdir"}:
            return real

        def step(*args: str) -> None:
            self._flash.spend(1)
            real(*args)

        return step
