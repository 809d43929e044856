"""`replay:///FILE`: a recording as a port of the app. What the host says leads nowhere but to its ACKs."""

import asyncio
import secrets
from pathlib import Path

from backplane.firmware_link.errors import TransportClosed
from backplane.firmware_link.recording import BadRecording, read_recording
from backplane.firmware_link.replay_board import ReplayBoard, Said, board_messages, first_hello
from backplane.firmware_link.transport import OnData, OnLost

_NO_HELLO = "no HELLO of a board is in it; record from the opening of the port on"


class ReplayTransport:
    """The near end of a line at whose far end a recording speaks."""

    def __init__(self, board: ReplayBoard) -> None:
        self._board = board
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._on_data: OnData | None = None

    def start(self, on_data: OnData, on_lost: OnLost) -> None:  # noqa: ARG002  (a file does not break)
        self._on_data = on_data
        self._set_timer(0.0)

    def write(self, data: bytes) -> None:
        if self._on_data is not None:
            self._board.receive(data, self._loop.time())
            self._set_timer(0.0)

    def close(self) -> None:
        self._on_data = None
        if self._timer is not None:
            self._timer.cancel()

    def _step(self) -> None:
        self._timer = None
        now = self._loop.time()
        said = self._board.step(now)
        due = self._board.next_due()
        if due is not None:
            self._set_timer(max(0.001, due - now))
        if said and self._on_data is not None:
            self._on_data(said)

    def _set_timer(self, delay_s: float) -> None:
        when = self._loop.time() + delay_s
        if self._timer is not None:
            if self._timer.when() <= when:
                return
            self._timer.cancel()
        self._timer = self._loop.call_at(when, self._step)


async def open_replay(url: str, path: Path, speed: float) -> ReplayTransport:
    """Plays `path` from its beginning, `speed` times as fast. Raises TransportClosed."""
    try:
        said = await asyncio.get_running_loop().run_in_executor(None, _read, path)
    except BadRecording as error:
        raise TransportClosed(url, str(error).rstrip(".")) from error
    hello = first_hello(said)
    if hello is None:
        raise TransportClosed(url, _NO_HELLO)
    # A journal of its own each time: what was played before is another playing.
    return ReplayTransport(ReplayBoard(said, hello, secrets.randbits(31) + 1, speed))


def _read(path: Path) -> list[Said]:
    return board_messages(read_recording(path))
