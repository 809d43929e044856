"""The program as a process: killed, stopped, started twice, started too early. Rails never care."""

import json
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from backplane.firmware_link.messages import EventKind
from tests.support.app_process import ROOT, AppProcess
from tests.support.http import sign_in
from tests.support.loop_thread import PATIENCE_S, until
from tests.support.rack_process import RackProcess, running_rack

pytestmark = pytest.mark.live

STOP_WITHIN_S = 3.0


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prepared installation to copy: preparing takes a second or two."""
    folder = tmp_path_factory.mktemp("prepared")
    AppProcess(folder).manage("prepare")
    return folder


@pytest.fixture
def app(prepared: Path, tmp_path: Path) -> Iterator[AppProcess]:
    """An installation of its own, on a simulated rack of this process; the test starts it."""
    folder = tmp_path / "app"
    shutil.copytree(prepared, folder)
    app = AppProcess(folder, "sim://demo")
    yield app
    if app.process is not None:
        app.kill()


@pytest.fixture
def rack(app: AppProcess, tmp_path: Path) -> Iterator[RackProcess]:
    """A rack that lives in a process of its own; the app's port leads to it."""
    with running_rack(tmp_path / "rack") as rack:
        app.ports = rack.port_url
        yield rack


def rows(app: AppProcess, question: str, *values: int) -> list[Any]:
    """Ask the installation's database from outside."""
    with closing(sqlite3.connect(app.data_dir / "backplane.sqlite3", timeout=20)) as database:
        return database.execute(question, values).fetchall()


def rails_of(rack: RackProcess) -> dict[int, bool]:
    return {slot["slot"]: slot["rail_on"] for slot in rack.tell("state")["slots"]}


def wait_until_up(app: AppProcess) -> None:
    question = (
        "SELECT COUNT(*) FROM slots_slot s JOIN slots_chassis c ON s.chassis_id = c.id "
        "WHERE c.link_state = 'up' AND s.state != 'M7'"
    )
    until(lambda: rows(app, question) == [(10,)], "the link to be up")


def open_socket(app: AppProcess) -> ClientConnection:
    """Open the live socket of the one chassis, as a signed-in browser."""
    [(slug,)] = rows(app, "SELECT slug FROM slots_chassis")
    return connect(
        f"{app.url.replace('http', 'ws')}/ws/chassis/{slug}/",
        origin=Origin(app.url),
        additional_headers={"Cookie": sign_in(app.url).cookie_header()},
        proxy=None,
    )


def numbers(app: AppProcess) -> list[int]:
    question = "SELECT number FROM slots_hardwareevent ORDER BY number"
    return [number for (number,) in rows(app, question)]


def test_a_host_killed_between_commit_and_ack_records_each_event_once(
    app: AppProcess, rack: RackProcess
) -> None:
    rails = rails_of(rack)
    command = [sys.executable, "-m", "tests.support.dying_host", str(int(EventKind.REMOVE))]
    with (app.data_dir / "app.log").open("wb") as log:
        app.process = subprocess.Popen(
            command, cwd=ROOT, env=app.environment, stdout=log, stderr=log
        )
    app.wait_until_healthy()
    wait_until_up(app)
    rack.tell("pull 3")
    assert app.process.wait(PATIENCE_S) == -signal.SIGKILL
    committed = rows(app, "SELECT journal, number, raw FROM slots_hardwareevent ORDER BY number")
    assert how_many(app, EventKind.REMOVE) == 1
    rack.tell("pull 4")
    app.start()
    wait_until_up(app)
    fourth = "SELECT state FROM slots_slot WHERE number = 4"
    until(lambda: rows(app, fourth) == [("M0",)], "the second pull")
    recorded = rows(app, "SELECT journal, number, raw FROM slots_hardwareevent ORDER BY number")
    assert recorded[: len(committed)] == committed
    assert numbers(app) == list(range(1, len(recorded) + 1))
    assert rows(app, "SELECT COUNT(*) FROM slots_gap") == [(0,)]
    assert rails_of(rack) == rails | {3: False, 4: False}


