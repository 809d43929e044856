"""The light card: every light that the firmware can show is on it, and nothing else; it prints on one page."""

from itertools import product
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from backplane.live.lamps import unpack_lamps
from backplane.live.pages.help import BLUE, STATUS, WHITE, Group
from backplane.slots.models import Chassis
from firmware import lights as firmware_lights

_STATUS_FACTS = ("alarm", "tripped", "latched", "over_temp", "suspicious", "silent", "rail", "halted", "good")  # fmt: skip
_BLUE_FACTS = ("released", "safe", "stopping", "waiting", "rail")


def named(status: tuple[int, int], blue: int) -> tuple[tuple[str, str], str]:
    """Return what the firmware shows by the names of the live protocol."""
    lamps = unpack_lamps(status[0] | status[1] << 3 | blue << 6)
    return (lamps["status"]["colour"], lamps["status"]["pattern"]), lamps["hotswap"]["pattern"]


def test_every_status_light_of_the_firmware_is_on_the_card() -> None:
    shown = set()
    for facts in product((False, True), repeat=len(_STATUS_FACTS)):
        slot = SimpleNamespace(**dict(zip(_STATUS_FACTS, facts, strict=True)))
        shown.add(named(firmware_lights._local_status(slot), 0)[0])
    assert {(light.colour, light.pattern) for light in STATUS.lights} == shown


def test_every_blue_light_of_the_firmware_is_on_the_card() -> None:
    shown = set()
    for released, safe, stopping, waiting, rail in product((False, True), repeat=5):
        slot = SimpleNamespace(
            released=released,
            stopping=stopping,
            waiting=waiting,
            rail=rail,
            is_safe=lambda s=safe: s,
        )
        shown.add(named((0, 0), firmware_lights._local_blue(slot))[1])
    assert {light.pattern for light in BLUE.lights} == shown


def test_only_steady_blue_says_pull() -> None:
    pulls = [
        light
        for group in (BLUE, WHITE, STATUS)
        for light in group.lights
        if light.do.startswith("Pull this")
    ]
    assert [(light.colour, light.pattern) for light in pulls] == [("blue", "on")]


def test_locate_and_insert_here_differ() -> None:
    assert [light.pattern for light in WHITE.lights] == ["fast", "slow"]


def test_the_card_is_for_everybody_signed_in(viewer: Client, demo: Chassis) -> None:
    answer = viewer.get(reverse("light-card"))
    assert answer.status_code == 200
    assert "no-store" not in answer["Cache-Control"]  # it may be kept for when there is no network
    shown = answer.content.decode()
    for group in (BLUE, WHITE, STATUS):
        for light in group.lights:
            assert light.meaning in shown
            assert light.do in shown
    assert Client().get(reverse("light-card")).status_code == 302


@pytest.mark.parametrize("group", [BLUE, WHITE, STATUS], ids=lambda group: group.title)
def test_no_strip_is_lit_longer_than_its_second(group: Group) -> None:
    for light in group.lights:
        assert all(begin + length <= 1000 for begin, length in light.lit_ms)
        assert bool(light.lit_ms) == (light.pattern != "off")
