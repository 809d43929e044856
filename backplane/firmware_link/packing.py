"""Small pieces that several bodies share: counted bytes, numbers that may be newer than we are."""

from enum import IntEnum
from typing import TypeVar

_Number = TypeVar("_Number", bound=IntEnum)


def known(numbers: type[_Number], value: int) -> _Number | int:
    """The member of `numbers`, or the plain int when a newer board uses one we do not know."""
    try:
        return numbers(value)
    except ValueError:
        return value


def pack_short(value: bytes) -> bytes:
    return bytes((len(value),)) + value


def short_at(body: bytes, start: int) -> bytes:
    """The u8-counted bytes at `start`; b"" when the body ends before them."""
    return body[start + 1 : start + 1 + body[start]] if start < len(body) else b""
