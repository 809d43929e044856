"""Tells when a serial device is plugged in, so that a waiting link need not sit out its back-off.

Only a hint: HELLO proves which board it is, and without udev the back-off alone still works.
"""

import asyncio
import logging
from collections.abc import Callable

logger = logging.getLogger(__name__)


class DeviceWatch:
    """`appeared` is called on the loop for each tty that comes; it must not block."""

    def __init__(self, appeared: Callable[[], None]) -> None:
        self._appeared = appeared
        self._fd: int | None = None

    def start(self) -> bool:
        """False where there is no udev to ask."""
        try:
            import pyudev  # noqa: PLC0415  (loads libudev, which a container may not have)

            self._monitor = pyudev.Monitor.from_netlink(pyudev.Context())
            self._monitor.filter_by("tty")
            self._monitor.start()
        except (ImportError, OSError) as error:
            logger.info("Plugging in a board is noticed by trying again only: %s", error)
            return False
        self._fd = self._monitor.fileno()
        asyncio.get_running_loop().add_reader(self._fd, self._read)
        return True

    def stop(self) -> None:
        if self._fd is not None:
            asyncio.get_running_loop().remove_reader(self._fd)
            self._fd = None

    def _read(self) -> None:
        device = self._monitor.poll(timeout=0)
        if device is not None and device.action == "add":
            self._appeared()
