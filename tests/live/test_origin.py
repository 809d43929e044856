import pytest

from backplane.live.origin import origin_is_ours

HOSTS = ["localhost", "127.0.0.1", "[::1]", "rack.example.org"]
PUBLIC = "https://rack.example.org"


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://localhost:8000", "localhost:8000"),
        ("http://127.0.0.1:8000", "127.0.0.1:8000"),
        ("http://[::1]:8000", "[::1]:8000"),
        ("http://LocalHost:8000", "localhost:8000"),
        ("http://localhost", "localhost"),
        ("http://localhost:80", "localhost"),
        (PUBLIC, "10.0.0.7:8000"),  # a proxy that passes its own Host
    ],
)
def test_our_own_pages_may_open_sockets(origin: str, host: str) -> None:
    assert origin_is_ours(origin, host, HOSTS, PUBLIC)


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("", "localhost:8000"),
        ("null", "localhost:8000"),
        ("https://evil.example", "localhost:8000"),
        ("https://evil.example", "evil.example"),  # a name made to point at us
        ("http://localhost:3000", "localhost:8000"),  # another program of this machine
        ("https://rack.example.org.evil.example", "rack.example.org"),
        ("file://", "localhost:8000"),
        ("http://localhost:8000/path", "localhost:8000"),
        ("http://[::1", "localhost:8000"),
        ("http://", ""),
    ],
)
def test_other_pages_may_not(origin: str, host: str) -> None:
    assert not origin_is_ours(origin, host, HOSTS, PUBLIC)
