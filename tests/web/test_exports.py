"""Readings and events as files: all that was asked for, honest about holes, safe in a spreadsheet."""

import csv
import io
import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from backplane.slots.models import Chassis, Slot, TelemetryMinute
from backplane.slots.services.minutes import MINUTE, floor_of
from tests.web.racks import make_command

pytestmark = pytest.mark.django_db


def body(answer: Any) -> str:  # noqa: ANN401  (a test client's answer)
    assert answer.status_code == 200
    return b"".join(answer.streaming_content).decode()


def rows(answer: Any) -> list[dict[str, str]]:  # noqa: ANN401  (as above)
    return list(csv.DictReader(io.StringIO(body(answer))))


def test_the_readings_of_a_slot_are_one_line_a_minute(viewer: Client, demo: Chassis) -> None:
    now = floor_of(timezone.now())
    for ago, row in (
        (3, [60, 12_050, 400, 900, 4_750, 4_800]),
        (1, [2, 12_000, None, None, None, None]),
    ):
        TelemetryMinute.objects.create(chassis=demo, minute=now - ago * MINUTE, readings={"3": row})
    first, second = rows(viewer.get("/c/DEMO/s/3/readings.csv"))
    assert (first["points"], first["volts"], first["amps"], first["amps_max"]) == (
        "60",
        "12.05",
        "0.4",
        "0.9",
    )
    assert (first["watts"], first["celsius"], first["celsius_max"]) == ("4.82", "47.5", "48")
    assert first["minute"].endswith("Z")
    assert (second["volts"], second["amps"], second["watts"], second["celsius"]) == (
        "12",
        "",
        "",
        "",
    )
    assert rows(viewer.get("/c/demo/s/4/readings.csv")) == []


def test_days_choose_the_readings(viewer: Client, demo: Chassis) -> None:
    day = floor_of(timezone.now()).replace(hour=12, minute=0)
    for at in (day - 3 * 1440 * MINUTE, day - 2 * 1440 * MINUTE):
        TelemetryMinute.objects.create(
            chassis=demo, minute=at, readings={"0": [1, 12_000] + [None] * 4}
        )
    span = {
        "since": str((day - 3 * 1440 * MINUTE).date()),
        "until": str((day - 2 * 1440 * MINUTE).date()),
    }
    assert len(rows(viewer.get("/c/demo/s/0/readings.csv", span))) == 2
    assert len(rows(viewer.get("/c/demo/s/0/readings.csv", span | {"since": span["until"]}))) == 1
    assert rows(viewer.get("/c/demo/s/0/readings.csv")) == []
    assert viewer.get("/c/demo/s/0/readings.csv", {"since": "x"}).status_code == 422
    assert viewer.get("/c/demo/s/99/readings.csv").status_code == 404
    assert viewer.get("/c/none/s/1/readings.csv").status_code == 404


def test_events_are_exported_as_filtered_and_past_one_page(viewer: Client, demo: Chassis) -> None:
    slot = Slot.objects.get(chassis=demo, number=3)
    for _ in range(60):
        make_command(slot, "locate_on", state="done", requester_name="=cmd()")
    filters = {"kind": "commands", "slot": "3"}
    found = rows(viewer.get("/events/export.csv", filters))
    assert len(found) >= 60
    assert {row["slot"] for row in found} == {"3"}
    assert found[0]["who"] == "'=cmd()"  # a spreadsheet must not run it
    assert viewer.get(found[0]["url"]).status_code == 200
    as_json = json.loads(body(viewer.get("/events/export.json", filters)))
    assert [row["url"] for row in as_json] == [row["url"] for row in found]
    assert as_json[0]["who"] == "=cmd()"
    assert json.loads(body(viewer.get("/events/export.json", {"kind": "gaps"}))) == []
    assert viewer.get("/events/export.csv", {"kind": "nonsense"}).status_code == 422
    page = viewer.get("/events/", filters).content.decode()
    assert "/events/export.csv?kind=commands&amp;slot=3" in page


def test_strangers_get_no_file(client: Client, demo: Chassis) -> None:
    for path in ("/events/export.csv", "/c/demo/s/1/readings.csv"):
        assert client.get(path).status_code == 302
