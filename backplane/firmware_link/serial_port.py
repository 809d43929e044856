"""Opens one tty for us alone: locked, lines low, no hang-up on close; names who else has it.

The only file that configures pyserial.
"""

import contextlib
import errno
import fcntl
import getpass
import grp
import os
import termios
from pathlib import Path

from serial import Serial, SerialException

from backplane.firmware_link.adapters import serial_ports
from backplane.firmware_link.errors import (
    NoSerialPort,
    PortForbidden,
    PortMissing,
    PortTaken,
    TransportClosed,
    TransportError,
)
from backplane.firmware_link.holders import holder_of

SERIAL_GROUP = "dialout"
_NO_TTY = {errno.ENOTTY, errno.EISDIR}
_TAKEN = {errno.EBUSY, errno.EAGAIN, errno.EWOULDBLOCK}


def open_serial(path: str, baud: int) -> Serial:
    """An exclusive, raw, non-blocking port. Blocks while the driver does; raises TransportError."""
    port = Serial(baudrate=baud, exclusive=True)
    # Set before opening: an ESP32 with these lines on EN and IO0 would reset, or wait for a download.
    port.dtr = False
    port.rts = False
    port.port = path
    try:
        port.open()
        _claim(port.fileno())
    except (OSError, termios.error) as error:
        if port.is_open:
            port.close()
        raise explain(path, error) from error
    return port


def _claim(fd: int) -> None:
    fcntl.ioctl(fd, termios.TIOCEXCL)
    attributes = termios.tcgetattr(fd)
    attributes[2] &= ~termios.HUPCL  # closing must not drop DTR
    attributes[6][termios.VMIN] = 1  # so that reading nothing means unplugged
    termios.tcsetattr(fd, termios.TCSANOW, attributes)


def explain(path: str, error: OSError | termios.error) -> TransportError:
    """What an error on opening `path` means for a person."""
    number = _number_of(error)
    if number in _TAKEN:
        return PortTaken(path, *holder_of(path))
    if number in {errno.EACCES, errno.EPERM}:
        return PortForbidden(path, _user(), _group_of(path))
    if number in {errno.ENOENT, errno.ENXIO, errno.ENODEV}:
        return PortMissing(path, present_ports())
    if number in _NO_TTY:
        return NoSerialPort(path, os.strerror(number))
    why = str(error) if isinstance(error, SerialException) else os.strerror(number or 0)
    return TransportClosed(path, why)


def _number_of(error: BaseException | None) -> int | None:
    """What the system said; pyserial tells of a failed set-up in words alone, with the cause behind it."""
    if isinstance(error, OSError) and error.errno is None:
        return _number_of(error.__context__)
    if isinstance(error, OSError):
        return error.errno
    return int(error.args[0]) if isinstance(error, termios.error) else None


def present_ports() -> tuple[str, ...]:
    """Serial ports of this machine, by the name that stays the same where there is one."""
    by_id: dict[str, str] = {}
    with contextlib.suppress(OSError):
        for link in sorted(Path("/dev/serial/by-id").iterdir()):
            by_id[str(link.resolve())] = str(link)
    return tuple(by_id.get(port.device, port.device) for port in serial_ports())


def _group_of(path: str) -> str:
    try:
        name = grp.getgrgid(Path(path).stat().st_gid).gr_name
    except (OSError, KeyError):
        return SERIAL_GROUP
    return SERIAL_GROUP if name == "root" else name


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user may have no name
        return str(os.getuid())
