"""The whole of it: the running program, its simulated rack, and sockets as browsers open them."""

import json
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


def hear_face(socket: ClientConnection, number: int, face: str) -> dict[str, Any]:
    """Return the first view of the slot that shows this face."""
    while True:
        message = hear(socket)
        slots = message.get("slots", []) if message["type"] == "delta" else []
        if message["type"] == "snap":
            slots = message["chassis"]["slots"]
        for view in slots:
            if view["n"] == number and view["face"] == face:
                shown: dict[str, Any] = view
                return shown


def close_code(socket: ClientConnection) -> int | None:
    try:
        while True:
            hear(socket)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None


def test_a_pull_in_the_rack_reaches_the_browser(app: AppProcess) -> None:
    browser = sign_in(app.url)
    with socket_of(app, browser) as socket:
        assert hear(socket)["type"] == "hello"
        hear_face(socket, 2, "running")
        url = f"{app.url}/c/demo/rehearsal/"
        assert browser.post(url, {"line": "pull 2"}).status == 200
        view = hear_face(socket, 2, "empty")
        assert view["state"] == "M0"
        texts = []
        while "The carrier was taken out." not in texts:
            texts += [line["text"] for line in hear(socket).get("events", [])]
        assert browser.post(url, {"line": "insert 2"}).status == 200


def test_readings_and_beats_flow(app: AppProcess) -> None:
    with socket_of(app, sign_in(app.url)) as socket:
        kinds: set[str] = set()
        while not kinds >= {"tele", "beat"}:
            message = hear(socket)
            kinds.add(message["type"])
            if message["type"] == "beat" and message["chassis_age_ms"] is not None:
                assert message["chassis_age_ms"] < 60_000


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
        while hear(on_phone)["type"] != "beat":  # the other session goes on
            pass


def test_nonsense_on_the_socket_ends_in_4400(app: AppProcess) -> None:
    with socket_of(app, sign_in(app.url)) as socket:
        for text in ("{", "[]", "null", '{"type": "power_off"}'):
            socket.send(text)
        assert close_code(socket) == 4400
    assert "Traceback" not in app.log()
