"""The real command as a process: terminal, TCP, control socket, signals."""

import contextlib
import os
import signal
import socket
import stat
from pathlib import Path

import pytest

from backplane.firmware_link.framing import FrameDecoder, encode_frame
from backplane.firmware_link.messages import Caps, Hello, HelloReq, MessageType, decode
from tests.support.sim_process import PATIENCE_S, SimProcess, ask, wait_for

pytestmark = pytest.mark.live

GREETING = b"\0" + encode_frame(MessageType.HELLO_REQ, 1, HelloReq(0xABCDEF, 1).to_body())


def hello_in(decoder: FrameDecoder, data: bytes) -> Hello | None:
    for frame_type, _, body in decoder.feed(data):
        message = decode(frame_type, body)
        if isinstance(message, Hello) and message.owner_host == 0xABCDEF:
            return message
    return None


def greet_terminal(path: Path) -> Hello:
    """Open the terminal as a host does, greet, wait for the answer, close."""
    descriptor = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    decoder, found = FrameDecoder(), list[Hello]()
    try:
        os.write(descriptor, GREETING)

        def has_answered() -> bool:
            try:
                hello = hello_in(decoder, os.read(descriptor, 4096))
            except BlockingIOError:
                return False
            found.extend([hello] if hello else [])
            return bool(found)

        wait_for(has_answered, "a HELLO on the terminal")
    finally:
        os.close(descriptor)
    return found[0]


def greet_port(port: int) -> tuple[Hello, socket.socket]:
    connection = socket.create_connection(("127.0.0.1", port), PATIENCE_S)
    connection.sendall(GREETING)
    decoder = FrameDecoder()
    while True:
        data = connection.recv(4096)
        assert data, "closed before it greeted"
        hello = hello_in(decoder, data)
        if hello:
            return hello, connection


def read_to_the_end(connection: socket.socket) -> None:
    """Read until the other side ends the connection, orderly or not; a time-out raises."""
    connection.settimeout(PATIENCE_S)
    with contextlib.suppress(ConnectionResetError):
        while connection.recv(4096):
            pass


def test_a_host_greets_over_the_terminal_and_may_come_back(tmp_path: Path) -> None:
    control = tmp_path / "ctl"
    with SimProcess(tmp_path, "--listen", f"pty:{tmp_path}/rack", "--control", str(control)) as sim:
        assert "pty:" in sim.ready()[0]
        first = greet_terminal(tmp_path / "rack")
        second = greet_terminal(tmp_path / "rack")
        assert first.caps & Caps.SIMULATED
        assert (first.slots, first.board_name) == (10, "reference-10")
        assert (second.board_id, second.boot) == (first.board_id, first.boot)
        assert sim.end() == 0
        assert not (tmp_path / "rack").is_symlink()
        assert not control.exists()


def test_the_control_socket_is_for_its_owner_alone_and_answers_nonsense(tmp_path: Path) -> None:
    control = tmp_path / "ctl"
    with SimProcess(tmp_path, "--listen", "tcp:127.0.0.1:0", "--control", str(control)) as sim:
        sim.ready()
        assert stat.S_IMODE(control.stat().st_mode) == 0o600
        assert ask(control, "pull 7")["ok"] is True
        assert ask(control, "state")["slots"][6]["carrier"] is None
        assert "Commands:" in ask(control, "explode")["error"]
        assert "UTF-8" in ask(control, b"\xff\xfe")["error"]
        assert "too long" in ask(control, b"x" * 20_000)["error"]
        assert ask(control, "insert 7")["ok"] is True


def test_one_host_at_a_time_over_tcp_and_a_new_one_replaces_it(tmp_path: Path) -> None:
    control = tmp_path / "ctl"
    with SimProcess(tmp_path, "--listen", "tcp:127.0.0.1:0", "--control", str(control)) as sim:
        port = int(sim.ready()[0].split("tcp:127.0.0.1:")[1].split(",")[0])
        first, old = greet_port(port)
        second, new = greet_port(port)
        with old, new:
            assert first.board_id == second.board_id
            read_to_the_end(old)
        assert sim.end(signal.SIGINT) == 0


