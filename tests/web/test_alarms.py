"""The alarm banner as the server renders it: on every page, for those who may look."""

import pytest
from django.test import Client

from backplane.slots.facts import SlotFlag
from backplane.slots.models import Chassis, Slot
from tests.web.racks import OTHER_LOOKS, make_chassis, make_user

PAGES = ("/", "/events/", "/c/demo/", "/c/demo/s/3/", "/password/")


@pytest.fixture
def alarmed(demo: Chassis) -> Chassis:
    """Slot 3 of a second chassis was pulled by mistake; slot 4 is the one to pull."""
    return make_chassis("a12", looks=OTHER_LOOKS)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_says_the_alarm(viewer: Client, alarmed: Chassis, page: str) -> None:
    shown = viewer.get(page, follow=True).content.decode()
    assert 'role="alert" data-alarms' in shown
    assert "That was slot 3. Put what was there back in slot 3." in shown
    assert "Chassis a12" in shown
    assert 'href="/c/a12/s/3/"' in shown


def test_several_alarms_are_several_lines(viewer: Client, alarmed: Chassis) -> None:
    Slot.objects.filter(chassis__slug="demo", number=5).update(
        flags=int(SlotFlag.SENSES_PRESENCE | SlotFlag.ALARM)
    )
    shown = viewer.get("/events/").content.decode()
    assert "That was slot 3." in shown
    assert "That was slot 5." in shown


def test_without_an_alarm_the_banner_is_empty(viewer: Client, demo: Chassis) -> None:
    shown = viewer.get("/events/").content.decode()
    assert 'role="alert" data-alarms' in shown
    assert "That was slot" not in shown.partition("<template")[0]


def test_who_may_not_look_is_told_nothing(alarmed: Chassis) -> None:
    stranger = Client()
    assert "data-alarms" not in stranger.get("/sign-in/").content.decode()
    newcomer = make_user("newcomer")
    newcomer.must_change_password = True
    newcomer.save()
    stranger.force_login(newcomer)
    shown = stranger.get("/", follow=True).content.decode()
    assert "That was slot" not in shown
