"""Roles that may do much are given and taken with a proof: the name typed, one's own password again."""

import pytest
from axes.models import AccessAttempt
from django.test import Client

from backplane.people.models import AuditEntry, User
from backplane.people.roles import Role
from tests.people.conftest import person, sign_in
from tests.people.grave import proof

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client: Client, eve: User) -> Client:
    client.force_login(eve)
    return client


def role_path(user: User) -> str:
    return f"/settings/people/{user.pk}/role/"


@pytest.mark.parametrize("role", ["operator", "admin"])
def test_giving_much_asks_first_and_changes_nothing(admin: Client, ana: User, role: str) -> None:
    answer = admin.post(role_path(ana), {"was": ana.role, "role": role})
    assert answer.status_code == 200
    assert b"Type <b>ana</b> to confirm" in answer.content
    assert f'name="role" value="{role}"'.encode() in answer.content
    ana.refresh_from_db()
    assert ana.role == Role.VIEWER


@pytest.mark.parametrize(
    "wrong", [proof("anna"), proof("ana", "guessed"), proof("ana", ""), {"typed": "ana"}]
)
def test_a_wrong_name_or_password_changes_nothing(
    admin: Client, ana: User, wrong: dict[str, str]
) -> None:
    answer = admin.post(role_path(ana), {"was": ana.role, "role": "admin", **wrong})
    assert answer.status_code == 422
    assert b"Nothing was changed" in answer.content
    ana.refresh_from_db()
    assert ana.role == Role.VIEWER


def test_the_proof_lets_it_happen(admin: Client, ana: User) -> None:
    assert (
        admin.post(role_path(ana), {"was": ana.role, "role": "admin", **proof("ana")}).status_code
        == 302
    )
    ana.refresh_from_db()
    assert ana.role == Role.ADMIN


def test_taking_admin_away_asks_too(admin: Client) -> None:
    max_ = person("max", Role.ADMIN)
    assert admin.post(role_path(max_), {"was": max_.role, "role": "viewer"}).status_code == 200
    max_.refresh_from_db()
    assert max_.role == Role.ADMIN


def test_small_changes_ask_nothing(admin: Client, ana: User, ben: User) -> None:
    assert admin.post(role_path(ana), {"was": ana.role, "role": "technician"}).status_code == 302
    assert admin.post(role_path(ben), {"was": ben.role, "role": "viewer"}).status_code == 302
    ben.refresh_from_db()
    assert admin.post(role_path(ben), {"was": ben.role, "role": "viewer"}).status_code == 302


def test_guessing_the_password_there_closes_the_door(admin: Client, ana: User) -> None:
    tries = [
        admin.post(
            role_path(ana), {"was": ana.role, "role": "admin", **proof("ana", "guess")}
        ).status_code
        for _ in range(5)
    ]
    assert tries == [422, 422, 422, 422, 429]
    assert (
        admin.post(role_path(ana), {"was": ana.role, "role": "admin", **proof("ana")}).status_code
        == 429
    )
    ana.refresh_from_db()
    assert ana.role == Role.VIEWER


def test_a_wrong_password_is_kept_nowhere(admin: Client, ana: User) -> None:
    admin.post(
        role_path(ana), {"was": ana.role, "role": "admin", **proof("ana", "almost-my-password")}
    )
    kept = str(AccessAttempt.objects.values().get()) + str(list(AuditEntry.objects.values()))
    assert "almost-my-password" not in kept


def test_adding_an_admin_asks(admin: Client) -> None:
    form = {"username": "nina", "role": "admin"}
    assert admin.post("/settings/people/add/", form).status_code == 200
    assert not User.objects.filter(username="nina").exists()
    admin.post("/settings/people/add/", {**form, **proof("nina")})
    assert User.objects.get(username="nina").role == Role.ADMIN


def test_taking_over_an_account_that_may_do_much_asks(admin: Client, ben: User) -> None:
    admin.post(f"/settings/people/{ben.pk}/password/")
    assert sign_in(Client(), "ben") == 302  # the old one still opens
    max_ = person("max", Role.ADMIN)
    admin.post(f"/settings/people/{max_.pk}/active/", {"active": "0"})
    max_.refresh_from_db()
    assert max_.is_active
    admin.post(f"/settings/people/{max_.pk}/active/", {"active": "0", **proof("max")})
    max_.refresh_from_db()
    assert not max_.is_active
