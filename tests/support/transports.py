"""Wires between a host and a board in virtual time: perfect, torn to bytes, lossy, slow, cut short."""

import random
from typing import Protocol

Chunks = list[tuple[float, bytes]]  # (seconds until it arrives, bytes)


class Wire(Protocol):
    def carry(self, data: bytes) -> Chunks: ...


class PerfectWire:
    def carry(self, data: bytes) -> Chunks:
        return [(0.0005, data)]


class ByteAtATimeWire:
    """Every byte comes alone, at the pace of 921600 baud."""

    def carry(self, data: bytes) -> Chunks:
        return [(0.0005 + index * 11e-6, bytes((byte,))) for index, byte in enumerate(data)]


class LossyWire:
    """One frame in five does not arrive, one in ten arrives with a wrong bit. Repeatable by seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def carry(self, data: bytes) -> Chunks:
        kept = b""
        for frame in data.split(b"\0"):
            fate = self._random.random()
            if frame and fate >= 0.2:
                kept += (_flip_a_bit(frame, self._random) if fate < 0.3 else frame) + b"\0"
        return [(0.0005, kept)] if kept else []


class SlowWire:
    """A long way: longer there and back than the board waits for an ACK."""

    def carry(self, data: bytes) -> Chunks:
        return [(0.12, data)]


class CutWire:
    """Each eighth burst breaks off in the middle of a frame, as if the adapter was reset."""

    def __init__(self) -> None:
        self._bursts = 0

    def carry(self, data: bytes) -> Chunks:
        self._bursts += 1
        kept = data[: len(data) // 2] if self._bursts % 8 == 0 else data
        return [(0.0005, kept)]


def _flip_a_bit(frame: bytes, chance: random.Random) -> bytes:
    flipped = bytearray(frame)
    flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
    return bytes(flipped)
