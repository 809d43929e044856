from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client

from backplane.people.models import User
from backplane.people.roles import Role, has_role
from tests.people.conftest import person


def somebody(role: Role, **changes: bool) -> SimpleNamespace:
    facts = {"is_authenticated": True, "is_active": True, "must_change_password": False}
    return SimpleNamespace(role=str(role), **facts | changes)


def test_each_role_includes_itself_and_those_below() -> None:
    order = [Role.VIEWER, Role.TECHNICIAN, Role.OPERATOR, Role.ADMIN]
    for have in order:
        for need in order:
            assert has_role(somebody(have), need) is (order.index(have) >= order.index(need))


@pytest.mark.parametrize(
    "change", [{"is_active": False}, {"must_change_password": True}, {"is_authenticated": False}]
)
def test_an_admin_who_may_not_enter_has_no_role(change: dict[str, bool]) -> None:
    assert not has_role(somebody(Role.ADMIN, **change), Role.VIEWER)


def test_strangers_have_no_role() -> None:
    assert not has_role(AnonymousUser(), Role.VIEWER)


def test_every_role_says_what_it_may() -> None:
    assert len({role.summary for role in Role}) == len(Role)


@pytest.mark.django_db
def test_the_role_alone_decides_django_s_flags() -> None:
    lou = User.objects.create_user("lou", is_staff=True, is_superuser=True)
    assert (lou.role, lou.is_staff, lou.is_superuser) == (Role.VIEWER, False, False)
    lou.role = Role.ADMIN
    lou.save(update_fields=["role"])
    lou.refresh_from_db()
    assert (lou.is_staff, lou.is_superuser) == (True, True)


@pytest.mark.django_db
def test_a_superuser_is_an_admin() -> None:
    assert User.objects.create_superuser("sue", password="x").role == Role.ADMIN


@pytest.mark.django_db
def test_an_operator_passes_the_guard_with_its_arguments(client: Client, ben: User) -> None:
    client.force_login(ben)
    assert client.get("/switch/7/").content == b"switched 7"


@pytest.mark.django_db
def test_a_refusal_names_the_role_and_who_has_it(client: Client, ana: User, ben: User) -> None:
    gone = person("gone", Role.ADMIN)
    gone.is_active = False
    gone.save()
    client.force_login(ana)
    answer = client.get("/switch/7/")
    assert answer.status_code == 403
    page = answer.content.decode()
    assert "needs the role Operator" in page
    assert "<b>ben</b>" in page
    assert "gone" not in page


@pytest.mark.django_db
def test_a_refusal_to_a_script_is_json(client: Client, ana: User, ben: User) -> None:
    client.force_login(ana)
    answer = client.post("/switch/7/", headers={"accept": "application/json"})
    assert answer.status_code == 403
    assert answer.json() == {"error": "This needs the role operator. Ask ben.", "role": "operator"}
