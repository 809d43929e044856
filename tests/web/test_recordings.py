"""A chassis that is played from a recording says so, and offers nothing that could be asked of it."""

import re

import pytest
from django.test import Client
from playwright.sync_api import expect

from backplane.people.roles import Role
from backplane.slots.models import Chassis, Command
from backplane.slots.models.chassis import REPLAYED_ENDING
from backplane.swaps.models import Swap
from tests.web.conftest import OpenAs
from tests.web.racks import make_chassis, make_user, seen

pytestmark = pytest.mark.django_db
WHY = "Played from a recording"


@pytest.fixture
def tape(db: None) -> Chassis:
    chassis = make_chassis("tape")
    Chassis.objects.update(board_id=f"0000000000ab{REPLAYED_ENDING}")
    return chassis


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def buttons(html: str, words: str) -> list[str]:
    """Return the opening tags of the buttons and links with these words."""
    return re.findall(
        rf"(<(?:button|a|span)\b[^>]*>)(?:<svg.*?</svg>)?(?:<span[^>]*>)?{words}", html
    )


@pytest.mark.parametrize(
    "path", ["/c/tape/", "/c/tape/s/7/", "/c/tape/power/", "/events/", "/inventory/", "/w/new/"]
)
def test_it_is_called_a_recording_and_never_simulated(
    operator: Client, tape: Chassis, path: str
) -> None:
    html = page(operator, path)
    assert "Recording" in html
    assert "Simulated" not in html


def test_a_simulated_one_beside_it_is_still_called_so(operator: Client, tape: Chassis) -> None:
    make_chassis("demo")
    ribbons = re.findall(r'class="ribbon".*?</aside>', page(operator, "/events/"), re.DOTALL)
    assert ["tape" in one for one in ribbons] == [True, False]
    assert ["demo" in one for one in ribbons] == [False, True]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/c/tape/?slot=1", "Lamp test"),
        ("/c/tape/s/1/", "Light all others"),
        ("/c/tape/s/1/", "Swap"),
        ("/c/tape/s/1/", "Locate"),
        ("/c/tape/s/1/", "Cut power"),
        ("/c/tape/power/", "Start slots"),
        ("/c/tape/power/", "Shut down slots"),
        ("/c/tape/power/", "Set budget"),
        ("/c/tape/power/", "Set<span"),
        ("/w/new/?slot=tape-01", "Start the swap of slot 1"),
    ],
)
def test_all_that_commands_is_off_and_says_why(
    operator: Client, tape: Chassis, path: str, words: str
) -> None:
    html = page(operator, path)
    found = buttons(html.partition("<main")[2], words)
    assert found
    for tag in found:
        assert 'aria-disabled="true"' in tag or re.search(r"\sdisabled\b", tag), tag
        described = re.search(r'aria-describedby="([\w-]+)"', tag)
        assert described, tag
        there = html.partition(f'id="{described[1]}"')[2]
        assert WHY in there.partition("</ul>" if described[1] == "whys" else "</p>")[0]


def test_which_slot_says_why_at_each(operator: Client, tape: Chassis) -> None:
    assert page(operator, "/w/new/").count(f"{WHY}.") == 10


def test_the_server_refuses_whatever_is_sent(operator: Client, tape: Chassis) -> None:
    sent = {"seen": seen("tape"), "confirm": "1"}
    for op in ("locate_on", "locate_but", "power_off"):
        answer = operator.post("/c/tape/s/1/command/", sent | {"op": op})
        assert answer.status_code == 409, op
    operator.post("/c/tape/command/", sent | {"op": "lamp_test"})
    operator.post("/w/new/", sent | {"slot": "tape-01"})
    assert not Command.objects.exists()
    assert not Swap.objects.exists()


@pytest.mark.e2e
@pytest.mark.django_db(transaction=True)
def test_a_press_on_what_is_off_sends_nothing(transactional_db: None, open_as: OpenAs) -> None:
    make_chassis("tape")
    Chassis.objects.update(board_id=f"0000000000ab{REPLAYED_ENDING}")
    make_user("olga", Role.OPERATOR)
    page = open_as("olga", "/c/tape/?slot=1")
    lamps = page.get_by_role("button", name="Lamp test")
    expect(lamps).to_have_accessible_description(f"{WHY}.")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.method))
    lamps.click(force=True)
    page.get_by_role("button", name="Light all others").click(force=True)
    expect(page.locator('[data-part="refusal"]')).to_contain_text(WHY)
    assert "POST" not in asked
