"""From the button to NetBox and back: a plan made, applied and looked at, on the double."""

import time
from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django import Settings

from backplane.inventory import setup
from backplane.inventory.mapping import mapping_from_rows
from backplane.inventory.models import SyncPlan
from backplane.people.roles import Role
from tests.support.netbox.double import NetBoxDouble
from tests.web.conftest import client_of
from tests.web.racks import make_chassis

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.live]


@pytest.fixture
def netbox(settings: Settings) -> Iterator[NetBoxDouble]:
    with NetBoxDouble() as double:
        settings.NETBOX_URL, settings.NETBOX_TOKEN = double.url, double.token
        yield double


def _plan_once(*states: str) -> SyncPlan:
    """Return the one plan as soon as it is in one of these states: the work may outlast its page."""
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        found = SyncPlan.objects.filter(state__in=states).first()
        if found is not None:
            return found
        time.sleep(0.05)
    message = f"No plan became {states}."
    raise AssertionError(message)


def _made(client: Client) -> SyncPlan:
    client.post("/inventory/plan/new/")
    return _plan_once("open")


def test_a_plan_is_made_applied_and_then_all_agrees(netbox: NetBoxDouble) -> None:
    make_chassis("a12", simulated=False)
    setup.store_mapping(mapping_from_rows([("place.site", "Home"), ("place.rack", "A")]))
    operator = client_of(Role.OPERATOR)
    plan = _made(operator)
    assert not [one for one in netbox.requests if one.method != "GET"]
    operator.post(f"/inventory/plan/{plan.pk}/apply/", {"confirm": str(plan.pk)})
    assert _plan_once("applied", "partly").pk == plan.pk
    text = operator.get(f"/inventory/plan/{plan.pk}/").content.decode()
    assert "= Done" in text
    assert [one for one in netbox.requests if one.method != "GET"]


def test_the_connection_test_is_good_and_names_what_is_missing(netbox: NetBoxDouble) -> None:
    admin = client_of(Role.ADMIN)
    assert "all that is needed" in admin.post("/settings/netbox/test/").content.decode()
    netbox.tokens.denied.add(("change", "dcim.devicebay"))
    text = admin.post("/settings/netbox/test/").content.decode()
    assert "dcim.change_devicebay" in text
    assert netbox.token not in text


def test_a_netbox_that_is_away_is_told_and_makes_no_plan(netbox: NetBoxDouble) -> None:
    netbox.fail(at=1, how="500")
    operator = client_of(Role.OPERATOR)
    answer = operator.post("/inventory/plan/new/", follow=True)
    assert "No plan was made." in answer.content.decode()
    assert not SyncPlan.objects.exists()
