"""The whole of it: the running program, its simulated rack, and sockets as browsers open them."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tests.support.app_process import AppProcess, running_app
from tests.support.http import Browser, sign_in

pytestmark = pytest.mark.live
WAIT_S = 60  # for a busy machine; nothing here waits in vain but tests that fail


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppProcess]:
    folder: Path = tmp_path_factory.mktemp("installation")
    with running_app(folder) as app:
        yield app


def socket_of(app: AppProcess, browser: Browser, origin: str = "") -> ClientConnection:
    return connect(
        f"ws://127.0.0.1:{app.port}/ws/chassis/demo/",
        origin=Origin(origin or app.url),
        additional_headers={"Cookie": browser.cookie_header()},
        open_timeout=WAIT_S,
        proxy=None,
    )


def hear(socket: ClientConnection) -> dict[str, Any]:
    """Return the next message, beats answered."""
    message: dict[str, Any] = json.loads(socket.recv(timeout=WAIT_S))
    if message["type"] == "beat":
        socket.send('{"type":"beat"}')
    return message


def hear_all(socket: ClientConnection) -> Iterator[dict[str, Any]]:
    """Yield messages; beats come for ever, so what is awaited has to come within WAIT_S in all."""
    ends_at = time.monotonic() + WAIT_S
    while time.monotonic() < ends_at:
        yield hear(socket)
    pytest.fail(f"What was awaited did not come within {WAIT_S} s.")


def hear_face(socket: ClientConnection, number: int, face: str) -> dict[str, Any]:
    """Return the first view of the slot that shows this face."""
    for message in hear_all(socket):
        slots = message.get("slots", []) if message["type"] == "delta" else []
        if message["type"] == "snap":
            slots = message["chassis"]["slots"]
        for view in slots:
            if view["n"] == number and view["face"] == face:
                shown: dict[str, Any] = view
                return shown
    raise AssertionError


def close_code(socket: ClientConnection) -> int | None:
    try:
        for _ in hear_all(socket):
            pass
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None
    return None


def test_a_pull_in_the_rack_reaches_the_browser(app: AppProcess) -> None:
    browser = sign_in(app.url)
    with socket_of(app, browser) as socket:
        assert hear(socket)["type"] == "hello"
        hear_face(socket, 2, "running")
        url = f"{app.url}/c/demo/rehearsal/"
        assert browser.post(url, {"line": "pull 2"}).status == 200
        view = hear_face(socket, 2, "empty")
        assert view["state"] == "M0"
        for message in hear_all(socket):
            texts = [line["text"] for line in message.get("events", [])]
            if "The carrier was taken out." in texts:
                break
        assert browser.post(url, {"line": "insert 2"}).status == 200


def test_readings_and_beats_flow(app: AppProcess) -> None:
    with socket_of(app, sign_in(app.url)) as socket:
        kinds: set[str] = set()
        for message in hear_all(socket):
            kinds.add(message["type"])
            if message["type"] == "beat" and message["chassis_age_ms"] is not None:
                assert message["chassis_age_ms"] < 60_000
            if kinds >= {"tele", "beat"}:
                break


def test_a_foreign_page_gets_a_403_and_nothing_else(app: AppProcess) -> None:
    with pytest.raises(InvalidStatus) as refused:
        socket_of(app, sign_in(app.url), origin="https://evil.example")
    assert refused.value.response.status_code == 403
    assert "Refused a websocket" in app.log()


def test_a_stranger_is_told_why(app: AppProcess) -> None:
    with socket_of(app, Browser(app.url)) as socket:
        assert close_code(socket) == 4401


def test_signing_out_closes_the_sockets_of_that_session(app: AppProcess) -> None:
    desk, phone = sign_in(app.url), sign_in(app.url)
    with socket_of(app, desk) as at_desk, socket_of(app, phone) as on_phone:
        hear_face(at_desk, 1, "running")
        hear_face(on_phone, 1, "running")
        assert desk.post(f"{app.url}/sign-out/", {}).status == 200
        assert close_code(at_desk) == 4401
        assert any(message["type"] == "beat" for message in hear_all(on_phone))  # goes on


def test_nonsense_on_the_socket_ends_in_4400(app: AppProcess) -> None:
    with socket_of(app, sign_in(app.url)) as socket:
        for text in ("{", "[]", "null", '{"type": "power_off"}'):
            socket.send(text)
        assert close_code(socket) == 4400
    assert "Traceback" not in app.log()
