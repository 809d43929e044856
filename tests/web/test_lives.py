"""Biographies: stays with what befell them, on three pages that lead to each other."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from backplane.live.pages.lives import lasted, trouble_words
from backplane.slots.facts import EventKind
from backplane.slots.models import Carrier, Chassis, HardwareEvent, Module, Slot, Stay
from backplane.slots.stays import Troubles
from backplane.swaps.models import Swap

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def stay(slot: Slot, module: Module, hours_ago: int, hours: int | None) -> Stay:
    Stay.objects.filter(slot=slot, until=None).delete()
    since = NOW - timedelta(hours=hours_ago)
    carrier = module.carriers.first()
    until = None if hours is None else since + timedelta(hours=hours)
    return Stay.objects.create(slot=slot, module=module, carrier=carrier, since=since, until=until)


def trip(slot: Slot, hours_ago: float) -> None:
    at = NOW - timedelta(hours=hours_ago)
    HardwareEvent.objects.create(
        chassis=slot.chassis,
        board_id=slot.chassis.board_id or "",
        journal=2,
        number=HardwareEvent.objects.count() + 100,
        boot=1,
        uptime_ms=1,
        kind=EventKind.TRIP,
        slot_number=slot.number,
        value=3000,
        raw=b"",
        occurred_at=at,
        received_at=at,
    )


@pytest.fixture
def failed_twice(demo: Chassis) -> Module:
    module = Module.objects.get(name="gw-01")
    for number, hours_ago in ((3, 30), (4, 20)):
        slot = Slot.objects.get(number=number)
        stay(slot, module, hours_ago, 5)
        trip(slot, hours_ago - 1)
    return module


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_module_s_life_says_what_matters_first(viewer: Client, failed_twice: Module) -> None:
    said = page(viewer, f"/modules/{failed_twice.pk}/")
    verdict = "This board failed in two slots: Chassis demo, slot 4 and Chassis demo, slot 3."
    assert verdict in said
    assert said.count("1 over-current trip") == 2
    assert "5 h 0 min" in said
    assert said.index("slot 4</a>") < said.index("slot 3</a>")  # newest first
    assert failed_twice.serial in said


@pytest.mark.parametrize("doubt", ["none", "lost events", "lost link"])
def test_where_a_carrier_stands_is_a_fact_only_while_it_is_known(
    viewer: Client, demo: Chassis, doubt: str
) -> None:
    slot = Slot.objects.exclude(carrier=None).earliest("number")
    Slot.objects.filter(pk=slot.pk).update(is_occupant_unsure=doubt == "lost events")
    Chassis.objects.update(link_state="down" if doubt == "lost link" else "up")
    said = page(viewer, f"/carriers/{slot.carrier_id}/")
    assert ("Stands in" in said, "Last seen in" in said) == (doubt == "none", doubt != "none")


def test_lives_lead_to_each_other(viewer: Client, failed_twice: Module) -> None:
    carrier = Carrier.objects.get(module=failed_twice)
    module_page = page(viewer, f"/modules/{failed_twice.pk}/")
    assert f'href="/carriers/{carrier.pk}/"' in module_page
    assert 'href="/c/demo/s/3/life/"' in module_page
    assert f'href="/modules/{failed_twice.pk}/"' in page(viewer, f"/carriers/{carrier.pk}/")
    assert f'href="/modules/{failed_twice.pk}/"' in page(viewer, "/c/demo/s/3/life/")
    assert 'href="/c/demo/s/3/life/"' in page(viewer, "/c/demo/s/3/")


def test_a_slot_that_killed_its_boards_says_so(viewer: Client, demo: Chassis) -> None:
    slot = Slot.objects.get(number=3)
    for index, hours_ago in enumerate((50, 40, 30)):
        stay(slot, Module.objects.create(name=f"dead-{index}"), hours_ago, 5)
        trip(slot, hours_ago - 1)
    said = page(viewer, "/c/demo/s/3/life/")
    assert "This slot has killed three boards: none of them was put in again." in said


def test_a_stay_names_the_swap_that_ended_it(viewer: Client, failed_twice: Module) -> None:
    ended = Stay.objects.filter(module=failed_twice).latest("since")
    assert ended.until is not None
    swap = Swap.objects.create(
        chassis=ended.slot.chassis,
        slot=ended.slot,
        state="done",
        step_since=NOW,
        created_at=ended.until - timedelta(minutes=5),
        ended_at=ended.until + timedelta(minutes=5),
        old_module=failed_twice,
    )
    said = viewer.get(f"/modules/{failed_twice.pk}/").context["life"].stays
    assert [view.swaps for view in said] == [[swap], []]


def test_who_has_no_life_yet_is_told_so(viewer: Client, demo: Chassis) -> None:
    Stay.objects.all().delete()
    module = Module.objects.create(name="new")
    assert "It has stood in no slot" in page(viewer, f"/modules/{module.pk}/")
    assert "Nothing has stood in this slot" in page(viewer, "/c/demo/s/5/life/")
    assert viewer.get("/modules/999999/").status_code == 404
    assert viewer.get("/c/demo/s/99/life/").status_code == 404


def test_words_for_troubles_and_spans() -> None:
    assert trouble_words(Troubles()) == ""
    many = Troubles(trips=2, power_good_failures=1, over_temperatures=1, surprise_ends=1)
    assert trouble_words(many) == (
        "2 over-current trips, 1 start without good power, 1 over-temperature, pulled without warning"
    )
    spans = [timedelta(seconds=30), timedelta(minutes=5), timedelta(hours=5), timedelta(days=2)]
    words = ["less than a minute", "5 min", "5 h 0 min", "2 d 0 h"]
    assert [lasted(span) for span in spans] == words
