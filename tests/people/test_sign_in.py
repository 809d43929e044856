import pytest
from django.test import Client

from backplane.people.first_account import first_password_file
from backplane.people.models import User
from tests.people.conftest import PASSWORD, sign_in

pytestmark = pytest.mark.django_db


def test_strangers_are_led_to_the_sign_in_page(client: Client) -> None:
    answer = client.get("/switch/3/?x=1")
    assert answer.status_code == 302
    assert answer["Location"] == "/sign-in/?next=/switch/3/%3Fx%3D1"


def test_a_script_without_session_gets_401_not_a_page(client: Client) -> None:
    answer = client.get("/", headers={"accept": "application/json"})
    assert answer.status_code == 401
    assert answer.json()["sign_in"] == "/sign-in/"


def test_signing_in_leads_to_the_page_that_was_asked_for(client: Client, ben: User) -> None:
    form = {"username": "ben", "password": PASSWORD, "next": "/switch/3/"}
    assert client.post("/sign-in/", form)["Location"] == "/switch/3/"
    assert client.get("/switch/3/").content == b"switched 3"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"],
)
def test_signing_in_never_leads_to_another_site(client: Client, ana: User, elsewhere: str) -> None:
    form = {"username": "ana", "password": PASSWORD, "next": elsewhere}
    assert client.post("/sign-in/", form)["Location"] == "/"


def test_a_wrong_password_says_so_and_lets_nobody_in(client: Client, ana: User) -> None:
    answer = client.post("/sign-in/", {"username": "ana", "password": "wrong"})
    assert answer.status_code == 200
    assert b"correct username and password" in answer.content
    assert client.get("/").status_code == 302


def test_somebody_deactivated_stays_out_at_once(client: Client, ana: User) -> None:
    client.force_login(ana)
    ana.is_active = False
    ana.save()
    assert client.get("/").status_code == 302
    assert sign_in(client, "ana") == 200


def test_the_session_gets_a_new_key_at_sign_in(client: Client, ana: User) -> None:
    session = client.session
    session["from"] = "before"
    session.save()
    old_key = session.session_key
    sign_in(client, "ana")
    assert client.session.session_key != old_key


def test_signing_out_takes_a_post(client: Client, ana: User) -> None:
    client.force_login(ana)
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/")["Location"] == "/sign-in/"
    assert client.get("/").status_code == 302


def test_django_s_admin_has_no_second_door(client: Client, ana: User, eve: User) -> None:
    assert client.get("/admin/login/?next=/admin/")["Location"] == "/sign-in/?next=%2Fadmin%2F"
    client.force_login(ana)
    assert client.get("/admin/", follow=True).status_code == 403
    client.force_login(eve)
    assert client.get("/admin/").status_code == 200
    assert client.get("/admin/people/user/").status_code == 200
    assert client.get(f"/admin/people/user/{ana.pk}/change/").status_code == 200
    assert client.get("/admin/people/auditentry/").status_code == 200


def hint_for(client: Client, address: str, host: str) -> bool:
    page = client.get("/sign-in/", REMOTE_ADDR=address, headers={"host": host})
    return str(first_password_file()) in page.content.decode()


def test_the_way_to_the_first_password_is_told_on_this_machine_alone(client: Client) -> None:
    assert not hint_for(client, "127.0.0.1", "localhost:8000")  # there is none
    first_password_file().write_text("tavo-meki\n")
    assert hint_for(client, "127.0.0.1", "localhost:8000")
    assert hint_for(client, "::1", "[::1]:8000")
    assert not hint_for(client, "192.0.2.7", "localhost:8000")
    assert not hint_for(
        client, "127.0.0.1", "testserver"
    )  # a proxy on this machine passes the host on
    assert b"tavo-meki" not in client.get("/sign-in/").content
