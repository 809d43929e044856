"""Parsing one 16-byte frame of the serial link, beside COBS in C (PyPI `cobs`) with zlib.crc32.

The peer yields the same values from the same stream: type, seq and body of each good frame.
"""

import timeit
from collections.abc import Callable
from statistics import median
from zlib import crc32

from cobs import cobs

from backplane.firmware_link.framing import FrameDecoder, encode_frame
from backplane.firmware_link.messages import MessageType, Ping
from benchmarks.report import Figure, table

TITLE = "Parsing a frame of the link"
_FRAMES = 64  # what one read of a busy line brings
_ROUNDS = 200
_TRIALS = 15
_STREAM = b"".join(
    encode_frame(MessageType.PING, seq, Ping(1_234_567_890_123 + seq * 1_000_003).to_body())
    for seq in range(_FRAMES)
)


def main() -> dict[str, float]:
    """Median nanoseconds per frame, and the ratio of the two; trials take turns."""
    assert len(_STREAM) == 16 * _FRAMES
    assert _ours() == _peer()
    ours, peer = [], []
    for _ in range(_TRIALS):
        ours.append(_ns_per_frame(_ours))
        peer.append(_ns_per_frame(_peer))
    result = {"ours_ns": median(ours), "peer_ns": median(peer)}
    return result | {"ratio": result["ours_ns"] / result["peer_ns"]}


def measure() -> list[Figure]:
    """Return the lines of the report."""
    seen = main()
    beside = f"{seen['ours_ns']:.0f} ns; COBS in C + crc32: {seen['peer_ns']:.0f} ns"
    return [Figure("parse one 16-byte frame, to C COBS + crc32", seen["ratio"], "x", 2.0, beside)]


def _ours() -> list[tuple[int, int, bytes]]:
    return FrameDecoder().feed(_STREAM)


def _peer() -> list[tuple[int, int, bytes]]:
    frames = []
    for part in _STREAM.split(b"\0"):
        if part:
            raw = cobs.decode(part)
            if crc32(raw[:-4]) == int.from_bytes(raw[-4:], "little"):
                frames.append((raw[0], raw[1], raw[2:-4]))
    return frames


def _ns_per_frame(parse: Callable[[], object]) -> float:
    return timeit.timeit(parse, number=_ROUNDS) / _ROUNDS / _FRAMES * 1e9


if __name__ == "__main__":
    print(table(TITLE, measure()))
