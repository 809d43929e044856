"""The webhook's address: not there without a secret, deaf to what is not signed, and a nudge at most."""

import hashlib
import hmac
import json
from collections.abc import Iterator

import pytest
from django.test import Client, override_settings

from backplane.inventory import nudge
from backplane.inventory.models import OwnRequest
from tests.support.inventory import NOW

pytestmark = pytest.mark.django_db
URL = "/inventory/netbox-hook/"
SECRET = "a secret between the two"


@pytest.fixture
def woken() -> Iterator[list[int]]:
    calls: list[int] = []

    def wake() -> None:
        calls.append(1)

    nudge.subscribe(wake)
    yield calls
    nudge.unsubscribe(wake)


def _post(body: bytes, signature: str | None = None) -> int:
    said = signature or hmac.new(SECRET.encode(), body, hashlib.sha512).hexdigest()
    headers = {"X-Hook-Signature": said}
    answer = Client(enforce_csrf_checks=True).post(
        URL, body, content_type="application/json", headers=headers
    )
    return answer.status_code


def test_without_a_secret_it_is_not_there(woken: list[int]) -> None:
    with override_settings(NETBOX_WEBHOOK_SECRET=""):
        assert _post(b"{}") == 404
    assert woken == []


@override_settings(NETBOX_WEBHOOK_SECRET=SECRET)
def test_what_is_signed_wakes_the_sync(woken: list[int]) -> None:
    assert _post(json.dumps({"event": "updated", "request_id": "theirs"}).encode()) == 204
    assert woken == [1]


@override_settings(NETBOX_WEBHOOK_SECRET=SECRET)
@pytest.mark.parametrize("signature", ["", "0" * 128, "ä", hashlib.sha512(b"{}").hexdigest()])
def test_what_is_not_signed_is_refused(woken: list[int], signature: str) -> None:
    assert _post(b"{}", signature or "none") == 403
    assert woken == []


@override_settings(NETBOX_WEBHOOK_SECRET=SECRET)
def test_our_own_writes_wake_nobody(woken: list[int]) -> None:
    OwnRequest.objects.create(request_id="ours", made_at=NOW)
    assert _post(json.dumps({"request_id": "ours"}).encode()) == 204
    assert woken == []


@override_settings(NETBOX_WEBHOOK_SECRET=SECRET)
def test_it_takes_posts_alone() -> None:
    assert Client().get(URL).status_code == 405


def test_without_a_secret_nobody_can_tell_that_it_is_one() -> None:
    with override_settings(NETBOX_WEBHOOK_SECRET=""):
        assert Client().get(URL).status_code == 404


@override_settings(NETBOX_WEBHOOK_SECRET=SECRET)
def test_a_get_is_no_nudge(woken: list[int]) -> None:
    assert Client().get(URL).status_code == 405
    assert woken == []


@override_settings(NETBOX_WEBHOOK_SECRET=SECRET)
def test_a_body_too_large_is_not_read_to_its_end(woken: list[int]) -> None:
    assert _post(b" " * (1024 * 1024 + 1)) == 413
    assert woken == []
