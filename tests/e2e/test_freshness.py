"""An old picture looks old and commands nothing; a chassis that is silent has no data; both come back by themselves."""

import os
import signal
from collections.abc import Iterator

import pytest
from playwright.sync_api import WebSocketRoute, expect

from tests.e2e.conftest import OpenScreen
from tests.e2e.lab import RUNNING, SLOTS, Lab, until
from tests.e2e.screens import Screen

pytestmark = pytest.mark.e2e


@pytest.fixture
def frozen_app(lab: Lab) -> Iterator[Lab]:
    """The app's process, which a test may stop in its tracks; it goes on afterwards."""
    yield lab
    _signal(lab, signal.SIGCONT)


def _signal(lab: Lab, number: int) -> None:
    assert lab.app.process is not None
    os.kill(lab.app.process.pid, number)


def test_a_silent_server_is_late_then_stale_and_commands_nothing(
    frozen_app: Lab, desk: Screen
) -> None:
    lab = frozen_app
    desk.open(3)
    _signal(lab, signal.SIGSTOP)
    desk.expect_level("late")
    desk.expect_level("stale")
    banner = desk.page.locator('[data-banner="connection"]')
    expect(banner).to_be_visible()
    expect(banner).to_contain_text("What you see is old.")
    cut = desk.button("power_off")
    expect(cut).to_have_attribute("aria-disabled", "true")
    expect(desk.part("whys")).to_contain_text("Power commands wait until the page is live again")
    cut.click(force=True)
    expect(desk.dialog).to_be_hidden()
    hatch = desk.bay(3).evaluate("bay => getComputedStyle(bay).backgroundImage")
    assert "repeating-linear-gradient" in hatch
    # Pressed while nobody answers: once the server goes on, the page may be live before any click.
    banner.get_by_role("button", name="Try now").click()
    _signal(lab, signal.SIGCONT)
    desk.expect_level("live")
    expect(banner).to_be_hidden()
    expect(cut).to_have_attribute("aria-disabled", "false")
    assert lab.bay(3)["rail_on"] is True


def test_a_page_that_was_offline_catches_up(lab: Lab, desk: Screen) -> None:
    desk.page.context.set_offline(True)
    desk.page.evaluate("dispatchEvent(new Event('online'))")  # look now, and find nobody
    desk.expect_level("stale")
    lab.tell("pull 7")
    lab.until_slot(7, face="empty")
    desk.expect_face(7, "running")  # the old picture, marked as old
    desk.page.context.set_offline(False)
    desk.expect_level("live")
    desk.expect_face(7, "empty")
    desk.expect_event(7, "The carrier was taken out.")


def test_a_network_without_websockets_is_polled(lab: Lab, open_screen: OpenScreen) -> None:
    screen = open_screen()
    screen.page.route_web_socket("**/ws/**", lambda socket: socket.close())
    screen.show()
    expect(screen.page.locator("[data-fresh]")).to_contain_text("Polling every 5 s")
    lab.tell("pull 7")
    screen.expect_face(7, "empty")


def test_a_lost_delta_is_noticed_and_the_whole_is_asked_for(
    lab: Lab, open_screen: OpenScreen
) -> None:
    screen = open_screen()
    lost: list[str] = []

    def forward(page_side: WebSocketRoute) -> None:
        server_side = page_side.connect_to_server()

        def pass_on(message: str | bytes) -> None:
            text = message if isinstance(message, str) else message.decode()
            if '"delta"' in text and not lost:
                lost.append(text)
            else:
                page_side.send(message)

        server_side.on_message(pass_on)

    screen.page.route_web_socket("**/ws/**", forward)
    screen.show()
    lab.tell("pull 7")
    screen.expect_face(7, "empty")
    assert lost


def test_a_lost_rack_has_no_data_and_comes_back_with_its_power_untouched(
    lab: Lab, desk: Screen
) -> None:
    before = [bay["rail_on"] for bay in lab.bays()]
    lab.rack.stop()
    for number in range(1, SLOTS + 1):
        desk.expect_face(number, "no-data", "No data")
    hatch = desk.bay(1).evaluate("bay => getComputedStyle(bay).backgroundImage")
    assert "repeating-linear-gradient" in hatch
    expect(desk.bay(1).locator('[data-lamp="status"]')).to_have_attribute("data-pattern", "unknown")
    desk.open(1)
    expect(desk.part("whys")).to_contain_text("The chassis does not answer")
    silent = desk.page.locator('[data-banner="connection"] [data-f="what"]')
    expect(silent).to_contain_text("The chassis was last heard")  # the server is well
    lab.rack.start()
    for number in RUNNING:
        desk.expect_face(number, "running")
    assert [bay["rail_on"] for bay in lab.bays()] == before


def test_a_reboot_of_the_controller_changes_no_power(lab: Lab, desk: Screen) -> None:
    before = [(bay["rail_on"], bay["pi"]) for bay in lab.bays()]
    boots = lab.rack.tell("state")["boots"]
    lab.tell("reboot")
    until(lambda: lab.rack.tell("state")["boots"] > boots, "the controller starts again")
    expect(desk.page.locator("[data-history]")).to_contain_text(
        "The backplane's controller started."
    )
    for number in RUNNING:
        desk.expect_face(number, "running")
    assert [(bay["rail_on"], bay["pi"]) for bay in lab.bays()] == before


def test_a_restarted_app_changes_no_power_and_its_pages_come_back(lab: Lab, desk: Screen) -> None:
    before = [(bay["rail_on"], bay["pi"]) for bay in lab.bays()]
    assert lab.app.stop() == 0
    assert [(bay["rail_on"], bay["pi"]) for bay in lab.bays()] == before
    lab.tell("pull 7")
    lab.app.start()
    desk.expect_face(7, "empty")
    desk.expect_level("live")
    after = [(bay["rail_on"], bay["pi"]) for bay in lab.bays()]
    assert [pair for n, pair in enumerate(after, 1) if n != 7] == [
        pair for n, pair in enumerate(before, 1) if n != 7
    ]
