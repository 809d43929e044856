"""Every error the link can meet, with fields to act on and a sentence to show.

LinkError
├── ProtocolError            what came over the line cannot be
│   ├── BadBody
│   └── VersionMismatch
├── LinkRefused              the handler does not want this board (another id, no lease, ...)
├── ContinuityLost           the handler's records and the board's journal contradict each other
├── BadPortUrl               a setting, not a cable
├── BadRecording             a file that is none of ours (recording.py)
└── TransportError           opening or keeping the port
    ├── PortMissing
    ├── PortForbidden
    ├── PortTaken
    └── TransportClosed
        └── NoSerialPort     a file, a folder, a device without lines
"""

# ruff: noqa: N818  # named for what happened (PortTaken), the word Error says nothing more

from dataclasses import dataclass


class LinkError(Exception):
    """Base of all errors of this library. `str()` is a sentence for a person."""


class ProtocolError(LinkError):
    pass


@dataclass
class BadBody(ProtocolError):
    frame_type: int
    length: int

    def __str__(self) -> str:
        return f"A frame of type 0x{self.frame_type:02x} came with a body of {self.length} bytes."


@dataclass
class VersionMismatch(ProtocolError):
    host_min: int
    host_max: int
    board_min: int | None
    board_max: int | None

    def __str__(self) -> str:
        board = "another version"
        if self.board_min is not None:
            board = f"versions {self.board_min} to {self.board_max}"
        return (
            f"The board speaks {board} of the link protocol, this host speaks {self.host_min} to"
            f" {self.host_max}. Update the firmware or this program."
        )


@dataclass
class LinkRefused(LinkError):
    """Raised by a handler to turn a board away; tried again after a back-off."""

    reason: str

    def __str__(self) -> str:
        return self.reason


class ContinuityLost(LinkError):
    """Raised by a handler on events: the board is then asked to begin a new journal."""


@dataclass
class BadPortUrl(LinkError):
    url: str
    why: str

    def __str__(self) -> str:
        return (
            f"{self.url!r} is not a port: {self.why}. Use a device such as"
            " /dev/serial/by-id/usb-..., socket://HOST:PORT, sim://NAME or replay:///FILE."
        )


class TransportError(LinkError):
    pass


@dataclass
class PortMissing(TransportError):
    port: str
    present: tuple[str, ...]

    def __str__(self) -> str:
        there = ", ".join(self.present) or "no serial port at all"
        return f"There is no {self.port}. Here now: {there}. Check the cable and the port setting."


@dataclass
class PortForbidden(TransportError):
    port: str
    user: str
    group: str

    def __str__(self) -> str:
        return (
            f"User {self.user} may not open {self.port}. Run `sudo usermod -aG {self.group}"
            f" {self.user}` (group {self.group}), then sign in anew or restart the service."
        )


@dataclass
class PortTaken(TransportError):
    port: str
    pid: int | None
    program: str | None

    def __str__(self) -> str:
        holder = "another program"
        if self.pid is not None:
            holder = f"{self.program or 'a program'} (process {self.pid})"
        return f"{self.port} is in use by {holder}. Stop it, or give this chassis another port."


@dataclass
class TransportClosed(TransportError):
    port: str
    why: str

    def __str__(self) -> str:
        return f"{self.port} closed: {self.why}."


class NoSerialPort(TransportClosed):
    def __str__(self) -> str:
        return (
            f"{self.port} is no serial port. Use a device such as /dev/serial/by-id/usb-...;"
            " `python manage.py ports` lists them."
        )
