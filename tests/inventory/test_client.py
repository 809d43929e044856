"""The client against the double: tokens, pages, guards, faults, and answers that are not what was asked."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from backplane.inventory.netbox.access import Access
from backplane.inventory.netbox.client import Ask, NetBox, version_of
from backplane.inventory.netbox.errors import (
    NetBoxDuplicate,
    NetBoxError,
    NetBoxForbidden,
    NetBoxNonsense,
    NetBoxRejected,
    NetBoxStale,
    NetBoxTooOld,
    NetBoxUnavailable,
)
from backplane.inventory.netbox.snapshot import take_snapshot
from backplane.inventory.netbox.verdict import permission_of
from tests.support.netbox import NetBoxDouble

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
pytestmark = pytest.mark.live


@pytest.fixture
def double() -> Iterator[NetBoxDouble]:
    with NetBoxDouble() as double:
        yield double


@pytest.fixture
def netbox(double: NetBoxDouble) -> Iterator[NetBox]:
    netbox = NetBox(Access(double.url, double.token, timeout_s=0.6))
    yield netbox
    netbox.close()


def _sites(double: NetBoxDouble, count: int) -> None:
    for number in range(count):
        double.add("dcim/sites", name=f"S{number}", slug=f"s{number}")


def test_both_kinds_of_token_open_the_door(double: NetBoxDouble) -> None:
    for token in (double.v1_token, double.v2_token):
        netbox = NetBox(Access(double.url, token))
        assert netbox.read("dcim/sites") == []
        netbox.close()


def test_a_bad_token_is_told_and_never_logged(
    double: NetBoxDouble, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "nbt_wrong.secretsecretsecret"
    netbox = NetBox(Access(double.url, secret))
    with pytest.raises(NetBoxForbidden, match="NETBOX_TOKEN") as caught:
        netbox.read("dcim/sites")
    netbox.close()
    said = f"{caught.value} {caught.value!r} {caplog.text} {Access(double.url, secret)!r}"
    assert "secretsecret" not in said


def test_a_missing_permission_is_named(double: NetBoxDouble, netbox: NetBox) -> None:
    double.tokens.denied.add(("add", "dcim.site"))
    with pytest.raises(NetBoxForbidden, match=r"dcim\.add_site"):
        netbox.create("dcim/sites", [{"name": "A", "slug": "a"}], "why")


def test_pages_follow_the_server(double: NetBoxDouble, netbox: NetBox) -> None:
    _sites(double, 7)
    double.api.largest_page = 3
    assert len(netbox.read("dcim/sites")) == 7
    assert len(double.requests) == 3


def test_a_write_carries_its_message(double: NetBoxDouble, netbox: NetBox) -> None:
    netbox.create("dcim/sites", [{"name": "A", "slug": "a"}], "Slot 3 was swapped")
    assert double.changelog[-1]["message"] == "Slot 3 was swapped"
    assert netbox.tally.request_ids == [double.changelog[-1]["request_id"]]


def test_a_change_of_what_somebody_changed_is_refused_whole(
    double: NetBoxDouble, netbox: NetBox
) -> None:
    _sites(double, 2)
    one, two = netbox.read("dcim/sites")
    double.edit("dcim/sites", one["id"], description="mine")
    bodies = [{"id": row["id"], "description": "ours"} for row in (one, two)]
    with pytest.raises(NetBoxStale):
        netbox.change("dcim/sites", bodies, [one["last_updated"], two["last_updated"]], "why")
    assert [row["description"] for row in double.rows("dcim/sites")] == ["mine", ""]


def test_a_change_answers_in_the_order_asked(double: NetBoxDouble, netbox: NetBox) -> None:
    _sites(double, 3)
    rows = netbox.read("dcim/sites")[::-1]
    bodies = [{"id": row["id"], "description": row["name"]} for row in rows]
    answers = netbox.change("dcim/sites", bodies, [row["last_updated"] for row in rows], "why")
    assert [row["id"] for row in answers] == [row["id"] for row in rows]


def test_a_double_is_told_from_other_refusals(double: NetBoxDouble, netbox: NetBox) -> None:
    _sites(double, 1)
    with pytest.raises(NetBoxDuplicate):
        netbox.create("dcim/sites", [{"name": "S0", "slug": "s0"}], "why")
    double.is_held_to_schema = False
    with pytest.raises(NetBoxRejected, match="slug"):
        netbox.create("dcim/sites", [{"name": "B"}], "why")


@pytest.mark.parametrize(
    ("how", "error"),
    [
        ("timeout", NetBoxUnavailable),
        ("500", NetBoxUnavailable),
        ("502-html", NetBoxUnavailable),
        ("429", NetBoxUnavailable),
        ("drop", NetBoxUnavailable),
        ("403", NetBoxForbidden),
        ("truncated", NetBoxUnavailable),
    ],
)
def test_each_fault_has_its_error(
    double: NetBoxDouble, netbox: NetBox, how: str, error: type[NetBoxError]
) -> None:
    double.fail(at=1, how=how)
    with pytest.raises(error) as caught:
        netbox.read("dcim/sites")
    assert str(caught.value)
    assert netbox.read("dcim/sites") == []


def test_being_asked_to_wait_is_kept(double: NetBoxDouble, netbox: NetBox) -> None:
    double.fail(at=1, how="429")
    with pytest.raises(NetBoxUnavailable) as caught:
        netbox.read("dcim/sites")
    assert caught.value.retry_after_s == 1


def test_nobody_there_is_told() -> None:
    netbox = NetBox(Access("http://127.0.0.1:9", "t", timeout_s=1))
    with pytest.raises(NetBoxUnavailable, match="no connection"):
        netbox.read("dcim/sites")
    netbox.close()


def test_before_4_6_nothing_can_be_guarded(double: NetBoxDouble, netbox: NetBox) -> None:
    double.api.version = "4.5.3"
    with pytest.raises(NetBoxTooOld, match=r"4\.5"):
        netbox.need_guards()


def test_an_empty_netbox_takes_twelve_lists(double: NetBoxDouble, netbox: NetBox) -> None:
    """Where there is no device there are no bays and no interfaces; else it is fourteen."""
    _sites(double, 2)
    snapshot = take_snapshot(netbox, "eth0", NOW)
    assert [site.slug for site in snapshot.sites] == ["s0", "s1"]
    assert len(double.requests) == 12
    assert all(request.method == "GET" for request in double.requests)


def test_html_with_200_is_nonsense(double: NetBoxDouble, netbox: NetBox) -> None:
    double.is_held_to_schema = False
    with pytest.raises((NetBoxNonsense, NetBoxRejected)):
        netbox.call(Ask("GET", "no/such/thing"))


def test_versions_and_permissions_are_read() -> None:
    assert version_of("4.6.8-Docker-3.4.1") == (4, 6)
    assert version_of("") == (0, 0)
    assert permission_of("PATCH", "dcim/device-bays") == "dcim.change_devicebay"
    assert permission_of("GET", "core/object-changes") == "core.view_objectchange"
    assert permission_of("POST", "dcim/mac-addresses") == "dcim.add_macaddress"
