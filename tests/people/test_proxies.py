import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from backplane.people.client_address import client_address, is_from_this_machine
from backplane.people.proxy import TrustedProxyMiddleware

TRUSTED = ["10.0.0.0/8", "2001:db8::/32"]


@pytest.fixture(autouse=True)
def _trusted(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = TRUSTED
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")


def arrived(remote: str, **headers: str) -> HttpRequest:
    """A request as the views see it, after the middleware."""
    seen: list[HttpRequest] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(request)
        return HttpResponse()

    request = RequestFactory().get("/", REMOTE_ADDR=remote, headers=headers)
    TrustedProxyMiddleware(view)(request)
    return seen[0]


@pytest.mark.parametrize(
    ("remote", "forwarded", "client"),
    [
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),  # a stranger's claim
        ("10.0.0.2", "", "10.0.0.2"),
        ("10.0.0.2", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.2", "1.1.1.1, 198.51.100.7", "198.51.100.7"),  # forged before the proxy appended
        ("10.0.0.2", "198.51.100.7, 10.9.9.9", "198.51.100.7"),  # two proxies of ours
        ("10.0.0.2", "10.1.1.1, 10.9.9.9", "10.1.1.1"),  # nobody but ours
        ("10.0.0.2", "198.51.100.7:4711", "198.51.100.7"),
        ("10.0.0.2", "[2a00::7]:4711", "2a00::7"),
        ("10.0.0.2", "2a00::7", "2a00::7"),
        ("10.0.0.2", "unknown", "10.0.0.2"),
        ("10.0.0.2", "198.51.100.7, '; DROP TABLE", "10.0.0.2"),
        ("::ffff:10.0.0.2", "198.51.100.7", "198.51.100.7"),
        ("::ffff:192.0.2.1", "", "192.0.2.1"),
        ("2001:db8::1", "2a00::7", "2a00::7"),
        ("fe80::1%eth0", "", "fe80::1"),
        ("", "198.51.100.7", None),
    ],
)
def test_the_client_is_the_nearest_sender_that_is_no_proxy_of_ours(
    remote: str, forwarded: str, client: str | None
) -> None:
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    assert client_address(arrived(remote, **headers)) == client


def test_only_a_trusted_proxy_may_say_that_the_browser_came_by_https() -> None:
    assert arrived("10.0.0.2", **{"x-forwarded-proto": "https"}).is_secure()
    assert not arrived("192.0.2.1", **{"x-forwarded-proto": "https"}).is_secure()
    assert not arrived("", **{"x-forwarded-proto": "https"}).is_secure()


def test_every_claim_of_a_stranger_is_gone() -> None:
    claims = {
        "forwarded": "for=127.0.0.1",
        "x-forwarded-for": "127.0.0.1",
        "x-forwarded-host": "evil.example",
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
        "x-real-ip": "127.0.0.1",
    }
    request = arrived("192.0.2.1", **claims)
    assert not [name for name in request.META if "FORWARDED" in name or "REAL_IP" in name]
    assert not set(request.headers) & {name.title() for name in claims}


def test_nobody_is_trusted_unless_named(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = []
    assert client_address(arrived("127.0.0.1", **{"x-forwarded-for": "1.1.1.1"})) == "127.0.0.1"


def test_a_forged_loopback_address_is_not_this_machine() -> None:
    forged = arrived(
        "10.0.0.2", **{"x-forwarded-for": "127.0.0.1, 198.51.100.7", "host": "localhost"}
    )
    assert not is_from_this_machine(forged)
    assert is_from_this_machine(arrived("127.0.0.1", host="localhost:8000"))
    assert not is_from_this_machine(arrived("127.0.0.1", host="testserver"))
