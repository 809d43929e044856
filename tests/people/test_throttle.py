from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.test import AsyncClient, Client
from django.utils import timezone

from backplane.people.models import User
from tests.people.conftest import PASSWORD, sign_in


@pytest.mark.django_db
def test_the_fifth_wrong_password_closes_the_door_for_a_while(client: Client, ana: User) -> None:
    assert [sign_in(client, "ana", "wrong") for _ in range(5)] == [200, 200, 200, 200, 429]
    answer = client.post("/sign-in/", {"username": "ana", "password": PASSWORD})
    assert answer.status_code == 429
    assert b"Try again in <b>5 minutes</b>" in answer.content
    assert 290 <= int(answer["Retry-After"]) <= 300
    assert client.get("/").status_code == 302


@pytest.mark.django_db
def test_the_wait_ends_when_the_page_said(client: Client, ana: User) -> None:
    for _ in range(5):
        sign_in(client, "ana", "wrong")
    four_minutes_ago = timezone.now() - timedelta(minutes=4)
    AccessAttempt.objects.update(attempt_time=four_minutes_ago)
    sign_in(client, "ana", "wrong")  # a try during the wait does not start it anew
    answer = client.post("/sign-in/", {"username": "ana", "password": PASSWORD})
    assert b"Try again in <b>1 minute</b>" in answer.content
    AccessAttempt.objects.update(attempt_time=four_minutes_ago - timedelta(minutes=1))
    assert sign_in(client, "ana") == 302


@pytest.mark.django_db
def test_other_people_and_other_addresses_still_get_in(
    client: Client, ana: User, ben: User
) -> None:
    for _ in range(6):
        sign_in(client, "ana", "wrong")
    assert sign_in(client, "ben") == 302
    elsewhere = Client(REMOTE_ADDR="192.0.2.9")
    assert sign_in(elsewhere, "ana") == 302


@pytest.mark.django_db
def test_a_name_that_nobody_has_is_throttled_alike(client: Client) -> None:
    assert [sign_in(client, "nobody", "wrong") for _ in range(5)][-1] == 429


@pytest.mark.django_db
def test_a_forged_address_opens_no_new_tries(client: Client, ana: User) -> None:
    tries = [
        sign_in(client, "ana", "wrong", **{"x-forwarded-for": f"192.0.2.{n}"}) for n in range(6)
    ]
    assert tries[-1] == 429


@pytest.mark.django_db
def test_passwords_are_never_kept_with_the_tries(client: Client, ana: User) -> None:
    sign_in(client, "ana", "almost-my-password")
    assert "almost-my-password" not in str(AccessAttempt.objects.values().get())


@pytest.mark.django_db
def test_a_script_is_told_in_json(client: Client, ana: User) -> None:
    for _ in range(5):
        sign_in(client, "ana", "wrong")
    form = {"username": "ana", "password": "wrong"}
    answer = client.post("/sign-in/", form, headers={"accept": "application/json"})
    assert answer.status_code == 429
    assert "Too many tries" in answer.json()["error"]


@pytest.mark.django_db(transaction=True)
async def test_the_asynchronous_server_throttles_alike(async_client: AsyncClient) -> None:
    await User.objects.acreate(username="ana")
    form = {"username": "ana", "password": "wrong"}
    statuses = [(await async_client.post("/sign-in/", form)).status_code for _ in range(6)]
    assert statuses == [200, 200, 200, 200, 429, 429]
