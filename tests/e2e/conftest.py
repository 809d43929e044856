"""One app and one rack for the whole run, one Chromium per file, a rested rack for each test.

Chromium does not outlive a file: Playwright keeps an event loop running, which tests of other folders cannot bear.
"""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.lab import SIMULATED_IN_APP, Lab, new_rack
from tests.e2e.screens import Screen, signed_in
from tests.support.app_process import AppProcess
from tests.support.chromium import chromium, close

OpenScreen = Callable[..., Screen]


@pytest.fixture(scope="session")
def running_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    rack = new_rack(tmp_path_factory.mktemp("rack"))
    ports = f"{rack.port_url},sim://{SIMULATED_IN_APP}"
    lab = Lab(rack, AppProcess(tmp_path_factory.mktemp("app"), ports))
    try:
        lab.set_up()
        yield lab
    finally:
        if lab.app.process is not None:
            lab.app.stop()
        if rack.process is not None:
            rack.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def lab(running_lab: Lab) -> Lab:
    """The app and the rack, with everything where it was in the beginning."""
    running_lab.rest()
    return running_lab


@pytest.fixture
def complaints() -> list[str]:
    """What the pages of this test wrote to their consoles as errors; a test may forgive what it causes."""
    return []


@pytest.fixture
def open_screen(lab: Lab, browser: Browser, complaints: list[str]) -> Iterator[OpenScreen]:
    """Open screens with `open_screen(name, width=..., ...)`; no script of theirs may fail."""
    contexts = []
    failures: list[str] = []

    def watch(page: Page) -> None:
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.on(
            "console", lambda line: complaints.append(line.text) if line.type == "error" else None
        )

    def make(name: str = "admin", **options: object) -> Screen:
        context = signed_in(lab, browser, name, **options)
        contexts.append(context)
        page = context.new_page()
        watch(page)
        return Screen(lab, page)

    yield make
    for context in contexts:
        close(context)
    assert not failures, failures


@pytest.fixture
def desk(open_screen: OpenScreen) -> Screen:
    """The chassis page on a big screen, live."""
    return open_screen().show()


@pytest.fixture
def phone(open_screen: OpenScreen) -> Screen:
    """The chassis page on a phone, live."""
    return open_screen(width=390, height=844, has_touch=True, is_mobile=True).show()
