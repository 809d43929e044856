import re

import pytest
from django.test import Client

from backplane.people import directory
from backplane.people.audit import Actor
from backplane.people.models import User
from backplane.people.roles import Role
from tests.people.conftest import person, sign_in
from tests.people.grave import proof

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client: Client, eve: User) -> Client:
    client.force_login(eve)
    return client


def shown_password(page: bytes) -> str:
    found = re.search(r"people-password\">([a-z-]+)<", page.decode())
    assert found is not None
    return found[1]


def paths(user: User) -> list[str]:
    of_one = [f"/settings/people/{user.pk}/{what}/" for what in ("role", "active", "password")]
    return ["/settings/people/add/", *of_one]


def test_admins_alone_see_and_change_people(client: Client, ana: User, ben: User) -> None:
    client.force_login(ben)
    assert client.get("/settings/people/").status_code == 403
    for path in paths(ana):
        form = {"username": "nina", "role": "admin", "active": "0"}
        assert client.post(path, form).status_code == 403
    ana.refresh_from_db()
    assert (ana.role, ana.is_active) == (Role.VIEWER, True)
    assert not User.objects.filter(username="nina").exists()


def test_looking_changes_nothing(admin: Client, ana: User) -> None:
    assert [admin.get(path).status_code for path in paths(ana)] == [405] * 4


def test_everybody_is_listed_with_their_role(admin: Client, ana: User, ben: User) -> None:
    page = admin.get("/settings/people/").content.decode()
    for name in ("ana", "ben", "eve"):
        assert f"<b>{name}</b>" in page
    assert page.count("selected") == 3 + 1  # and the default of the form


def test_a_new_person_gets_a_password_that_is_shown_once(admin: Client) -> None:
    answer = admin.post("/settings/people/add/", {"username": "nina", "role": "technician"})
    assert "no-store" in answer["Cache-Control"]
    password = shown_password(answer.content)
    assert password not in admin.get("/settings/people/").content.decode()
    theirs = Client()
    assert sign_in(theirs, "nina", password) == 302
    assert theirs.get("/")["Location"] == "/password/"
    assert User.objects.get(username="nina").role == Role.TECHNICIAN


@pytest.mark.parametrize(
    "form",
    [
        {"username": "ANA", "role": "viewer"},
        {"username": "", "role": "viewer"},
        {"username": "a b", "role": "viewer"},
        {"username": "nina", "role": "king"},
        {"username": "nina"},
    ],
)
def test_a_person_that_makes_no_sense_is_not_added(
    admin: Client, ana: User, form: dict[str, str]
) -> None:
    answer = admin.post("/settings/people/add/", form)
    assert answer.status_code == 422
    assert b'class="error"' in answer.content
    assert User.objects.count() == 2


def test_a_role_is_changed(admin: Client, ana: User) -> None:
    admin.post(
        f"/settings/people/{ana.pk}/role/", {"was": ana.role, "role": "operator", **proof("ana")}
    )
    ana.refresh_from_db()
    assert ana.role == Role.OPERATOR
    page = admin.post(
        f"/settings/people/{ana.pk}/role/", {"was": ana.role, "role": "king"}, follow=True
    )
    assert b"no such role" in page.content


@pytest.mark.parametrize(
    ("was", "said"), [("operator", b"Changed since you looked"), ("", b"no such role")]
)
def test_a_role_is_changed_only_from_the_one_that_was_shown(
    admin: Client, ana: User, was: str, said: bytes
) -> None:
    sent = {"was": was, "role": "operator", **proof("ana")}
    page = admin.post(f"/settings/people/{ana.pk}/role/", sent, follow=True)
    assert said in page.content
    ana.refresh_from_db()
    assert ana.role == Role.VIEWER


def test_an_admin_who_is_demoted_leaves_django_s_admin_too(admin: Client, eve: User) -> None:
    max_ = person("max", Role.ADMIN)
    admin.post(
        f"/settings/people/{max_.pk}/role/", {"was": max_.role, "role": "viewer", **proof("max")}
    )
    max_.refresh_from_db()
    assert (max_.is_superuser, max_.is_staff) == (False, False)


@pytest.mark.parametrize(
    ("what", "form"), [("role", {"was": "admin", "role": "viewer"}), ("active", {"active": "0"})]
)
def test_the_last_admin_stays(admin: Client, eve: User, what: str, form: dict[str, str]) -> None:
    gone = person("gone", Role.ADMIN)
    directory.set_active(gone.pk, Actor(eve.pk, "eve", "admin"), is_active=False)
    sent = form | proof("eve")
    page = admin.post(f"/settings/people/{eve.pk}/{what}/", sent, follow=True)
    assert b"Somebody must stay admin" in page.content
    eve.refresh_from_db()
    assert (eve.role, eve.is_active) == (Role.ADMIN, True)


def test_one_of_two_admins_may_go(admin: Client, eve: User) -> None:
    person("max", Role.ADMIN)
    admin.post(
        f"/settings/people/{eve.pk}/role/", {"was": eve.role, "role": "viewer", **proof("eve")}
    )
    eve.refresh_from_db()
    assert eve.role == Role.VIEWER


def test_who_is_kept_out_is_out_at_once_and_may_come_back(admin: Client, ana: User) -> None:
    theirs = Client()
    theirs.force_login(ana)
    admin.post(f"/settings/people/{ana.pk}/active/", {"active": "0"})
    assert theirs.get("/").status_code == 302
    admin.post(f"/settings/people/{ana.pk}/active/", {"active": "1"})
    assert sign_in(theirs, "ana") == 302


def test_a_forgotten_password_is_replaced_and_ends_their_sessions(admin: Client, ana: User) -> None:
    theirs = Client()
    theirs.force_login(ana)
    answer = admin.post(f"/settings/people/{ana.pk}/password/")
    assert theirs.get("/").status_code == 302
    assert sign_in(theirs, "ana", shown_password(answer.content)) == 302
    assert theirs.get("/")["Location"] == "/password/"


@pytest.mark.parametrize("what", ["role", "active", "password"])
def test_nobody_by_that_number_is_not_found(admin: Client, what: str) -> None:
    form = {"role": "viewer", "active": "0"}
    assert admin.post(f"/settings/people/999/{what}/", form).status_code == 404


def test_django_s_admin_names_people_and_decides_nothing(admin: Client, ana: User) -> None:
    form = {"first_name": "Ana", "role": "admin", "is_active": "", "password": "x"}
    assert admin.post(f"/admin/people/user/{ana.pk}/change/", form).status_code == 302
    ana.refresh_from_db()
    assert (ana.first_name, ana.role, ana.is_active) == ("Ana", Role.VIEWER, True)
    assert sign_in(Client(), "ana") == 302  # with the password that she had


def test_nobody_is_added_or_deleted_in_django_s_admin(admin: Client, ana: User) -> None:
    assert admin.get("/admin/people/user/add/").status_code == 403
    assert admin.get(f"/admin/people/user/{ana.pk}/password/").status_code == 302  # to the list
    form = {"action": "delete_selected", "_selected_action": str(ana.pk), "post": "yes"}
    admin.post("/admin/people/user/", form)
    assert admin.post(f"/admin/people/user/{ana.pk}/delete/", {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=ana.pk).exists()
