"""MicroPython's raw prompt on a serial port, through mpremote: run code there, move files, compare hashes.

Knows mpremote and no step of an installation. Every method raises InstallFailed.
"""

import ast
import contextlib
import io
import time
from collections.abc import Callable, Iterator
from typing import Any

from mpremote.transport import TransportError, TransportExecError
from mpremote.transport_serial import SerialTransport
from serial import SerialException

from backplane.console.esp32.errors import InstallFailed, NoPrompt
from backplane.firmware_link.framing import FrameDecoder
from backplane.firmware_link.messages import MessageType
from backplane.firmware_link.serial_port import open_serial

BAUD = 115_200  # of an ESP32's prompt
READ_S = 5.0
TRIES = 3  # the ESP32 may just be starting, or its watchdog bites in the very moment
PIECE = 1024

_HELPERS = """
import os, hashlib, binascii
def bp_tree(folder):
    try:
        names = os.listdir(folder)
    except OSError:
        return
    for name in names:
        path = folder.rstrip('/') + '/' + name
        if os.stat(path)[0] & 0x4000:
            for each in bp_tree(path): yield each
        else:
            yield path
def bp_sha(path):
    found = hashlib.sha256()
    with open(path, 'rb') as file:
        while True:
            piece = file.read(2048)
            if not piece: return binascii.hexlify(found.digest()).decode()
            found.update(piece)
def bp_folders(path):
    parts = path.split('/')[1:-1]
    for count in range(1, len(parts) + 1):
        try: os.mkdir('/' + '/'.join(parts[:count]))
        except OSError: pass
"""


class Prompt:
    """An open raw prompt. Close it, or use it as a context."""

    def __init__(self, port: str) -> None:
        self.port = port
        # Says clearly who has the port, or that we may not open it; mpremote would only say that it failed.
        open_serial(port, BAUD).close()
        with _sentences(port):
            self._transport: Any = SerialTransport(port, BAUD, timeout=READ_S)
        try:
            self._enter()
            self.run(_HELPERS)
        except BaseException:
            self.close()
            raise

    def _enter(self) -> None:
        heard = b""
        for _ in range(TRIES):
            try:
                with contextlib.redirect_stdout(io.StringIO()):
                    self._transport.enter_raw_repl(soft_reset=False, timeout_overall=2)
            except (TransportError, SerialException):
                heard += self._hear(1.0)
            else:
                return
        raise NoPrompt(_why_no_prompt(self.port, heard))

    def _hear(self, seconds: float) -> bytes:
        end, heard = time.monotonic() + seconds, b""
        while time.monotonic() < end:
            heard += bytes(self._transport.serial.read(self._transport.serial.in_waiting or 0))
            time.sleep(0.02)
        return heard

    def close(self) -> None:
        with contextlib.suppress(OSError, SerialException, TransportError):
            self._transport.close()

    def __enter__(self) -> "Prompt":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- code ---------------------------------------------------------------------------------------

    def run(self, code: str) -> str:
        """Run code; what it printed."""
        with _sentences(self.port):
            return bytes(self._transport.exec(code)).decode("utf-8", "replace")

    def ask(self, expression: str) -> Any:  # noqa: ANN401  (whatever the board says)
        """The value of an expression."""
        told = self.run(f"print(repr({expression}))").strip()
        try:
            return ast.literal_eval(told)
        except (ValueError, SyntaxError) as error:
            raise InstallFailed(
                f"The ESP32 gave an answer that makes no sense: {told[:80]!r}"
            ) from error

    def restart(self) -> None:
        """Restart the ESP32; afterwards only `lines` is of use."""
        with _sentences(self.port):
            self._transport.exec_raw_no_follow("import machine\nmachine.reset()")

    def lines(self, within_s: float) -> Iterator[str]:
        """Whole lines that the ESP32 prints, for so long."""
        end, rest = time.monotonic() + within_s, b""
        while time.monotonic() < end:
            with _sentences(self.port):
                rest += bytes(self._transport.serial.read(self._transport.serial.in_waiting or 0))
            *lines, rest = rest.split(b"\n")
            for line in lines:
                yield line.decode("utf-8", "replace").strip()
            time.sleep(0.02)

    # -- files --------------------------------------------------------------------------------------

    def hashes(self, folder: str) -> dict[str, str]:
        """SHA-256 in hex of every file below a folder, by its whole path."""
        told = self.run(f"for p in bp_tree({folder!r}): print(bp_sha(p), p)")
        rows = (line.strip().partition(" ") for line in told.splitlines() if line.strip())
        return {path: digest for digest, _, path in rows}

    def write(self, path: str, content: bytes, on_piece: Callable[[int], None]) -> None:
        """Write one file, with the folders it needs."""
        self.run(f"bp_folders({path!r})")
        with _sentences(self.port):
            self._transport.fs_writefile(path, b"", chunk_size=PIECE)
            self._transport.exec(f"f=open({path!r},'wb')\nw=f.write")
            for at in range(0, len(content), PIECE):
                piece = content[at : at + PIECE]
                self._transport.exec(f"w({piece!r})")
                on_piece(len(piece))
            self._transport.exec("f.close()")

    def remove(self, path: str) -> None:
        """Remove a file; nothing happens if it is not there."""
        self.run(f"try: os.remove({path!r})\nexcept OSError: pass")

    def put_in_place(self, path: str, content: bytes) -> None:
        """Write a file beside the one it replaces, then let it take its place in one step."""
        self.write(path + ".new", content, lambda _: None)
        self.run(f"os.rename({path + '.new'!r}, {path!r})")


@contextlib.contextmanager
def _sentences(port: str) -> Iterator[None]:
    """Turn what mpremote and pyserial raise into a sentence."""
    try:
        yield
    except TransportExecError as error:
        raise InstallFailed(_of_the_board(error.error_output)) from error
    except OSError as error:
        if error.errno == 28:
            raise InstallFailed(_FULL) from error
        raise InstallFailed(f"{port} was lost: {error}. Check the cable and try again.") from error
    except (TransportError, SerialException) as error:
        raise InstallFailed(
            f"{port} went silent: {error}. Check the cable and try again."
        ) from error


_FULL = (
    "The flash of the ESP32 is full. Remove what is not Backplane's (`mpremote fs ls` shows it), or flash MicroPython "
    "anew with --micropython FILE.bin, which empties it."
)


def _of_the_board(output: str) -> str:
    last = output.strip().splitlines()[-1:] or ["no reason"]
    if "ENOSPC" in last[0] or last[0].endswith(" 28"):
        return _FULL
    return f"The ESP32 refused: {last[0]}"


def _why_no_prompt(port: str, heard: bytes) -> str:
    if any(kind == MessageType.HELLO for kind, _, _ in FrameDecoder().feed(b"\0" + heard)):
        return (
            f"{port} is the host line of a board whose firmware runs: it has no prompt. Use the ESP32's USB port, or "
            "bring a new version over this line with `python manage.py update_firmware`."
        )
    return (
        f"No MicroPython answers on {port}. Is it the ESP32's USB port? Press its EN (reset) button once and try again. "
        "If the chip is new or runs something else: get ESP32_GENERIC-....bin (1.24 or newer) from "
        "https://micropython.org/download/ESP32_GENERIC/ and add --micropython FILE.bin."
    )