def test_sigterm_stops_within_three_seconds_and_touches_no_rail(
    app: AppProcess, rack: RackProcess
) -> None:
    app.start()
    wait_until_up(app)
    rails, seen = rails_of(rack), numbers(app)
    with open_socket(app) as socket:
        socket.recv(PATIENCE_S)
        asked_at = time.monotonic()
        assert app.stop() == 0
        assert time.monotonic() - asked_at < STOP_WITHIN_S
    assert "Slots keep their power." in app.log()
    assert "Traceback" not in app.log()
    assert rails_of(rack) == rails
    app.start()
    wait_until_up(app)
    assert app.stop() == 0
    assert rails_of(rack) == rails
    assert numbers(app)[: len(seen)] == seen
    assert not [line for line in app.log().splitlines() if " ERROR " in line]


def test_a_rack_that_is_unplugged_and_killed_is_found_again(
    app: AppProcess, rack: RackProcess
) -> None:
    app.start()
    wait_until_up(app)
    rails = rails_of(rack)
    rack.stop()
    lost = "SELECT link_message FROM slots_chassis WHERE link_state = 'lost'"
    until(lambda: rows(app, lost), "the loss to be told")
    assert rack.port_url in rows(app, lost)[0][0]
    rack.start()
    wait_until_up(app)
    assert rails_of(rack) == rails
    assert numbers(app) == list(range(1, len(numbers(app)) + 1))
    assert app.stop() == 0


def test_a_killed_app_leaves_the_rails_of_its_simulated_rack(app: AppProcess) -> None:
    app.start()
    wait_until_up(app)
    rails, switched = world_rails(app), times_switched(app)
    assert any(rails)
    app.kill()
    assert world_rails(app) == rails
    app.start()
    wait_until_up(app)
    assert world_rails(app) == rails
    assert numbers(app) == list(range(1, len(numbers(app)) + 1))
    assert times_switched(app) == switched  # a new flash tells of rails found on, once
    assert app.stop() == 0
    assert world_rails(app) == rails


def world_rails(app: AppProcess) -> list[bool]:
    """What the latches of the simulated rack hold, as its file says."""
    world = json.loads((app.data_dir / "simulator" / "demo" / "world.json").read_text())
    return [bay["rail_is_commanded"] for bay in world["bays"]]


def how_many(app: AppProcess, kind: EventKind) -> int:
    question = "SELECT COUNT(*) FROM slots_hardwareevent WHERE kind = ?"
    [(count,)] = rows(app, question, int(kind))
    return int(count)


def times_switched(app: AppProcess) -> int:
    return how_many(app, EventKind.RAIL_ON) + how_many(app, EventKind.RAIL_OFF)


def run_to_its_end(app: AppProcess) -> tuple[int, str]:
    """Start the server, which must refuse; return its exit code and what it said."""
    done = subprocess.run(
        [sys.executable, "manage.py", "run_backplane"],
        cwd=ROOT,
        env=app.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.returncode, done.stdout + done.stderr


def test_pending_migrations_are_refused_with_the_command_to_run(tmp_path: Path) -> None:
    app = AppProcess(tmp_path, "sim://demo")
    code, said = run_to_its_end(app)
    assert code == 1
    assert "database changes are pending. Run `python manage.py prepare` first." in said
    assert "Traceback" not in said
    assert not (tmp_path / "simulator").exists()


def test_an_address_in_use_is_named_before_anything_starts(app: AppProcess) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", app.port))
        taken.listen()
        code, said = run_to_its_end(app)
        assert code == 1
        assert f"Cannot listen on 127.0.0.1:{app.port}: Address already in use." in said
        assert "choose another with --bind or BIND" in said
        assert "Traceback" not in said
        assert not (app.data_dir / "simulator").exists()


def test_a_port_that_is_none_is_named_before_anything_starts(app: AppProcess) -> None:
    app.ports = "ttyUSB0"
    code, said = run_to_its_end(app)
    assert code == 1
    assert "'ttyUSB0' is not a port" in said
    assert "Traceback" not in said


def test_a_second_server_with_the_same_data_is_refused_and_names_the_first(app: AppProcess) -> None:
    app.start()
    wait_until_up(app)
    assert app.process is not None
    rails, pid = world_rails(app), app.process.pid
    code, said = run_to_its_end(AppProcess(app.data_dir, "sim://demo"))
    assert code == 1
    assert f"A server (process {pid}) already runs with the data in {app.data_dir}." in said
    assert "Traceback" not in said
    assert rows(app, "SELECT link_state FROM slots_chassis") == [("up",)]
    assert world_rails(app) == rails
