"""A technician who is assigned to sites acts at no other one, by whatever address it is tried."""

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from backplane.people import access
from backplane.people.audit import Actor
from backplane.people.models import AuditEntry, Site, User
from backplane.people.roles import Role
from backplane.slots.models import Chassis, Command
from backplane.swaps.models import Swap
from backplane.swaps.services import renew_lease
from tests.web.conftest import client_of
from tests.web.racks import make_chassis, seen
from tests.web.swaps import make_swap

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}
SAID = "is not at one of your sites"


@pytest.fixture
def lab(technician: Client, demo: Chassis) -> Site:
    """The technician's own site; the chassis demo stands at no site."""
    site = Site.objects.create(name="Lab")
    User.objects.get(username="technician").sites.add(site)
    return site


def locate(client: Client, op: str = "locate_on") -> int:
    fields = {"op": op, "seen": seen()}
    return client.post("/c/demo/s/1/command/", fields, headers=JSON).status_code


@pytest.mark.parametrize("op", ["locate_on", "locate_off", "locate_but"])
def test_no_light_elsewhere(technician: Client, lab: Site, op: str) -> None:
    assert locate(technician, op) == 403
    assert not Command.objects.exists()
    entry = AuditEntry.objects.get(action=f"command.{op}")
    assert SAID in entry.outcome
    Chassis.objects.update(site=lab)
    assert locate(technician, op) == 202


def test_no_swap_is_started_elsewhere(technician: Client, lab: Site) -> None:
    fields = {"slot": "demo-01", "seen": seen()}
    answer = technician.post("/w/new/", fields, headers=JSON)
    assert (answer.status_code, SAID in answer.json()["error"]) == (403, True)
    assert technician.post("/w/new/", fields).status_code == 403
    assert not Swap.objects.exists()
    Chassis.objects.update(site=lab)
    assert technician.post("/w/new/", fields, headers=JSON).status_code == 201


def test_nothing_is_pressed_in_a_swap_elsewhere(
    technician: Client, lab: Site, demo: Chassis
) -> None:
    holder = User.objects.get(username="technician")
    swap = make_swap(demo, holder)
    before = Command.objects.count()
    for do in ("at_rack", "cancel", "take_over", "message", "park", "cut"):
        fields = {"do": do, "seen": swap.version, "confirm": "7", "text": "hello"}
        answer = technician.post(f"/w/{swap.pk}/do/", fields, headers=JSON)
        assert answer.status_code == 403, do
    renewed = technician.post(f"/w/{swap.pk}/do/", {"do": "renew"}, headers=JSON)
    assert renewed.json()["held"] is False
    assert Command.objects.count() == before
    actor = Actor(holder.pk, "technician", "technician", reach=frozenset({lab.pk}))
    assert not renew_lease(swap.pk, actor, timezone.now())
    Chassis.objects.update(site=lab)
    assert renew_lease(swap.pk, actor, timezone.now())
    assert "Not at one of your sites." not in technician.get(f"/w/{swap.pk}/").content.decode()


def test_pages_say_why_and_may_be_looked_at(technician: Client, lab: Site, demo: Chassis) -> None:
    rack = technician.get("/c/demo/").content.decode()
    assert 'data-locate="elsewhere"' in rack
    slot = technician.get("/c/demo/s/1/").content.decode()
    assert "Not at one of your sites" in slot
    which = technician.get("/w/new/").content.decode()
    assert which.count("Not at one of your sites.") == 10
    new = technician.get("/w/new/?slot=demo-01").content.decode()
    assert SAID in new
    assert "Start the swap of slot 1" not in new
    swap = make_swap(demo, User.objects.get(username="technician"))
    assert "Not at one of your sites." in technician.get(f"/w/{swap.pk}/").content.decode()


def test_an_operator_and_a_technician_without_sites_act_everywhere(
    operator: Client, technician: Client, demo: Chassis
) -> None:
    Chassis.objects.update(site=Site.objects.create(name="Barn"))
    for client in (operator, technician):
        assert locate(client) == 202


def test_an_admin_says_where_a_chassis_stands(admin: Client, demo: Chassis) -> None:
    make_chassis("a12")
    assert "no site" in admin.get("/settings/sites/").content.decode()
    assert admin.post("/settings/sites/demo/", {"site": " Lab ", "was": ""}).status_code == 303
    admin.post("/settings/sites/A12/", {"site": "LAB", "was": ""})
    assert set(Chassis.objects.values_list("site__name", flat=True)) == {"Lab"}
    assert Site.objects.count() == 1
    entry = AuditEntry.objects.filter(action="chassis.site").earliest("pk")
    assert (entry.chassis, entry.saw, entry.outcome) == ("demo", "no site", "done: Lab")
    late = admin.post("/settings/sites/demo/", {"site": "Barn", "was": ""}, follow=True)
    assert "Changed since you looked: Chassis demo stands at Lab now." in late.content.decode()
    assert not Site.objects.filter(name="Barn").exists()
    admin.post("/settings/sites/demo/", {"site": "", "was": "Lab"})
    assert Chassis.objects.get(slug="demo").site is None


@pytest.mark.parametrize("sent", [{"site": "x" * 65, "was": ""}, {"site": "Lab"}])
def test_a_site_that_cannot_be_is_refused(
    admin: Client, demo: Chassis, sent: dict[str, str]
) -> None:
    admin.post("/settings/sites/demo/", sent)
    assert not Site.objects.exists()


@pytest.mark.parametrize("role", [Role.VIEWER, Role.TECHNICIAN, Role.OPERATOR])
def test_nobody_else_does(role: Role, demo: Chassis) -> None:
    client = client_of(role)
    assert client.post("/settings/sites/demo/", {"site": "Lab", "was": ""}).status_code == 403
    assert client.get("/settings/sites/").status_code == 403


def test_open_pages_of_the_assigned_hear_that_a_chassis_came_or_went(
    admin: Client,
    technician: Client,
    lab: Site,
    demo: Chassis,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    told: list[int] = []

    def hear(user_id: int, _session_key: str | None) -> None:
        told.append(user_id)

    access.subscribe(hear)
    try:
        for fields in ({"site": "Lab", "was": ""}, {"site": "Barn", "was": "Lab"}, {"site": "", "was": "Barn"}):  # fmt: skip
            with django_capture_on_commit_callbacks(execute=True):
                admin.post("/settings/sites/demo/", fields)
    finally:
        access.unsubscribe(hear)
    assert told == [User.objects.get(username="technician").pk] * 2