def test_many_racks_have_places_names_and_ids_of_their_own(tmp_path: Path) -> None:
    arguments = ["--listen", f"pty:{tmp_path}/rack", "--control", f"{tmp_path}/ctl", "--count", "3"]
    with SimProcess(tmp_path, *arguments) as sim:
        sim.ready(3)
        states = [ask(tmp_path / f"ctl-{number}", "state") for number in (1, 2, 3)]
        assert [state["name"] for state in states] == ["rack-1", "rack-2", "rack-3"]
        assert len({state["board_id"] for state in states}) == 3
        assert greet_terminal(tmp_path / "rack-2").board_id.hex() == states[1]["board_id"]


def test_killing_the_process_leaves_rails_and_carriers_as_they_were(tmp_path: Path) -> None:
    control = tmp_path / "ctl"
    arguments = ["--listen", f"pty:{tmp_path}/rack", "--control", str(control)]
    with SimProcess(tmp_path, *arguments) as sim:
        sim.ready()
        wait_for(lambda: ask(control, "state")["uptime_ms"] > 500, "the contacts to settle")
        ask(control, "pull 3")
        wait_for(lambda: not ask(control, "state")["slots"][2]["rail_on"], "the rail of slot 3")
        before = ask(control, "state")
        sim.end(signal.SIGKILL)
    with SimProcess(tmp_path, *arguments) as sim:  # over a stale socket and a stale symlink
        sim.ready()
        after = ask(control, "state")
        for key in ("carrier", "rail_on", "tripped", "pi"):
            assert [s[key] for s in after["slots"]] == [s[key] for s in before["slots"]]
        greet_terminal(tmp_path / "rack")


def test_a_second_simulator_of_the_same_rack_is_refused(tmp_path: Path) -> None:
    arguments = ["--listen", f"pty:{tmp_path}/rack", "--control"]
    with SimProcess(tmp_path, *arguments, f"{tmp_path}/ctl") as sim:
        sim.ready()
        with SimProcess(tmp_path, *arguments, f"{tmp_path}/other") as second:
            assert "already simulates" in second.failure()
            assert second.process.returncode == 1
        other = ["--listen", f"pty:{tmp_path}/rack2", "--control", f"{tmp_path}/ctl"]
        with SimProcess(tmp_path, *other) as third:
            assert "a running simulator listens there" in third.failure()
        greet_terminal(tmp_path / "rack")


@pytest.mark.parametrize(
    ("listen", "more", "says"),
    [
        ("tcp:7001", [], "needs a host and a port"),
        ("tcp::7001", [], "needs a host and a port"),
        ("tcp:127.0.0.1:99999", [], "needs a host and a port"),
        ("udp:127.0.0.1:1", [], "Use pty:PATH or tcp:HOST:PORT"),
        ("pty:", [], "Use pty:PATH or tcp:HOST:PORT"),
        ("tcp:127.0.0.1:65535", ["--count", "2"], "no port 65536"),
        ("tcp:127.0.0.1:0", ["--count", "0"], "--count must be 1 to"),
        (
            "tcp:127.0.0.1:0",
            ["--board", "nonesuch"],
            "Boards: bare-4, hat-4, power-7, rack-15, redundant-10, reference-10, twin-6",
        ),
        ("pty:{folder}/real", [], "is a real file"),
        ("pty:{folder}/missing/tty", [], "No such file or directory"),
    ],
)
def test_what_cannot_be_is_refused_loudly(
    tmp_path: Path, listen: str, more: list[str], says: str
) -> None:
    (tmp_path / "real").write_text("keep me")
    where = listen.replace("{folder}", str(tmp_path))
    with SimProcess(tmp_path, "--listen", where, "--control", f"{tmp_path}/ctl", *more) as sim:
        error = sim.failure()
        assert says in error
        assert "Traceback" not in error
        assert sim.process.returncode == 1
    assert (tmp_path / "real").read_text() == "keep me"
    assert not (tmp_path / "ctl").exists()
