"""Every screen of a swap in every look: axe, 320 pixels, twice the zoom, the reader's own colours.

The screens are rendered one after the other and then shown without a server, which takes a tenth of the time.
"""

from collections.abc import Callable

import pytest
from django.test import Client
from playwright.sync_api import Page
from pytest_django.fixtures import Settings

from backplane.people.models import User
from backplane.slots.facts import SlotFlag
from backplane.slots.models import Carrier, Chassis, Slot
from backplane.swaps.models import Swap
from backplane.swaps.script.stages import _ANYWHERE, _BRANCHES  # every branch that has words
from backplane.swaps.steps import Branch, Step, SwapState
from tests.support.axe import load_axe, look, violations
from tests.support.chromium import chromium, new_context
from tests.support.still_pages import StillPages
from tests.web.racks import make_chassis
from tests.web.swaps import make_swap, move

pytestmark = [pytest.mark.e2e, pytest.mark.django_db]
Prepare = Callable[[Swap], object]
NUMBER = 7
_WIDE = """() => {
    const most = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth > most) return "the page";
    const out = [...document.querySelectorAll("main *")].filter((one) => one.checkVisibility()
        && !one.closest(".vh, .scroll, dialog") && one.getBoundingClientRect().right > most + 1);
    return out.map((one) => one.outerHTML.slice(0, 80)).join() || null;
}"""
_RIM = "one => parseInt(getComputedStyle(one).borderTopWidth)"
_BORDERS = "all => all.filter((one) => one.checkVisibility()).map((one) => getComputedStyle(one).borderTopStyle)"
_COLOUR = "one => getComputedStyle(one).backgroundColor.match(/\\d+/g).map(Number)"
_ASK = "(name) => { document.querySelector('dialog[open]')?.close(); document.getElementById(name).showModal(); }"


def alarm(swap: Swap, number: int = 6) -> None:
    flags = int(SlotFlag.SENSES_PRESENCE | SlotFlag.ALARM)
    Slot.objects.filter(chassis=swap.chassis, number=number).update(flags=flags)


def belongs_to_slot_3(swap: Swap) -> None:
    module = Slot.objects.get(pk=swap.slot_id).carrier.module  # type: ignore[union-attr]  # the rack's slot 7 has one
    Slot.objects.filter(chassis=swap.chassis, number=3).update(planned_module=module)


def nobody_knows_it(swap: Swap) -> None:
    Slot.objects.filter(pk=swap.slot_id).update(carrier=Carrier.objects.create(uid="00ff00ff00"))


def is_silent(swap: Swap) -> None:
    Chassis.objects.filter(pk=swap.chassis_id).update(
        link_state="lost", link_message="The backplane does not answer."
    )


def is_over(swap: Swap, state: SwapState, branch: str = "") -> None:
    swap.state, swap.branch, swap.outcome = state, branch, "Slot 7 runs web-09."
    swap.record = {
        "text": "Nothing writes to an inventory here.",
        "lines": [["Serial", "1", "2"]],
    }
    swap.save()


BRANCHES: dict[tuple[int, str], Prepare] = {
    (Step.PULL, Branch.LINK_LOST): is_silent,
    (Step.PULL, Branch.WRONG_PULL): alarm,
    (Step.PULL, Branch.RESTORE): lambda _: None,
    (Step.SHUT_DOWN, Branch.OWN_SLOT): lambda _: None,
    (Step.SHUT_DOWN, Branch.QUEUED): lambda _: None,
    (Step.PULL, Branch.UNDOING): lambda _: None,
    **dict.fromkeys(_BRANCHES, lambda _: None),
    (Step.IDENTIFY, Branch.ELSEWHERE): belongs_to_slot_3,
    (Step.IDENTIFY, Branch.UNKNOWN): nobody_knows_it,
}
NOTED = {"wrong": 6, "named": 6, "why": "Power did not become good within 200 ms, three times."}


def test_every_branch_that_has_words_is_looked_at() -> None:
    assert {branch for _, branch in BRANCHES} >= set(_ANYWHERE)
    assert set(BRANCHES) >= set(_BRANCHES)


