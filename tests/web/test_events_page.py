import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from backplane.people.models import User
from backplane.slots.facts import EventKind
from backplane.slots.models import Chassis, Gap, HardwareEvent, Slot
from tests.web.racks import make_chassis, make_command
from tests.web.swaps import make_swap

pytestmark = pytest.mark.django_db


def lines(client: Client, query: str = "") -> list[str]:
    html = client.get(f"/events/{query}").content.decode()
    listed = re.search(r'<ol class="events"[^>]*>(.*?)</ol>', html, re.DOTALL)
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


def test_a_swaps_events_are_one_row_that_folds_and_the_data_stays_flat(
    technician: Client, demo: Chassis
) -> None:
    swap = make_swap(demo, User.objects.get(username="technician"))
    at = swap.created_at
    for number, slot in enumerate((7, 7, 6), start=50):
        HardwareEvent.objects.create(
            chassis=demo,
            board_id=demo.board_id or "",
            journal=1,
            number=number,
            boot=1,
            uptime_ms=number,
            kind=EventKind.HANDLE_OPEN,
            slot_number=slot,
            value=0,
            raw=b"",
            occurred_at=at + timedelta(seconds=number),
            received_at=at + timedelta(seconds=number),
        )
    html = technician.get("/events/").content.decode()
    assert f'href="/w/{swap.pk}/"' in html
    assert "Step 1 of 9: Locate" in html
    group = html.partition('class="event-swap"')[2].partition("</details>")[0]
    told = re.findall(r'<li id="(\w+)"', group)
    assert len(told) == 3  # two of the hardware, and the light that the swap asked for
    assert "3 events of this swap" in group
    flat = technician.get("/events/", headers={"Accept": "application/json"}).json()["events"]
    assert {*told} < {event["id"] for event in flat}
    assert html.index("slot 6") < html.index(
        "event-swap"
    )  # the neighbour's event stays a row of its own


def test_the_list_alone_is_the_newest_page_under_the_same_filters(
    viewer: Client, demo: Chassis
) -> None:
    add_events(demo, 60)
    part = viewer.get("/events/list/?slot=3").content.decode()
    assert part.count("<li id=") == 50
    older = re.search(r'data-older="([^"]+)"', part)
    assert older
    assert "slot=3" in older[1]
    page = viewer.get("/events/?slot=3").content.decode()
    assert 'data-tail="/events/list/?slot=3"' in page
    assert (
        "data-tail="
        not in viewer.get(f"/events/?{older[1].replace('&amp;', '&')}").content.decode()
    )
