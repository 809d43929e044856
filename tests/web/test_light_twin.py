"""The light twin and the bay's words in Chromium: how often a lamp blinks, and that no label loses its end."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from backplane.people.models import User
from backplane.people.roles import Role
from backplane.slots.models import Slot
from tests.web.conftest import OpenAs
from tests.web.racks import make_chassis, make_user

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
Opened = Callable[[int, str], Page]
LABEL = "BP-CARRIER-0009"
_PAINT = """([colour, pattern]) => import('/static/js/lamps.js').then(({ paintLamps }) => {
  const bay = document.querySelector('[data-bay="1"]');
  const lamp = { colour, pattern };
  paintLamps(bay, { status: lamp, hotswap: lamp, locate: lamp, layer: 'local' });
  const twin = bay.querySelector('[data-lamp="status"]');
  return twin.getAnimations().map((it) => {
    const { duration, iterations } = it.effect.getTiming();
    return [it.playState, duration, iterations, Math.round(it.currentTime)];
  });
})"""
_END = """() => document.querySelectorAll('.lamp').forEach(
  (lamp) => lamp.getAnimations().forEach((it) => it.finish()))"""


@pytest.fixture
def ben(transactional_db: None) -> User:
    make_chassis("demo")
    slot = Slot.objects.get(chassis__slug="demo", number=9)
    assert slot.carrier is not None
    slot.carrier.module = None
    slot.carrier.uid = LABEL.encode().hex()
    slot.carrier.save()
    return make_user("ben", Role.VIEWER)


@pytest.fixture
def opened(ben: User, open_as: OpenAs) -> Opened:
    """The chassis page in a window this wide, with or without motion; nobody but the test paints its lamps."""

    def open_page(width: int, motion: str) -> Page:
        page = open_as("ben", "/c/demo/", width=width, reduced_motion=motion)
        page.route("**/snapshot/", lambda route: route.abort())
        page.reload()
        return page

    return open_page


def test_each_change_blinks_five_times_at_1_hz_and_then_stays(opened: Opened) -> None:
    page = opened(1440, "no-preference")
    for colour, pattern in (("red", "fast"), ("red", "slow"), ("amber", "pfa"), ("green", "short")):
        (animation,) = page.evaluate(_PAINT, [colour, pattern])
        state, duration_ms, times, begun_ms = animation
        assert (state, duration_ms, times) == ("running", 1000, 5)
        assert begun_ms == 0  # anew, also where the animation is the same
        page.evaluate(_END)
        assert page.evaluate(_PAINT, [colour, pattern]) == []  # no change, no blink
    assert page.evaluate(_PAINT, ["green", "on"]) == []


def test_no_lamp_moves_for_who_wants_less_motion(opened: Opened) -> None:
    page = opened(1440, "reduce")
    assert page.evaluate(_PAINT, ["red", "fast"]) == []


def test_a_label_is_shown_to_its_end(opened: Opened) -> None:
    page = opened(1440, "reduce")
    name = page.locator('[data-bay="9"] .bay-name')
    expect(name).to_have_text(LABEL)
    fits = (
        "(it) => it.scrollWidth <= it.clientWidth && getComputedStyle(it).textOverflow === 'clip'"
    )
    assert name.evaluate(fits)
    phone = opened(390, "reduce")
    row = phone.locator('[data-row="9"] [data-f="name"]')
    expect(row).to_have_text(LABEL)
    assert row.evaluate("(it) => it.getBoundingClientRect().right <= innerWidth")
