import pytest
from django.test import Client

from backplane.people.first_account import first_password_file
from backplane.people.models import User
from backplane.people.roles import Role
from tests.people.conftest import PASSWORD, person

pytestmark = pytest.mark.django_db

NEW = "another-four-words"


@pytest.fixture
def newcomer(client: Client) -> User:
    user = person("nina", Role.OPERATOR, must_change_password=True)
    client.force_login(user)
    return user


def change(client: Client, old: str, new: str, again: str | None = None) -> int:
    form = {"old_password": old, "new_password1": new, "new_password2": again or new}
    return client.post("/password/", form).status_code


@pytest.mark.parametrize("path", ["/", "/switch/1/", "/admin/"])
def test_every_page_leads_a_newcomer_to_the_password(
    client: Client, newcomer: User, path: str
) -> None:
    assert client.get(path)["Location"] == "/password/"
    assert client.post(path)["Location"] == "/password/"


def test_a_newcomer_s_script_is_refused_in_json(client: Client, newcomer: User) -> None:
    answer = client.post("/switch/1/", headers={"accept": "application/json"})
    assert answer.status_code == 403
    assert answer.json()["password"] == "/password/"


def test_a_newcomer_may_see_the_health_and_leave(client: Client, newcomer: User) -> None:
    assert client.get("/healthz/").status_code == 200
    assert b"Choose your own password" in client.get("/password/").content
    assert client.post("/sign-out/").status_code == 302


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [
        ("wrong", NEW, NEW),
        (PASSWORD, NEW, "different-words"),
        (PASSWORD, "short", "short"),
        (PASSWORD, PASSWORD, PASSWORD),
        (PASSWORD, "nina", "nina"),
    ],
)
def test_a_bad_change_changes_nothing(
    client: Client, newcomer: User, old: str, new: str, again: str
) -> None:
    assert change(client, old, new, again) == 200
    newcomer.refresh_from_db()
    assert newcomer.must_change_password
    assert newcomer.check_password(PASSWORD)


def test_a_changed_password_opens_the_site_and_keeps_the_session(
    client: Client, newcomer: User
) -> None:
    assert change(client, PASSWORD, NEW) == 302
    assert client.get("/switch/1/").status_code == 200


def test_a_changed_password_ends_the_other_sessions(client: Client, ana: User) -> None:
    other = Client()
    other.force_login(ana)
    client.force_login(ana)
    assert change(client, PASSWORD, NEW) == 302
    assert other.get("/").status_code == 302
    assert client.get("/").status_code == 200


def test_somebody_else_s_change_leaves_the_first_password_s_file(client: Client, ana: User) -> None:
    first_password_file().write_text("tavo-meki\n")
    client.force_login(ana)
    assert change(client, PASSWORD, NEW) == 302
    assert first_password_file().exists()
