"""The fences: what a phone's session, a swap-only one and a token may ask for, by method and path."""

import pytest

from backplane.people.scopes import Scope, needed_scope, phone_may

SWAP_ONLY = [
    ("GET", "/w/"),
    ("GET", "/w"),
    ("POST", "/w/new/"),
    ("POST", "/w/12/do/"),
    ("GET", "/s/a12-07/"),
    ("GET", "/S/A12-07"),
    ("GET", "/c/a12/"),
    ("GET", "/c/a12/snapshot/"),
    ("GET", "/c/a12/measures.css"),
    ("GET", "/c/a12/s/7/"),
    ("GET", "/help/leds/"),
    ("GET", "/sw.js"),
    ("POST", "/sign-out/"),
    ("POST", "/phone/enter/"),
]
NOT_SWAP_ONLY = [
    ("POST", "/c/a12/s/7/command/"),
    ("POST", "/c/a12/"),
    ("GET", "/c/a12/labels/"),
    ("GET", "/c/a12/power/"),
    ("GET", "/events/"),
    ("GET", "/"),
    ("GET", "/wide/"),
    ("POST", "/s/a12-07/"),
]
AT_THE_DESK = ["/settings/people/", "/settings/phones/", "/admin/", "/password/", "/admin"]


@pytest.mark.parametrize(("method", "path"), SWAP_ONLY)
def test_a_swap_only_phone_reaches_what_a_swap_needs(method: str, path: str) -> None:
    assert phone_may(method, path, is_swap_only=True)


@pytest.mark.parametrize(("method", "path"), NOT_SWAP_ONLY)
def test_a_swap_only_phone_reaches_nothing_else(method: str, path: str) -> None:
    assert not phone_may(method, path, is_swap_only=True)
    assert phone_may(method, path, is_swap_only=False)


@pytest.mark.parametrize("path", AT_THE_DESK)
def test_no_phone_reaches_what_is_done_at_the_desk(path: str) -> None:
    assert not phone_may("GET", path, is_swap_only=False)
    assert not phone_may("GET", path, is_swap_only=True)


@pytest.mark.parametrize(
    ("method", "path", "op", "scope"),
    [
        ("GET", "/c/a12/snapshot/", "", Scope.READ),
        ("GET", "/events/", "", Scope.READ),
        ("POST", "/c/a12/s/7/command/", "locate_on", Scope.LOCATE),
        ("POST", "/c/a12/s/7/command/", "locate_off", Scope.LOCATE),
        ("POST", "/c/a12/s/7/command/", "power_off", Scope.POWER),
        ("POST", "/c/a12/s/7/command/", "", Scope.POWER),
        ("POST", "/c/a12/command/", "lamp_test", Scope.POWER),
        ("POST", "/w/12/do/", "", Scope.SWAP),
        ("GET", "/settings/tokens/", "", None),
        ("POST", "/settings/tokens/", "", None),
        ("GET", "/admin/", "", None),
        ("POST", "/sign-in/", "", None),
        ("POST", "/sign-out/", "", None),
        ("POST", "/phone/enter/", "", None),
        ("POST", "/c/a12/s/7/names/", "", None),
        ("DELETE", "/c/a12/", "", None),
    ],
)
def test_each_request_of_a_program_needs_one_scope(
    method: str, path: str, op: str, scope: Scope | None
) -> None:
    assert needed_scope(method, path, op) is scope
