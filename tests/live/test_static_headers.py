"""What never changes carries no word about its version; everything else keeps its headers."""

from collections.abc import Callable

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from backplane.live.static_headers import lean_static_files

_SET_BY_OTHERS = {
    "ETag": '"1"',
    "Last-Modified": "Tue, 01 Dec 2026 12:00:00 GMT",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
_FOR_EVER = "max-age=315360000, public, immutable"


def answer_with(caching: str) -> Callable[[HttpRequest], HttpResponse]:
    return lambda _request: HttpResponse(headers=_SET_BY_OTHERS | {"Cache-Control": caching})


@pytest.fixture
def request_of_a_file(rf: RequestFactory) -> HttpRequest:
    return rf.get("/static/js/rack.0123456789ab.js")


def test_a_file_that_never_changes_is_trimmed(request_of_a_file: HttpRequest) -> None:
    response = lean_static_files(answer_with(_FOR_EVER))(request_of_a_file)
    assert set(response.headers) == {"Content-Type", "Cache-Control", "X-Content-Type-Options"}


def test_whatever_may_change_keeps_all(request_of_a_file: HttpRequest) -> None:
    response = lean_static_files(answer_with("no-cache"))(request_of_a_file)
    assert set(response.headers) >= set(_SET_BY_OTHERS)


async def test_in_an_asynchronous_chain_too(request_of_a_file: HttpRequest) -> None:
    async def answer(request: HttpRequest) -> HttpResponse:
        return answer_with(_FOR_EVER)(request)

    response = await lean_static_files(answer)(request_of_a_file)
    assert "ETag" not in response.headers


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ('text/javascript; charset="utf-8"', "text/javascript"),
        ('text/css; charset="utf-8"', 'text/css; charset="utf-8"'),
    ],
)
def test_a_module_needs_no_word_about_its_encoding_and_a_stylesheet_does(
    request_of_a_file: HttpRequest, kind: str, told: str
) -> None:
    headers = {"Cache-Control": _FOR_EVER, "Content-Type": kind}
    response = lean_static_files(lambda _request: HttpResponse(headers=headers))(request_of_a_file)
    assert response.headers["Content-Type"] == told
