"""The domain names the wire's numbers in its own words; the two must never drift apart."""

from enum import Enum

import pytest

from backplane.firmware_link import codes, status
from backplane.slots import config, facts, models


def _numbers(enum: type[Enum]) -> set[object]:
    return {member.value for member in enum}


@pytest.mark.parametrize(
    ("wire", "domain"),
    [
        (codes.EventKind, facts.EventKind),
        (codes.RailCause, facts.RailCause),
        (codes.SlotFlags, facts.SlotFlag),
        (codes.ConfigKey, config.ConfigKey),
        (status.LinkState, models.LinkState),
    ],
)
def test_domain_and_wire_know_the_same_numbers(wire: type[Enum], domain: type[Enum]) -> None:
    assert _numbers(wire) == _numbers(domain)


def test_events_have_the_same_names_on_both_sides() -> None:
    assert {kind.name: kind.value for kind in codes.EventKind} == {
        kind.name: kind.value for kind in facts.EventKind
    }
