import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from backplane.slots.facts import EventKind
from backplane.slots.models import Chassis, Gap, HardwareEvent, Slot
from tests.web.racks import make_chassis, make_command

pytestmark = pytest.mark.django_db


def lines(client: Client, query: str = "") -> list[str]:
    html = client.get(f"/events/{query}").content.decode()
    listed = re.search(r'<ol class="events">(.*?)</ol>', html, re.DOTALL)
    return re.findall(r'<li id="(\w+)"', listed[1]) if listed else []


def add_events(chassis: Chassis, count: int) -> None:
    at = timezone.now() - timedelta(hours=1)
    HardwareEvent.objects.bulk_create(
        HardwareEvent(
            chassis=chassis,
            board_id=chassis.board_id or "",
            journal=2,
            number=number,
            boot=1,
            uptime_ms=number,
            kind=EventKind.INSERT,
            slot_number=3,
            value=0,
            raw=b"",
            received_at=at,  # a replay arrives all at once
        )
        for number in range(1, count + 1)
    )


def test_newest_first_with_the_chassis_and_slot_of_each(viewer: Client, demo: Chassis) -> None:
    html = viewer.get("/events/").content.decode()
    assert html.index("controller started") < html.index("Over-current 3.1 A")
    assert 'href="/c/demo/s/6/"' in html


def test_pages_show_every_event_once(viewer: Client, demo: Chassis) -> None:
    add_events(demo, 120)
    make_command(Slot.objects.get(chassis=demo, number=1))
    seen: list[str] = []
    query = ""
    for _ in range(5):
        seen += lines(viewer, query)
        html = viewer.get(f"/events/{query}").content.decode()
        older = re.search(r'rel="next"\s+href="([^"]+)"', html)
        if not older:
            break
        query = older[1].replace("&amp;", "&")
    assert len(seen) == len(set(seen)) == 129


def test_rows_that_arrive_meanwhile_shift_nothing(viewer: Client, demo: Chassis) -> None:
    add_events(demo, 60)
    html = viewer.get("/events/").content.decode()
    older = re.search(r'rel="next"\s+href="([^"]+)"', html)
    assert older
    query = older[1].replace("&amp;", "&")
    before = lines(viewer, query)
    make_command(Slot.objects.get(chassis=demo, number=1))
    assert lines(viewer, query) == before


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("?slot=7", 10),
        ("?kind=hands&chassis=demo", 3),
        ("?kind=trouble&chassis=demo", 1),
        ("?kind=commands", 1),
        ("?kind=gaps", 1),
        ("?kind=power&slot=7&chassis=other", 3),
        ("?chassis=demo", 10),
        ("?chassis=other", 8),
        ("?slot=x", 0),
        ("?chassis=nowhere", 0),
    ],
)
def test_filters(viewer: Client, demo: Chassis, query: str, count: int) -> None:
    make_chassis("other", simulated=False)
    make_command(Slot.objects.get(chassis=demo, number=1))
    Gap.objects.create(
        chassis=demo,
        board_id="",
        journal=1,
        first_missing=3,
        last_missing=4,
        reason="ring overflow",
        noticed_at=timezone.now(),
    )
    assert len(lines(viewer, query)) == count


def test_the_empty_page_says_why(viewer: Client) -> None:
    assert "Nothing has happened yet" in viewer.get("/events/").content.decode()
    assert "No event matches" in viewer.get("/events/?slot=3").content.decode()
