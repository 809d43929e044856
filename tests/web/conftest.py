import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from backplane.live.swaps.pictures import forget_pictures
from backplane.people.models import User
from backplane.people.roles import Role
from backplane.slots.models import Chassis
from backplane.swaps.models import Swap
from tests.support.chromium import chromium, close, new_context
from tests.web.racks import make_chassis, make_user
from tests.web.swaps import make_swap

OpenAs = Callable[..., Page]
_LIMIT_S = 30  # long enough for a busy machine


@pytest.fixture
def demo(db: None) -> Chassis:
    """A simulated chassis with ten different slots."""
    return make_chassis("demo")


def client_of(role: Role) -> Client:
    client = Client()
    client.force_login(make_user(str(role), role))
    return client


@pytest.fixture
def viewer(db: None) -> Client:
    return client_of(Role.VIEWER)


@pytest.fixture
def technician(db: None) -> Client:
    return client_of(Role.TECHNICIAN)


@pytest.fixture
def operator(db: None) -> Client:
    return client_of(Role.OPERATOR)


@pytest.fixture
def admin(db: None) -> Client:
    return client_of(Role.ADMIN)


@pytest.fixture
def swap(technician: Client, demo: Chassis) -> Swap:
    """Slot 7 of the demo chassis, in the technician's hands."""
    return make_swap(demo, User.objects.get(username="technician"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for a file. Its event loop runs in the tests' own thread, which Django would take for a mistake."""
    with pytest.MonkeyPatch.context() as patch, chromium() as started:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield started


@pytest.fixture
def open_as(browser: Browser, live_server: LiveServer) -> Iterator[OpenAs]:
    """Open a path as somebody who is signed in, each call in a window of its own."""
    contexts: list[BrowserContext] = []

    def open_page(who: str, path: str, *, width: int = 1440, **options: Any) -> Page:  # noqa: ANN401  (Playwright's own options)
        context = new_context(browser, width=width, **options)
        # This server has none: asked all the same it would look for the session, also when the test's database is gone.
        context.route_web_socket(re.compile(r"/ws/"), lambda socket: socket.close())
        contexts.append(context)
        client = Client()
        client.force_login(User.objects.get(username=who))
        name = settings.SESSION_COOKIE_NAME
        cookie = {"name": name, "value": client.cookies[name].value, "url": live_server.url}
        context.add_cookies([cookie])  # type: ignore[list-item]  # a TypedDict with these very keys
        page = context.new_page()
        page.goto(live_server.url + path)
        return page

    yield open_page
    for context in contexts:
        close(context)
    _until_all_is_answered()


def _until_all_is_answered() -> None:
    """Wait for the server's threads: a question that was under way still reads the test's database."""
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(_LIMIT_S)


@pytest.fixture(autouse=True)
def fresh_pictures() -> None:
    """Tests change rows behind the services' back; what pages share for half a second must not outlive that."""
    forget_pictures()
