"""Recordings of a link: every byte of both directions with its time, as lines that a person can read.

    # backplane link recording 1
    # port /dev/ttyUSB0
    # began 2026-05-04T10:15:00.000000+00:00
    0.000102 > 00 1b 01 01 ...
    0.001934 < 00 06 02 ...

Seconds since the recording began; `>` to the board, `<` from the board; bytes as they passed, not as frames.
"""

import contextlib
import logging
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from backplane.firmware_link.errors import LinkError
from backplane.firmware_link.trace import Chunk
from backplane.firmware_link.transport import OnData, OnLost, Transport

logger = logging.getLogger(__name__)

SUFFIX = ".bplink"
TITLE = "# backplane link recording 1"
TO_BOARD, FROM_BOARD = ">", "<"
LARGEST_BYTES = 32 * 1024 * 1024  # some 15 hours of a chassis; then the next file begins
LONGEST_S = 400 * 86_400.0  # of a recording: what says more, or is no number, is damaged
FILES_KEPT = 8  # of each port
_FLUSH_EVERY_S = (
    1.0  # a crash costs so much of the recording, and a slow disk is not asked for each frame
)
_UNFIT_FOR_A_NAME = re.compile(r"[^A-Za-z0-9_.-]+")


class BadRecording(LinkError):  # noqa: N818  (named for what it is)
    """The file is no recording; the text says what to do."""


def check_title(line: str, path: Path) -> None:
    """Raises BadRecording unless `line` is the first of a recording."""
    if line.rstrip("\n") != TITLE:
        message = f"{path} is no recording: its first line has to be {TITLE!r}."
        raise BadRecording(message)


def parse_line(line: str) -> Chunk | None:
    """The chunk in a whole line; None for a comment, and for what is damaged."""
    at, direction, data = (*line.split(" ", 2), "", "", "")[:3]
    if direction not in {TO_BOARD, FROM_BOARD} or not line.endswith("\n"):
        return None
    try:
        chunk = Chunk(float(at), direction == FROM_BOARD, bytes.fromhex(data))
    except ValueError:
        return None
    return chunk if 0 <= chunk.at_s <= LONGEST_S else None


def read_recording(path: Path) -> list[Chunk]:
    """All of a recording; a last line that a crash cut off is left out. Raises BadRecording."""
    try:
        with path.open(encoding="ascii", errors="replace") as file:
            check_title(file.readline(), path)
            return [chunk for line in file if (chunk := parse_line(line)) is not None]
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}."
        raise BadRecording(message) from error


class Recorder:
    """Writes one recording. A disk that is full ends the recording, never the link."""

    def __init__(self, path: Path, port: str) -> None:
        """Raises OSError when the file cannot be begun."""
        self.path = path
        self._file: TextIO | None = path.open("x", encoding="ascii")
        self._began_s = self._flushed_s = time.monotonic()
        self._size = 0
        began = datetime.now(UTC).isoformat()
        self._write(
            f"{TITLE}\n# port {port.encode('ascii', 'replace').decode()}\n# began {began}\n"
        )

    @property
    def is_full(self) -> bool:
        return self._size >= LARGEST_BYTES

    def note(self, data: bytes, *, is_from_board: bool) -> None:
        at_s = time.monotonic() - self._began_s
        direction = FROM_BOARD if is_from_board else TO_BOARD
        self._write(f"{at_s:.6f} {direction} {data.hex(' ')}\n")

    def close(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
            self._file = None

    def _write(self, text: str) -> None:
        if self._file is None:
            return
        try:
            self._file.write(text)
            self._size += len(text)
            now_s = time.monotonic()
            if now_s - self._flushed_s >= _FLUSH_EVERY_S:
                self._flushed_s = now_s
                self._file.flush()
        except OSError as error:
            logger.warning("%s ends here: %s", self.path, error)
            self.close()


class RecordingTransport:
    """A transport whose bytes of both directions go into a recording on their way."""

    def __init__(self, inner: Transport, begin: Callable[[], Recorder | None]) -> None:
        self._inner = inner
        self._begin = begin
        self._recorder = begin()

    def start(self, on_data: OnData, on_lost: OnLost) -> None:
        def heard(data: bytes) -> None:
            self._note(data, is_from_board=True)
            on_data(data)

        self._inner.start(heard, on_lost)

    def write(self, data: bytes) -> None:
        self._note(data, is_from_board=False)
        self._inner.write(data)

    def close(self) -> None:
        self._inner.close()
        if self._recorder is not None:
            self._recorder.close()

    def _note(self, data: bytes, *, is_from_board: bool) -> None:
        if self._recorder is None:
            return
        if self._recorder.is_full:
            self._recorder.close()
            self._recorder = self._begin()
        if self._recorder is not None:
            self._recorder.note(data, is_from_board=is_from_board)


def begin_recording(folder: Path, port: str) -> Recorder | None:
    """A new file for that port, the oldest of too many deleted; None when the folder cannot be written."""
    name = _UNFIT_FOR_A_NAME.sub("-", port).strip("-")
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%f")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for old in sorted(folder.glob(f"{name}.*{SUFFIX}"))[: 1 - FILES_KEPT]:
            old.unlink(missing_ok=True)
        return Recorder(folder / f"{name}.{moment}{SUFFIX}", port)
    except OSError as error:
        logger.warning("%s is not recorded: %s", port, error)
        return None
