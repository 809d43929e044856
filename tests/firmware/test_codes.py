"""The firmware's numbers and the host's are two tables of one protocol: they must not drift apart."""

from enum import IntEnum

import pytest

from backplane.firmware_link import codes as host
from firmware import codes


@pytest.mark.parametrize(
    ("numbers", "prefix", "absent"),
    [
        (host.MessageType, "", set()),
        (host.EventKind, "", {"BUTTON"}),
        (host.Op, "", set()),
        (host.ResultCode, "", set()),
        (host.ConfigKey, "", set()),
        (host.ErrorCode, "", set()),
        (host.RailCause, "BY_", {"LOCAL_BUTTON"}),
    ],
)
def test_each_number_means_the_same_on_both_sides(
    numbers: type[IntEnum], prefix: str, absent: set[str]
) -> None:
    theirs = {number.name: int(number) for number in numbers if number.name not in absent}
    ours = {name: getattr(codes, prefix + name, None) for name in theirs}
    assert ours == theirs
    assert not [name for name in absent if hasattr(codes, prefix + name)]
