"""The pages of charts: what was kept is on them, what was not heard is a hole, and each number stands in a table."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backplane.slots.facts import Cause, SlotState
from backplane.slots.models import Chassis, Slot, TelemetryMinute, Transition
from backplane.slots.services import periods_of
from backplane.slots.services.minutes import MINUTE, floor_of
from tests.support.axe import load_axe, look
from tests.web.conftest import OpenAs
from tests.web.racks import make_chassis, make_user

pytestmark = pytest.mark.django_db
ROW = [60, 12_050, 400, 900, 4_750, 5_200, 4_810]


def keep(chassis: Chassis, *minutes_ago: int, slot: int = 3) -> None:
    now = floor_of(timezone.now())
    for ago in minutes_ago:
        TelemetryMinute.objects.create(
            chassis=chassis, minute=now - ago * MINUTE, readings={str(slot): ROW}
        )


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode().replace("\u00a0", " ")


def test_a_slots_charts_say_in_words_and_numbers_what_was_kept(
    viewer: Client, demo: Chassis
) -> None:
    keep(demo, *range(2, 40))
    html = page(viewer, "/c/DEMO/s/3/charts/?span=1h")
    assert html.count('<svg class="chart ') == 4
    assert "Steady at 48 °C, highest 52 °C; limit 75 °C" in html
    assert "Steady at 4.8 W" in html
    rows = re.findall(r"<tr><th scope=\"row\">.*?</tr>", html, re.DOTALL)
    assert len(rows) == 60
    assert sum("100%" in row for row in rows) == 38
    assert sum("0%</td>" in row and "\u2013" in row for row in rows) == 22


@pytest.mark.parametrize("span", ["1h", "24h", "30d", "nonsense", ""])
def test_each_span_is_there_and_anything_else_is_a_day(
    viewer: Client, demo: Chassis, span: str
) -> None:
    keep(demo, 5)
    for path in ("/c/demo/charts/", "/c/demo/s/3/charts/"):
        html = page(viewer, f"{path}?span={span}")
        now = re.search(r'href="\?span=(\w+)" aria-current="true"', html)
        assert now is not None
        assert now[1] == (span if span in {"1h", "24h", "30d"} else "24h")


def test_a_chassis_shows_every_slot_on_one_scale(viewer: Client, demo: Chassis) -> None:
    keep(demo, 5)
    html = page(viewer, "/c/demo/charts/?span=1h")
    assert html.count('<svg class="chart ') == 21
    assert html.count("Not known in all of this time.") == 18  # nine slots, twice
    assert "The sum of the slots that are measured" in html


def test_the_supplys_own_meter_is_believed_where_there_is_one(
    viewer: Client, demo: Chassis
) -> None:
    keep(demo, 5, slot=0)
    html = page(viewer, "/c/demo/charts/?span=1h")
    assert "The sum of the slots" not in html
    assert "Steady at 4.8 W; limit 150.0 W" in html


def test_what_happened_to_a_slot_is_marked_but_no_silence(viewer: Client, demo: Chassis) -> None:
    slot, now = Slot.objects.get(chassis=demo, number=3), timezone.now()
    states = (
        (SlotState.NOT_INSTALLED, SlotState.INACTIVE, 25),
        (SlotState.ACTIVE, SlotState.INACTIVE, 20),
        (SlotState.COMMUNICATION_LOST, SlotState.ACTIVE, 10),
    )
    Transition.objects.all().delete()
    for old, new, minutes in states:
        at = now - timedelta(minutes=minutes)
        Transition.objects.create(slot=slot, old=old, new=new, cause=Cause.FAULT, at=at, revision=1)
    html = page(viewer, "/c/demo/s/3/charts/?span=1h")
    assert html.count('class="mark"') == 8  # two in each drawing
    assert html.count("<b>power is off</b>") == html.count("<b>put in</b>") == 1
    assert "power came on" not in html


def test_where_nothing_was_marked_only_what_was_heard_is_told(
    viewer: Client, demo: Chassis
) -> None:
    Transition.objects.all().delete()
    slot, now = Slot.objects.get(chassis=demo, number=3), timezone.now()
    found = {"old": SlotState.COMMUNICATION_LOST, "new": SlotState.NOT_INSTALLED}
    Transition.objects.create(
        slot=slot, cause=Cause.LINK_RESTORED, at=now - MINUTE, revision=1, **found
    )
    assert "As far as it was heard" in page(viewer, "/c/demo/s/3/charts/?span=1h")


def test_of_many_marks_the_newest_are_shown_and_it_is_said(viewer: Client, demo: Chassis) -> None:
    Transition.objects.all().delete()
    slot, at = Slot.objects.get(chassis=demo, number=3), timezone.now() - 5 * MINUTE
    more = {"old": SlotState.ACTIVE, "new": SlotState.INACTIVE, "cause": Cause.FAULT}
    Transition.objects.bulk_create(
        Transition(slot=slot, at=at + timedelta(seconds=n), revision=n, **more) for n in range(70)
    )
    html = page(viewer, "/c/demo/s/3/charts/?span=1h")
    assert html.count("<b>power is off</b>") == 60
    assert "The newest 60" in html


def test_a_chassis_asks_for_what_happened_to_all_slots_at_once(
    viewer: Client, demo: Chassis
) -> None:
    with CaptureQueriesContext(connection) as queries:
        page(viewer, "/c/demo/charts/?span=30d")
    assert sum("ROW_NUMBER" in one["sql"] for one in queries) == 1
    assert len(queries) < 25


def test_periods_join_minutes_and_leave_holes(demo: Chassis) -> None:
    since = floor_of(timezone.now()) - timedelta(minutes=30)
    for at, mv in ((0, 12_000), (9, 11_000), (29, 10_000), (30, 9_000)):
        TelemetryMinute.objects.create(
            chassis=demo, minute=since + at * MINUTE, readings={"3": [60, mv] + [None] * 5}
        )
    found = periods_of(demo.pk, since, timedelta(minutes=10), 3)
    assert set(found) == {3}
    assert [(one.mv, one.minutes) if one else None for one in found[3]] == [
        (11_500, 2),
        None,
        (10_000, 1),
    ]


def test_of_one_slot_only_its_own_minutes_are_unpacked(demo: Chassis) -> None:
    since = floor_of(timezone.now()) - timedelta(minutes=10)
    readings = {"0": ROW, "3": ROW, "4": ["no", "minute"]}
    TelemetryMinute.objects.create(chassis=demo, minute=since, readings=readings)
    found = periods_of(demo.pk, since, timedelta(minutes=10), 1, 3)
    assert set(found) == {3}
    assert found[3][0] is not None


@pytest.mark.parametrize("path", ["/c/none/charts/", "/c/demo/s/11/charts/", "/c/demo/s/0/charts/"])
def test_what_is_not_there_is_not_found(viewer: Client, demo: Chassis, path: str) -> None:
    assert viewer.get(path).status_code == 404


@pytest.mark.e2e
@pytest.mark.django_db(transaction=True)
def test_charts_break_no_accessibility_rule_and_fit_a_narrow_screen(
    transactional_db: None, open_as: OpenAs
) -> None:
    keep(make_chassis("demo"), *range(2, 40))
    make_user("vera")
    for scheme in ("light", "dark"):
        page = open_as("vera", "/c/demo/s/3/charts/", width=320, color_scheme=scheme)
        for path in ("/c/demo/s/3/charts/", "/c/demo/charts/"):
            page.goto(page.url.split("/c/")[0] + path)
            page.evaluate(
                "document.querySelectorAll('main details').forEach((one) => { one.open = true; })"
            )
            assert look(load_axe(), page) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= 320
