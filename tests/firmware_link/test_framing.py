"""Frames survive any cutting, and no damaged byte gets through or stops what follows."""

import random
from zlib import crc32

import pytest
from cobs import cobs
from hypothesis import given
from hypothesis import strategies as st

from backplane.firmware_link.framing import (
    MAX_BODY,
    MAX_ENCODED,
    FrameDecoder,
    decode_frame,
    encode_frame,
)

frames = st.tuples(st.integers(0, 255), st.integers(0, 255), st.binary(max_size=MAX_BODY))


@given(frames)
def test_a_frame_reads_back_as_it_was_written(frame: tuple[int, int, bytes]) -> None:
    encoded = encode_frame(*frame)
    assert encoded.count(0) == 1
    assert len(encoded) == len(frame[2]) + 8
    assert decode_frame(encoded[:-1]) == frame


@given(frames)
def test_the_encoding_is_plain_cobs(frame: tuple[int, int, bytes]) -> None:
    raw = cobs.decode(encode_frame(*frame)[:-1])
    assert raw[:-4] == bytes(frame[:2]) + frame[2]
    assert raw[-4:] == crc32(raw[:-4]).to_bytes(4, "little")


@given(st.lists(frames, max_size=6), st.integers(1, 300))
def test_any_cutting_of_the_stream_gives_the_same_frames(
    sent: list[tuple[int, int, bytes]], size: int
) -> None:
    stream = b"".join(encode_frame(*frame) for frame in sent)
    decoder = FrameDecoder()
    got = []
    for start in range(0, len(stream), size):
        got += decoder.feed(stream[start : start + size])
    assert got == sent
    assert decoder.bad_frames == 0


@given(st.binary(max_size=2000))
def test_noise_never_raises_and_a_frame_after_it_is_read(noise: bytes) -> None:
    decoder = FrameDecoder()
    decoder.feed(noise)
    assert decoder.feed(b"\0" + encode_frame(1, 2, b"here"))[-1] == (1, 2, b"here")


@given(frames, st.data())
def test_a_flipped_bit_is_never_taken_for_a_frame(
    frame: tuple[int, int, bytes], data: st.DataObject
) -> None:
    encoded = bytearray(encode_frame(*frame)[:-1])
    bit = data.draw(st.integers(0, len(encoded) * 8 - 1))
    encoded[bit // 8] ^= 1 << bit % 8
    decoder = FrameDecoder()
    assert decoder.feed(bytes(encoded) + b"\0") == []
    assert decoder.bad_frames >= 1


@given(frames, st.integers(1, 254))
def test_a_truncated_frame_is_dropped_and_the_next_one_read(
    frame: tuple[int, int, bytes], cut: int
) -> None:
    encoded = encode_frame(*frame)
    decoder = FrameDecoder()
    got = decoder.feed(encoded[: max(1, len(encoded) - 1 - cut)] + b"\0" + encoded)
    assert got == [frame]


def test_bursts_of_damage_let_no_wrong_frame_through() -> None:
    chance = random.Random(20)
    frame = encode_frame(0x10, 9, bytes(range(20)))[:-1]
    for _ in range(20_000):
        damaged = bytearray(frame)
        start = chance.randrange(len(frame) - 3)
        damaged[start : start + 4] = chance.randbytes(4)
        if damaged != frame:
            assert decode_frame(bytes(damaged)) is None


def test_a_stream_without_a_delimiter_takes_no_memory_and_counts_once() -> None:
    decoder = FrameDecoder()
    for _ in range(1000):
        assert decoder.feed(b"\x55" * 100) == []
    assert len(decoder._tail) <= MAX_ENCODED
    assert decoder.bad_frames == 1
    assert decoder.feed(b"\x55\0" + encode_frame(1, 1, b"")) == [(1, 1, b"")]
    assert decoder.bad_frames == 1


def test_empty_frames_between_delimiters_are_no_damage() -> None:
    decoder = FrameDecoder()
    assert decoder.feed(b"\0\0\0" + encode_frame(1, 1, b"x") + b"\0\0") == [(1, 1, b"x")]
    assert decoder.bad_frames == 0


def test_a_body_that_does_not_fit_is_the_callers_fault() -> None:
    assert len(encode_frame(1, 1, bytes(MAX_BODY))) == 255
    with pytest.raises(ValueError, match="247"):
        encode_frame(1, 1, bytes(MAX_BODY + 1))
