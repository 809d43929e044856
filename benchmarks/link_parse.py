"""Parsing frames of the serial link: a 16-byte frame beside COBS in C, and frame to message beside pymavlink and SMP.

COBS in C (PyPI `cobs`) with zlib.crc32 yields the same values from the same stream: type, seq and body of
each good frame. pymavlink and smp yield message objects, so the whole way to ours is measured beside them;
their messages carry the same eight bytes: a 64-bit time (MAVLink SYSTEM_TIME, SMP echo).
"""

import timeit
from collections.abc import Callable
from statistics import median
from time import process_time
from zlib import crc32

from cobs import cobs
from pymavlink.dialects.v20 import common as mavlink
from smp.os_management import EchoWriteResponse
from smp.packet import decode as smp_decode
from smp.packet import encode as smp_encode

from backplane.firmware_link.framing import FrameDecoder, encode_frame
from backplane.firmware_link.inbox import Inbox
from backplane.firmware_link.messages import MessageType, Ping
from backplane.firmware_link.status import LinkCounters
from benchmarks.report import Figure, table

TITLE = "Parsing a frame of the link"
_FRAMES = 64  # what one read of a busy line brings
_ROUNDS = 100
_TRIALS = 15
_TIMES = [1_234_567_890_123 + seq * 1_000_003 for seq in range(_FRAMES)]
_STREAM = b"".join(
    encode_frame(MessageType.PING, seq, Ping(at).to_body()) for seq, at in enumerate(_TIMES)
)


def _mavlink_stream() -> bytes:
    sender = mavlink.MAVLink(None, srcSystem=1, srcComponent=1)
    return b"".join(mavlink.MAVLink_system_time_message(at, 0).pack(sender) for at in _TIMES)


def _smp_lines() -> list[bytes]:
    echoes = (EchoWriteResponse(r=at.to_bytes(8, "little").hex()[:8]) for at in _TIMES)
    return [line for echo in echoes for line in smp_encode(echo.BYTES)]


_MAVLINK = _mavlink_stream()
_SMP = _smp_lines()
_PARSERS: dict[str, Callable[[], list[object]]] = {
    "frames": lambda: list(FrameDecoder().feed(_STREAM)),
    "cobs": lambda: list(_cobs()),
    "messages": lambda: list(Inbox(LinkCounters()).messages(_STREAM)),
    "mavlink": lambda: list(mavlink.MAVLink(None).parse_buffer(_MAVLINK) or ()),
    "smp": lambda: list(_smp()),
}


def main() -> dict[str, float]:
    """Median nanoseconds per frame of each parser; trials take turns."""
    assert len(_STREAM) == 16 * _FRAMES
    assert _PARSERS["frames"]() == _PARSERS["cobs"]()
    assert all(len(parse()) == _FRAMES for parse in _PARSERS.values())
    seen: dict[str, list[float]] = {name: [] for name in _PARSERS}
    for _ in range(_TRIALS):
        for name, parse in _PARSERS.items():
            seen[name].append(_ns_per_frame(parse))
    return {name: median(values) for name, values in seen.items()}


def measure() -> list[Figure]:
    """Return the lines of the report."""
    ns = main()
    messages = f"{ns['messages']:.0f} ns"
    return [
        Figure(
            "parse one 16-byte frame, to C COBS + crc32",
            ns["frames"] / ns["cobs"],
            "x",
            2.0,
            f"{ns['frames']:.0f} ns; COBS in C + crc32: {ns['cobs']:.0f} ns",
        ),
        Figure(
            "one frame to its message, to pymavlink",
            ns["messages"] / ns["mavlink"],
            "x",
            1.0,
            f"{messages}; pymavlink: {ns['mavlink']:.0f} ns",
        ),
        Figure(
            "one frame to its message, to smp",
            ns["messages"] / ns["smp"],
            "x",
            1.0,
            f"{messages}; smp: {ns['smp']:.0f} ns",
        ),
    ]


def _cobs() -> list[tuple[int, int, bytes]]:
    frames = []
    for part in _STREAM.split(b"\0"):
        if part:
            raw = cobs.decode(part)
            if crc32(raw[:-4]) == int.from_bytes(raw[-4:], "little"):
                frames.append((raw[0], raw[1], raw[2:-4]))
    return frames


def _smp() -> list[EchoWriteResponse]:
    messages = []
    for line in _SMP:
        decoder = smp_decode()
        next(decoder)
        try:
            decoder.send(line)
        except StopIteration as done:
            messages.append(EchoWriteResponse.loads(done.value))
    return messages


def _ns_per_frame(parse: Callable[[], object]) -> float:
    return timeit.timeit(parse, number=_ROUNDS, timer=process_time) / _ROUNDS / _FRAMES * 1e9


if __name__ == "__main__":
    print(table(TITLE, measure()))
