"""Frames: the golden bytes, and that no noise gets through or piles up."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.wire import MAX_BODY, Decoder, cobs_decode, cobs_encode, encode_frame

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "wire_vectors.json").read_text()
)["vectors"]


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_golden_frame_is_made_and_read(vector: dict[str, Any]) -> None:
    body, frame = bytes.fromhex(vector["body"]), bytes.fromhex(vector["frame"])
    assert encode_frame(vector["type"], vector["seq"], body) == frame
    assert Decoder().feed(frame) == [(vector["type"], body)]


@given(st.binary(max_size=253))
def test_cobs_costs_one_byte_and_comes_back(raw: bytes) -> None:
    stuffed = cobs_encode(raw)
    assert 0 not in stuffed
    assert len(stuffed) == len(raw) + 1
    assert cobs_decode(stuffed) == raw


def test_largest_frame_is_255_bytes() -> None:
    frame = encode_frame(1, 0, bytes(MAX_BODY))
    assert len(frame) == 255
    assert Decoder().feed(frame) == [(1, bytes(MAX_BODY))]


@given(st.lists(st.binary(max_size=60), max_size=6), st.integers(1, 7))
def test_frames_survive_any_cutting(bodies: list[bytes], size: int) -> None:
    wire = b"".join(encode_frame(9, n, body) for n, body in enumerate(bodies))
    decoder = Decoder()
    found = []
    for at in range(0, len(wire), size):
        found += decoder.feed(wire[at : at + size])
    assert found == [(9, body) for body in bodies]
    assert decoder.lost == 0


@given(st.binary(max_size=2000))
def test_noise_is_counted_and_the_next_frame_is_read(noise: bytes) -> None:
    decoder = Decoder()
    decoder.feed(noise + b"\0")
    assert decoder.feed(encode_frame(7, 1, b"ok")) == [(7, b"ok")]


def test_flood_without_a_zero_is_skipped() -> None:
    decoder = Decoder()
    decoder.feed(b"\x55" * 100_000)
    assert decoder.bad == 1
    assert decoder.feed(b"\0" + encode_frame(7, 1, b"ok")) == [(7, b"ok")]


@given(st.integers(0, 200), st.integers(0, 7))
def test_one_flipped_bit_never_passes(position: int, bit: int) -> None:
    frame = bytearray(encode_frame(16, 3, bytes(range(1, 101)) * 2))
    frame[position] ^= 1 << bit
    assert all(body == b"" for _, body in Decoder().feed(bytes(frame)))


def test_gaps_in_the_sequence_are_counted() -> None:
    decoder = Decoder()
    for seq in (254, 255, 0, 3):
        decoder.feed(encode_frame(1, seq, b""))
    assert (decoder.good, decoder.lost) == (4, 2)
