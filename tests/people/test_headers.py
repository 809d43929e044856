import re

import pytest
from django.test import Client
from pytest_django import Settings

from backplane.people.models import User
from tests.people.conftest import PASSWORD, sign_in

pytestmark = pytest.mark.django_db

PAGES = ["/sign-in/", "/password/"]


@pytest.fixture
def strict(ana: User) -> Client:
    return Client(enforce_csrf_checks=True)


def policy_of(client: Client, path: str) -> tuple[dict[str, list[str]], str]:
    answer = client.get(path)
    assert answer.status_code == 200
    directives = [part.split() for part in answer["Content-Security-Policy"].split(";")]
    return {name: sources for name, *sources in directives}, answer.content.decode()


@pytest.mark.parametrize("path", PAGES)
def test_the_policy_allows_nothing_inline_and_no_other_site(
    client: Client, ana: User, path: str
) -> None:
    if path != "/sign-in/":
        client.force_login(ana)
    policy, _ = policy_of(client, path)
    assert policy["default-src"] == ["'none'"]
    assert policy["frame-ancestors"] == ["'none'"]
    assert policy["base-uri"] == ["'none'"]
    allowed = {source for sources in policy.values() for source in sources}
    assert not allowed & {"'unsafe-inline'", "'unsafe-eval'", "*", "https:", "http:"}


@pytest.mark.parametrize("path", PAGES)
def test_the_pages_carry_nothing_that_the_policy_would_stop(
    client: Client, ana: User, path: str
) -> None:
    if path != "/sign-in/":
        client.force_login(ana)
    policy, html = policy_of(client, path)
    assert not re.findall(r"\s(style|on[a-z]+)=", html)
    assert "<style" not in html
    for tag in re.findall(r"<script[^>]*>", html):
        nonce = re.search(r'nonce="([^"]+)"', tag)
        assert "src=" in tag or (nonce and f"'nonce-{nonce[1]}'" in policy["script-src"])


def test_a_nonce_is_used_once(client: Client) -> None:
    policies = {client.get("/sign-in/")["Content-Security-Policy"] for _ in range(3)}
    assert len(policies) == 3


def test_pages_refuse_frames_sniffing_and_leaking_referrers(client: Client) -> None:
    answer = client.get("/sign-in/")
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert "no-store" in answer["Cache-Control"]


def test_the_session_s_cookie_is_kept_from_scripts_and_other_sites(
    client: Client, ana: User, settings: Settings
) -> None:
    settings.SESSION_COOKIE_SECURE = True  # as PUBLIC_URL=https://... sets it
    sign_in(client, "ana")
    cookie = client.cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["secure"]
    assert cookie["samesite"] == "Lax"


@pytest.mark.parametrize("path", ["/sign-in/", "/sign-out/", "/password/", "/switch/1/"])
def test_a_form_from_another_site_changes_nothing(strict: Client, ana: User, path: str) -> None:
    strict.force_login(ana)
    answer = strict.post(path, {"username": "ana", "password": PASSWORD})
    assert answer.status_code == 403
    assert b"This page is too old" in answer.content
    assert strict.get("/").content == b"inside"


def test_a_script_without_token_is_refused_in_json(strict: Client) -> None:
    answer = strict.post("/sign-in/", headers={"accept": "application/json"})
    assert answer.status_code == 403
    assert "too old" in answer.json()["error"]


def test_the_sign_in_form_carries_its_token(strict: Client) -> None:
    html = strict.get("/sign-in/").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', html)
    assert token is not None
    form = {"username": "ana", "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
    assert strict.post("/sign-in/", form).status_code == 302
