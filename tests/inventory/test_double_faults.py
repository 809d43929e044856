"""The faults a test can plan on the double, and what stands in it afterwards."""

import http.client

import pytest

from tests.support.netbox import NetBoxDouble
from tests.support.netbox.contract import read_contract
from tests.support.netbox.scene import Netbox
from tests.support.netbox.wire import Wire

pytestmark = pytest.mark.live

SITE = {"name": "Hall", "slug": "hall"}


@pytest.mark.parametrize(
    ("how", "status"), [("500", 500), ("502-html", 502), ("403", 403), ("429", 429)]
)
def test_an_error_before_the_work_leaves_nothing(
    double: NetBoxDouble, netbox: Netbox, how: str, status: int
) -> None:
    double.fail(1, how)

    assert netbox.wire.post("dcim/sites", SITE).status == status

    assert double.rows("dcim/sites") == []
    assert netbox.wire.post("dcim/sites", SITE).status == 201


def test_a_bad_gateway_answers_html(double: NetBoxDouble, netbox: Netbox) -> None:
    double.fail("dcim/sites", "502-html")

    answer = netbox.wire.get("dcim/sites")

    assert answer.headers["content-type"] == "text/html"


@pytest.mark.parametrize("how", ["truncated", "drop-after-write"])
def test_an_answer_lost_on_the_way_has_been_written(
    double: NetBoxDouble, netbox: Netbox, how: str
) -> None:
    double.fail("dcim/sites", how, method="POST")

    with pytest.raises((http.client.HTTPException, ConnectionError)):
        netbox.wire.post("dcim/sites", SITE)

    assert len(double.rows("dcim/sites")) == 1


def test_an_error_after_the_work_has_written(double: NetBoxDouble, netbox: Netbox) -> None:
    double.fail(1, "500-after-write")

    assert netbox.wire.post("dcim/sites", SITE).status == 500
    assert len(double.rows("dcim/sites")) == 1


@pytest.mark.parametrize(("how", "written"), [("timeout", 0), ("timeout-after-write", 1)])
def test_a_time_out_answers_nothing(double: NetBoxDouble, how: str, written: int) -> None:
    double.fail(1, how)

    with pytest.raises(TimeoutError):
        Wire(double.url, double.token, timeout_s=0.5).post("dcim/sites", SITE)

    assert len(double.rows("dcim/sites")) == written


def test_a_slow_answer_comes(double: NetBoxDouble, netbox: Netbox) -> None:
    double.fail(1, "slow")

    assert netbox.wire.get("status").status == 200


def test_the_request_of_a_number_fails_and_the_others_do_not(
    double: NetBoxDouble, netbox: Netbox
) -> None:
    double.fail(2, "500")

    assert [netbox.wire.get("dcim/sites").status for _ in range(3)] == [200, 500, 200]


def test_a_fault_for_a_path_can_come_often(double: NetBoxDouble, netbox: Netbox) -> None:
    double.fail("dcim/sites", "429", times=2)

    assert netbox.wire.get("dcim/racks").status == 200
    assert [netbox.wire.get("dcim/sites").status for _ in range(3)] == [429, 429, 200]


def test_a_permission_can_be_taken_away(double: NetBoxDouble, netbox: Netbox) -> None:
    double.tokens.denied.add(("add", "dcim.site"))

    assert netbox.wire.get("dcim/sites").status == 200
    assert netbox.wire.post("dcim/sites", SITE).status == 403


def test_a_token_may_read_only(double: NetBoxDouble) -> None:
    double.tokens.read_only.add(double.v1_token)

    wire = Wire(double.url, double.v1_token)

    assert (wire.get("dcim/sites").status, wire.post("dcim/sites", SITE).status) == (200, 403)


def test_an_older_version_can_be_played(double: NetBoxDouble, netbox: Netbox) -> None:
    double.api.version = "4.5.2"

    answer = netbox.wire.get("status")

    assert (answer.body["netbox-version"], answer.headers["api-version"]) == ("4.5.2", "4.5")


def test_the_page_limit_can_be_lowered(double: NetBoxDouble, netbox: Netbox) -> None:
    double.api.largest_page = 2
    for number in range(3):
        double.add("dcim/sites", name=f"S{number}", slug=f"s{number}")

    answer = netbox.wire.get("dcim/sites", limit=1000)

    assert (len(answer.body["results"]), answer.body["count"]) == (2, 3)


def test_a_persons_edit_is_logged_but_is_no_request(double: NetBoxDouble) -> None:
    site = double.add("dcim/sites", **SITE)

    double.edit("dcim/sites", site, description="mine")

    assert double.requests == []
    assert [row["user_name"] for row in double.changelog] == ["a person", "a person"]


def test_what_does_not_fit_the_schema_is_found(double: NetBoxDouble, netbox: Netbox) -> None:
    contract = read_contract()
    if contract is None:
        pytest.skip("no OpenAPI schema of a NetBox 4.6 is at hand (NETBOX_OPENAPI names one)")
    netbox.stray()
    netbox.wire.post("dcim/sites", {**SITE, "slugg": "x", "status": "gone"})
    netbox.wire.get("dcim/sites", sluggish="x")
    netbox.wire.get("dcim/shelves")

    found = " ".join(words for logged in double.requests for words in contract.findings(logged))

    for said in (
        "no field slugg",
        "'gone' is not one of",
        "no filter sluggish",
        "no such operation",
    ):
        assert said in found
