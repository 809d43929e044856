from collections.abc import Iterator

import pytest
from django.test import Client

from backplane.slots import rehearsal
from backplane.slots.models import Chassis
from tests.web.racks import make_chassis

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}


class Stage:
    """Obeys every line but "bad"."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []

    def reaches(self, port_url: str) -> bool:
        return port_url.startswith("sim://")

    def execute(self, chassis_slug: str, line: str) -> dict[str, object]:
        self.lines.append((chassis_slug, line))
        return {"ok": False, "error": "no such line"} if line == "bad" else {"ok": True}


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage()
    rehearsal.register(stage)
    yield stage
    rehearsal.register(None)


def test_a_button_is_told_to_the_simulator_with_its_slot(
    operator: Client, demo: Chassis, stage: Stage
) -> None:
    values = {"line": "handle {slot} open", "slot": "7"}
    answer = operator.post("/c/demo/rehearsal/", values, headers=JSON)
    assert (answer.status_code, answer.json()) == (200, {"ok": True})
    assert stage.lines == [("demo", "handle 7 open")]


def test_without_script_the_page_shows_the_answer(
    operator: Client, demo: Chassis, stage: Stage
) -> None:
    html = operator.post(
        "/c/demo/rehearsal/", {"line": "pull {slot}", "slot": "6"}
    ).content.decode()
    assert "pull 6: done" in html
    html = operator.post("/c/demo/rehearsal/", {"line": "bad", "slot": "6"}).content.decode()
    assert "bad: no such line" in html


def test_a_line_stays_one_line(operator: Client, demo: Chassis, stage: Stage) -> None:
    operator.post("/c/demo/rehearsal/", {"line": "pull {slot}\npower-loss", "slot": "6;x"})
    assert stage.lines == [("demo", "pull power-loss")]


def test_a_real_rack_has_no_rehearsal(operator: Client, stage: Stage) -> None:
    make_chassis("real", simulated=False)
    assert operator.post("/c/real/rehearsal/", {"line": "pull 7"}).status_code == 404
    assert "Rehearsal" not in operator.get("/c/real/").content.decode()
    assert stage.lines == []


def test_viewers_do_not_rehearse(viewer: Client, demo: Chassis, stage: Stage) -> None:
    assert viewer.post("/c/demo/rehearsal/", {"line": "pull 7"}).status_code == 403
    assert "Rehearsal" not in viewer.get("/c/demo/").content.decode()
    assert stage.lines == []


def test_without_a_simulator_in_this_process_it_says_so(operator: Client, demo: Chassis) -> None:
    answer = operator.post("/c/demo/rehearsal/", {"line": "pull 7"}, headers=JSON)
    assert answer.status_code == 422
    assert "No simulator of demo" in answer.json()["error"]


def test_a_simulated_rack_behind_a_line_shows_no_panel_that_could_do_nothing(
    operator: Client, demo: Chassis, stage: Stage
) -> None:
    assert "Rehearsal" in operator.get("/c/demo/").content.decode()
    Chassis.objects.filter(pk=demo.pk).update(port_url="socket://127.0.0.1:4001")
    assert "Rehearsal" not in operator.get("/c/demo/").content.decode()
