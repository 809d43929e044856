"""The core: bytes and milliseconds in, bytes out. Wires the parts together and decides nothing itself.

now_ms is milliseconds since this boot, an unbounded int; it is masked to 32 bit on the wire only.
"""

from .board import Board
from .journal import Journal


class Core:
    """One board's firmware. Never raises outward from receive() or step()."""

    def __init__(self, board: Board, journal: Journal, now_ms: int, version: str = "0.1.0") -> None:
        self.board = board
        self.journal = journal
        self.version = version
        self._now_ms = now_ms

    def receive(self, data: bytes, now_ms: int) -> None:
        """Take bytes from the host, in any pieces."""

    def step(self, now_ms: int) -> bytes:
        """Sample the inputs, run what is due, and return the bytes to send (maybe none)."""
        self._now_ms = now_ms
        return b""

    def next_due(self) -> int:
        """When step() is next needed, in ms, if no input changes and no bytes arrive."""
        return self._now_ms + 100
