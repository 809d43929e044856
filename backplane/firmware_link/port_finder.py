"""Where a board may be when its port is not: another device name, or an equal adapter's.

Looks only at adapters of the make that this port had, that no process has open, and takes only boards
that this installation had before; HELLO proves which. Everything here may block and runs beside the loop.
"""

import asyncio
import os
import threading
from pathlib import Path
from urllib.parse import urlsplit

from backplane.firmware_link.adapters import Adapter, KnownPorts, adapters_present
from backplane.firmware_link.holders import holder_of
from backplane.firmware_link.status import LinkState

FIRST_HELLO_S = 1.0  # a board answers a HELLO_REQ within milliseconds; the rest is the adapter's
_ELSEWHERE = {LinkState.NO_PORT, LinkState.TAKEN, LinkState.REFUSED}
_LINKS_AT_MOST = 8  # a loop of links must not hold us
_one_at_a_time = threading.Lock()  # the links of a process share the file


class PortFinder:
    """For one port URL. Without effect for what is no device."""

    def __init__(self, url: str, data_dir: Path) -> None:
        self._url = url
        self._is_device = url.startswith("/")
        self._ports = KnownPorts(data_dir)
        self._noted: tuple[str, str] | None = None
        self._board_ids: frozenset[str] = frozenset()

    def is_known(self, board_id: bytes) -> bool:
        """Say whether this installation had that board on one of its ports; as of the last search."""
        return board_id.hex() in self._board_ids

    def note(self, url: str, board_id: bytes) -> None:
        """Remember, in the background, that `url` led to that board."""
        news = (url, board_id.hex())
        if self._is_device and news != self._noted:
            self._noted = news
            asyncio.get_running_loop().run_in_executor(None, self._note, *news)

    async def elsewhere(self, kind: LinkState) -> list[str]:
        """Port URLs to try after the configured one ended with `kind`, the likeliest first."""
        if not self._is_device or kind not in _ELSEWHERE:
            return []
        return await asyncio.get_running_loop().run_in_executor(None, self._search)

    def _note(self, url: str, board_id: str) -> None:
        present = adapters_present()
        adapter = present.get(device_of(url, present))
        if adapter is not None:
            with _one_at_a_time:
                self._ports.note(self._url, adapter, board_id)

    def _search(self) -> list[str]:
        known = self._ports.read()
        adapter = known.adapters.get(self._url)
        if adapter is None:
            return []
        self._board_ids = known.board_ids
        options = urlsplit(self._url).query
        suffix = f"?{options}" if options else ""
        present = adapters_present()
        configured = device_of(self._url, present)
        return [
            device + suffix
            for device in _like(adapter, present)
            if device != configured and holder_of(device)[0] is None
        ]


def _like(adapter: Adapter, present: dict[str, Adapter]) -> list[str]:
    """Devices of that make, those with the same serial number first."""
    like = [(device, at) for device, at in present.items() if at.is_like(adapter)]
    like.sort(key=lambda pair: (pair[1].serial != adapter.serial, pair[0]))
    return [device for device, _ in like]


def device_of(url: str, present: dict[str, Adapter]) -> str:
    """The device that a URL leads to now: a by-id name is a link to one of those present."""
    path = Path(urlsplit(url).path)
    for _ in range(_LINKS_AT_MOST):
        if str(path) in present or not path.is_symlink():
            break
        path = Path(os.path.normpath(path.parent / path.readlink()))
    return str(path)