@pytest.fixture
def stills(db: None, technician: Client, settings: Settings) -> dict[str, str]:
    """Every screen of a swap as its holder sees it, by step and branch, and the pages around it."""
    chassis = make_chassis("demo")
    settings.OWN_SLOT = ("demo", 4)
    swap = make_swap(chassis, User.objects.get(username="technician"), NUMBER)
    pages = {}

    def take(name: str, path: str) -> None:
        answer = technician.get(path)
        assert answer.status_code == 200, (name, path)
        pages[name] = answer.content.decode()

    for step in Step:
        move(swap, step)
        take(str(int(step)), f"/w/{swap.pk}/")
    for path in ("/w/", "/w/new/", "/w/new/?slot=demo-01", "/w/new/?slot=demo-04"):
        take(path, path)
    for (step_number, branch), prepare in BRANCHES.items():
        before = Slot.objects.filter(chassis=chassis).values()
        rows, link = {row["id"]: row for row in before}, chassis.link_state
        move(swap, step_number, branch, **NOTED)
        prepare(swap)
        take(f"{int(step_number)}/{branch}", f"/w/{swap.pk}/")
        for pk, row in rows.items():
            Slot.objects.filter(pk=pk).update(**row)
        Chassis.objects.filter(pk=chassis.pk).update(link_state=link, link_message="")
    for state in (SwapState.PARKED, SwapState.CANCELLED, SwapState.DONE):
        is_over(swap, state)
        take(str(state), f"/w/{swap.pk}/")
    is_over(swap, SwapState.DONE, Branch.RECORD_WAITS)
    take("9/record_waits", f"/w/{swap.pk}/")
    take("receipt", f"/w/{swap.pk}/receipt/")
    return pages


def questions(page: Page) -> list[str]:
    names: list[str] = page.eval_on_selector_all("dialog[id]", "all => all.map((one) => one.id)")
    return names


def open_more(page: Page) -> None:
    page.eval_on_selector_all("#more", "all => all.forEach((one) => { one.open = true; })")


def test_axe_finds_nothing_on_any_screen_or_question(stills: dict[str, str]) -> None:
    axe, asked = load_axe(), set[str]()
    found: dict[str, list[str]] = {}
    with chromium() as browser, new_context(browser) as context:
        still = StillPages(context, stills)
        for name in stills:
            page = still.show(name)
            open_more(page)
            found[name] = violations(axe, page)
            for question in set(questions(page)) - asked:
                page.evaluate(_ASK, question)
                found[f"{name} {question}"] = look(axe, page, f"#{question}")
            asked.update(questions(page))
    assert len(asked) > 5
    assert not {name: all_found for name, all_found in found.items() if all_found}


def test_no_screen_is_wider_than_a_small_phone_and_the_bar_leaves_room_at_twice_the_zoom(
    stills: dict[str, str],
) -> None:
    found: dict[str, object] = {}
    with chromium() as browser, new_context(browser, device_scale_factor=2) as context:
        still = StillPages(context, stills)
        for name in stills:
            page = still.show(name)
            page.set_viewport_size({"width": 320, "height": 640})
            if wide := page.evaluate(_WIDE):
                found[f"{name} at 320"] = wide
            # 200 % in a window of 1440 x 900 is a layout of 720 x 450 at twice the density.
            page.set_viewport_size({"width": 720, "height": 450})
            bar = page.locator("#bar")
            height = bar.bounding_box() if bar.count() else None
            if page.evaluate(_WIDE) or (height and height["height"] > 0.3 * 450):
                found[f"{name} at 200 %"] = height
    assert not found


def test_in_the_reader_s_own_colours_tones_marks_and_lamps_can_still_be_told_apart(
    stills: dict[str, str],
) -> None:
    tones: dict[str, int] = {}
    with chromium() as browser, new_context(browser, forced_colors="active") as context:
        still = StillPages(context, stills)
        for name in ("2", "4", "5", "8", "4/wrong_pull", "6/elsewhere"):
            page = still.show(name)
            width = page.locator("#now").evaluate(_RIM)
            tones[page.locator("#screen").get_attribute("data-tone") or ""] = width
            borders = page.locator(".deeds .btn, .swap-bar .btn").evaluate_all(_BORDERS)
            assert set(borders) == {"solid"}, name
            marked = page.locator(".strip .mine")
            assert marked.count() == (0 if name == "2" else 1)  # step 2 asks which it is
            if marked.count():
                assert marked.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"
        assert tones["pull"] == tones["stop"] > tones["insert"] == tones["locate"]
        lamp = still.show("4").locator("#twin .lamp").evaluate(_COLOUR)
        assert lamp[2] > 2 * lamp[0]  # blue is still blue
