"""`manage.py update_firmware`, as it is typed: beside a running server, without one, and with what goes wrong."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from backplane.console.only_server import only_server
from backplane.people.audit import Actor
from backplane.slots import services
from backplane.slots.errors import NotPossible
from backplane.slots.models import Chassis
from backplane.slots.models.chassis import REPLAYED_ENDING
from tests.support.app_process import ROOT, AppProcess

PORT = "sim://demo?board=twin-6"  # the smallest rack


def run(app: AppProcess, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "manage.py", "update_firmware", *arguments],
        cwd=ROOT,
        env=app.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.returncode, done.stdout + done.stderr


def rails(app: AppProcess) -> list[bool]:
    world: dict[str, Any] = json.loads((app.data_dir / "simulator/demo/world.json").read_text())
    return [bay["rail_is_commanded"] for bay in world["bays"]]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> AppProcess:
    """An installation whose one rack is known already, and runs an older firmware."""
    app = AppProcess(tmp_path_factory.mktemp("app"), PORT)
    app.manage("prepare")
    app.start()
    app.stop()
    manifest = app.data_dir / "simulator/demo/flash/a/manifest"
    manifest.write_text(manifest.read_text().replace("BPF1 ", "BPF1 0.0.9-"))
    return app


@pytest.mark.live
def test_without_a_server_and_beside_one(app: AppProcess) -> None:
    before = rails(app)
    code, said = run(app, "--port", PORT, "--board", "twin-6")
    assert code == 0, said
    assert "runs version 0.0.9-" in said
    assert "runs now, in folder B." in said
    app.start()
    try:
        code, said = run(app, "--chassis", "demo")
        assert code == 0, said
        assert "already runs" in said
        code, said = run(app, "--chassis", "demo", "--again")
        assert code == 0, said
        assert "holds the link and carries it out" in said
        assert "runs now, in folder A." in said
    finally:
        app.stop()
    assert rails(app) == before


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--chassis", "nowhere"], "There is no chassis nowhere. Known: demo"),
        (["--chassis", "demo", "--board", "reference-10"], "is a twin-6, not a reference-10"),
        (["--chassis", "demo", "--board", "toaster"], "There is no board toaster. Boards: "),
        (["--chassis", "demo"], "Name it with --port"),
    ],
)
def test_what_goes_wrong_is_a_sentence(
    arguments: list[str], words: str, tmp_path: Path, settings: Settings
) -> None:
    settings.DATA_DIR = tmp_path
    Chassis.objects.create(slug="demo", board_name="twin-6")
    with pytest.raises(CommandError, match=words):
        call_command("update_firmware", *arguments)


@pytest.mark.django_db
def test_what_may_surprise_about_a_board_is_told_before_the_update(
    tmp_path: Path,
    settings: Settings,
    surprising_board: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings.DATA_DIR = tmp_path
    replayed = "246f28aabbcc" + REPLAYED_ENDING
    Chassis.objects.create(slug="demo", board_name="twin-6", port_url="sim://x", board_id=replayed)
    with only_server(tmp_path), pytest.raises(CommandError, match="played from a recording"):
        call_command("update_firmware", "--chassis", "demo")
    assert surprising_board in capsys.readouterr().out


@pytest.mark.django_db
def test_a_recording_has_no_board_to_update() -> None:
    chassis = Chassis.objects.create(slug="replay-1", board_id="246f28aabbcc" + REPLAYED_ENDING)
    with pytest.raises(NotPossible, match="played from a recording"):
        services.request_update(chassis.pk, Actor(None, "ana", "operator"), timezone.now())


@pytest.mark.live
def test_a_port_that_is_not_there_is_named(app: AppProcess) -> None:
    code, said = run(app, "--port", "/dev/ttyNone")
    assert (code, "There is no /dev/ttyNone" in said, "Traceback" in said) == (1, True, False)
