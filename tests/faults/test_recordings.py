"""A link is recorded, read by a person, and played again into the app, which takes it for what it is."""

import asyncio
import os
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from backplane.firmware_link.link import Link
from backplane.firmware_link.messages import HelloFlags, HelloReq
from backplane.firmware_link.recording import SUFFIX, TITLE
from backplane.firmware_link.replay_board import REPLAY_MARK
from backplane.firmware_link.serial_port import open_serial
from backplane.inventory.collector import collect
from backplane.slots.models import Chassis, Command, HardwareEvent
from backplane.slots.models.chassis import REPLAYED_ENDING
from tests.support.app_bench import Stage
from tests.support.loop_thread import until
from tests.support.rack_bench import Rack
from tests.support.recording_handler import RecordingHandler, reached

pytestmark = pytest.mark.live

REMOVE = 3


def recorded(stage: Stage, rack: Rack, act: Callable[[], object]) -> Path:
    """A recording of a link to the rack, in which `act` happens and is followed by a whole STATE."""
    handler = RecordingHandler()
    folder = stage.folder / "recordings"
    link = Link(rack.port_url, handler, data_dir=stage.folder, record_to=folder)
    task = stage.loop.call(lambda: asyncio.ensure_future(link.run()))
    stage.loop.run(reached(lambda: bool(handler.states)))
    act()
    newest = rack.journal().next - 1
    stage.loop.run(
        reached(lambda: bool(handler.telemetry) and handler.states[-1].as_of_event >= newest)
    )
    stage.loop.call(task.cancel)
    stage.loop.run(asyncio.wait_for(asyncio.gather(task, return_exceptions=True), 10))
    (file,) = folder.glob(f"*{SUFFIX}")
    return file


def traced(source: Path | str, *options: str) -> str:
    out = StringIO()
    call_command("link_trace", str(source), *options, stdout=out)
    return out.getvalue()


@pytest.fixture
def recording(stage: Stage) -> Path:
    rack = stage.rack()

    def pull() -> None:
        rack.tell("pull 3")
        until(lambda: seen_removed(rack), "REMOVE")

    return recorded(stage, rack, pull)


def seen_removed(rack: Rack) -> bool:
    return any(body[14] == REMOVE for body in rack.journal().bodies.values())


def test_a_recording_is_told_frame_by_frame_in_words(recording: Path) -> None:
    lines = recording.read_text().splitlines()
    assert lines[0] == TITLE
    text = traced(recording)
    for expected in (
        "> HELLO_REQ host 0000000000000000, epoch 0, BP/1 to 1, flags: listen_only",
        "< HELLO     board ",
        "REMOVE slot 3 (journal ",
        "> ACK       up to #",
        "> CMD       id ",
        "GET_STATE",
        "< STATE     slots 1 to 10 as of #",
        "< TELEMETRY 10 slots, ",
        " 0 bad, 0 lost, in ",
    ):
        assert expected in text, text
    assert "slot  7: 1" in traced(recording, "--details")  # volts


def test_bad_bytes_are_shown_as_hex_with_the_reason(recording: Path, tmp_path: Path) -> None:
    hurt = tmp_path / "hurt.bplink"
    lines = recording.read_text().splitlines()
    noise = ["9.000000 < 00 01 02 00", "9.100000 < 05 11 22 33 44 05 55 66 77 88 00", "9.2 < 05 11"]
    hurt.write_text("\n".join([*lines, *noise, "9.3 < half a li"]))
    text = traced(hurt)
    assert "9.000000 < BAD 2 bytes, shorter than the shortest frame of 7: 01 02" in text
    assert "9.100000 < BAD 10 bytes, its CRC is 88776655, its bytes give " in text
    assert "BAD 2 bytes, cut off: 05 11" in text
    assert " 3 bad, " in text


def test_what_is_no_recording_is_refused_in_words(tmp_path: Path) -> None:
    file = tmp_path / "x.txt"
    file.write_text("hello\n")
    with pytest.raises(CommandError, match="is no recording: its first line has to be"):
        traced(file)
    with pytest.raises(CommandError, match=r"There is no file .*is not a port"):
        traced(tmp_path.relative_to("/") / "nowhere")


def test_a_recording_plays_again_in_the_app_as_what_it_is(stage: Stage, recording: Path) -> None:
    real = stage.racks[0]
    url = f"replay://{recording}?speed=20"
    stage.app.start(url)
    until(lambda: Chassis.objects.filter(slots__number=3, slots__state="M0").exists(), "the pull")
    chassis = Chassis.objects.get()
    assert chassis.slug.startswith("replay-")
    assert chassis.board_id == real.board_id[:12] + REPLAY_MARK.hex()
    assert chassis.board_id.endswith(REPLAYED_ENDING)
    assert (chassis.is_simulated, chassis.is_replayed) == (True, True)
    until(lambda: stage.app.links[0].handler.is_up, "the link")
    events = HardwareEvent.objects.filter(board_id=chassis.board_id)
    assert [event.slot_number for event in events.filter(kind=REMOVE)] == [3]
    assert [event.number for event in events.order_by("number")] == [*range(1, len(events) + 1)]
    assert collect().chassis == ()
    fields = {"op": "power_off", "seen": str(chassis.revision), "confirm": "7"}
    path = f"/c/{chassis.slug}/s/7/command/"
    answer = stage.person().post(path, fields, headers={"Accept": "application/json"})
    assert answer.status_code == 409
    assert "played from a recording" in answer.content.decode()
    assert Command.objects.count() == 0
    stage.app.stop()
    stage.app.start(url)  # another playing: a journal of its own, nothing is taken for news twice
    until(lambda: Chassis.objects.get().journal != chassis.journal, "the new journal")
    until(lambda: stage.app.links[0].handler.is_up, "the link")
    assert Chassis.objects.count() == 1
    assert real.orders == []


def test_a_free_port_is_traced_by_listening_only_and_kept(stage: Stage, tmp_path: Path) -> None:
    rack = stage.rack()
    kept = tmp_path / "kept.bplink"
    text = traced(rack.port_url, "--seconds", "1.2", "--record", str(kept))
    assert f"< HELLO     board {rack.board_id} reference-10" in text
    assert "< TELEMETRY 10 slots, " in text
    assert all(is_listening(message) for message in rack.machine.heard)
    with pytest.raises(CommandError, match="is there already and is not written over"):
        traced(rack.port_url, "--seconds", "1", "--record", str(kept))
    with pytest.raises(CommandError, match="cannot be written: No such file"):
        traced(rack.port_url, "--seconds", "1", "--record", str(tmp_path / "no" / "x.bplink"))
    with pytest.raises(CommandError, match="give seconds above 0"):
        traced(rack.port_url, "--seconds", "-1")
    again = traced(kept, "--follow", "--seconds", "0.3")
    assert without_times(again)[:3] == without_times(text)[:3]
    rack.machine.heard.clear()
    assert "0 bad, 0 lost" in traced(rack.port_url, "--seconds", "0.3", "--silent")
    assert rack.machine.heard == []


def test_a_port_that_somebody_has_is_not_opened_and_the_way_around_is_told() -> None:
    near, far = os.openpty()
    path = os.ttyname(far)
    port = open_serial(path, 921_600)
    try:
        with pytest.raises(CommandError, match=r"in use by .*set RECORD_LINKS=DIR"):
            traced(path)
    finally:
        port.close()
        os.close(near)
        os.close(far)


def without_times(text: str) -> list[str]:
    return [line[12:] for line in text.splitlines()]


def is_listening(message: object) -> bool:
    return isinstance(message, HelloReq) and message.flags == HelloFlags.LISTEN_ONLY
