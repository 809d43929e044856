"""Entity tags, lost races, and the change log as a cursor."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.netbox import NetBoxDouble
from tests.support.netbox.scene import Netbox, Scene
from tests.support.netbox.wire import Answered

pytestmark = pytest.mark.live


def _etag(row: dict[str, str]) -> str:
    return f'W/"{row["last_updated"].replace("Z", "+00:00")}"'


def test_an_etag_can_be_made_from_last_updated(scene: Scene) -> None:
    one = scene.wire.get(f"dcim/device-bays/{scene.bays[0]['id']}")

    assert one.etag == _etag(one.body) == _etag(scene.bays[0])


def test_a_list_has_no_etag(scene: Scene) -> None:
    assert "etag" not in scene.wire.get("dcim/device-bays").headers


def test_a_stale_if_match_is_412_with_the_current_one(scene: Scene) -> None:
    path = f"dcim/device-bays/{scene.bays[0]['id']}"
    stale = scene.wire.get(path).etag
    current = scene.wire.patch(path, {"description": "a person was here"}).etag

    answer = scene.wire.patch(path, {"description": "lost"}, stale)

    assert (answer.status, answer.etag) == (412, current)
    assert scene.bay(0)["description"] == "a person was here"
    assert scene.wire.patch(path, {"description": "won"}, current).status == 200


def test_a_stale_if_match_keeps_from_deleting(scene: Scene) -> None:
    child = scene.pi("a")
    path = f"dcim/devices/{child['id']}"
    stale = scene.wire.get(path).etag
    scene.wire.patch(path, {"serial": "new"})

    assert scene.wire.call("DELETE", path, headers={"If-Match": stale}).status == 412


def test_a_list_takes_many_etags_and_one_stale_writes_nothing(scene: Scene) -> None:
    bodies = [{"id": bay["id"], "description": "new"} for bay in scene.bays[:3]]
    etags = ", ".join(_etag(bay) for bay in scene.bays[:3])
    assert scene.wire.patch("dcim/device-bays", bodies, etags).status == 200

    answer = scene.wire.patch(
        "dcim/device-bays", [body | {"description": "lost"} for body in bodies], etags
    )

    assert answer.status == 412
    assert {scene.bay(place)["description"] for place in range(3)} == {"new"}


def test_of_two_who_write_one_bay_with_if_match_one_wins(scene: Scene) -> None:
    children = [scene.pi(name)["id"] for name in "ab"]
    path = f"dcim/device-bays/{scene.bays[0]['id']}"
    etag = scene.wire.get(path).etag

    def write(child: int) -> int:
        return scene.wire.patch(path, {"installed_device": child}, etag).status

    with ThreadPoolExecutor(2) as pool:
        statuses = sorted(pool.map(write, children))

    assert statuses == [200, 412]


def test_a_lost_race_for_an_asset_tag_is_500_with_the_constraint(
    double: NetBoxDouble, scene: Scene
) -> None:
    bodies = [scene.pi_body(name, asset_tag="one") for name in "ab"]
    with ThreadPoolExecutor(2) as pool:
        with double.holding(2):
            running = [pool.submit(scene.wire.post, "dcim/devices", body) for body in bodies]
        answers: list[Answered] = sorted(
            (one.result() for one in running), key=lambda one: one.status
        )

    assert [answer.status for answer in answers] == [201, 500]
    assert "duplicate key value violates unique constraint" in answers[1].body["error"]
    assert len(double.rows("dcim/devices", asset_tag="one")) == 1


def test_a_race_without_a_unique_field_makes_two(double: NetBoxDouble, scene: Scene) -> None:
    body = scene.pi_body("a", name=None, serial="one")
    with ThreadPoolExecutor(2) as pool:
        with double.holding(2):
            running = [pool.submit(scene.wire.post, "dcim/devices", body) for _ in range(2)]
        assert [one.result().status for one in running] == [201, 201]


def test_the_change_log_tells_request_message_and_what_changed(scene: Scene) -> None:
    child, last = scene.pi("a"), scene.last_change()

    answer = scene.wire.patch(
        f"dcim/devices/{child['id']}", {"serial": "new", "changelog_message": "swap 7"}
    )

    [row] = [row for row in scene.changes_since(last) if row["changed_object_id"] == child["id"]]
    assert row["request_id"] == answer.headers["x-request-id"]
    assert (row["message"], row["action"]["value"]) == ("swap 7", "update")
    assert (row["prechange_data"]["serial"], row["postchange_data"]["serial"]) == ("", "new")


def test_a_message_in_a_list_is_logged_for_each(scene: Scene) -> None:
    last = scene.last_change()
    bodies = [
        {"id": bay["id"], "label": "x", "changelog_message": f"m{place}"}
        for place, bay in enumerate(scene.bays[:2])
    ]

    answer = scene.wire.patch("dcim/device-bays", bodies)

    rows = [
        row
        for row in scene.changes_since(last)
        if row["request_id"] == answer.headers["x-request-id"]
    ]
    assert [row["message"] for row in rows] == ["m0", "m1"]


def test_a_new_chassis_is_logged_with_each_of_its_bays(netbox: Netbox, scene: Scene) -> None:
    last = scene.last_change()

    created = scene.pi("second", device_type=scene.chassis_type)

    kinds = [row["changed_object_type"] for row in scene.changes_since(last) if row["request_id"]]
    assert created["device_bay_count"] == 10
    assert (kinds.count("dcim.device"), kinds.count("dcim.devicebay")) == (1, 10)


def test_the_cursor_is_one_request_when_nothing_changed(scene: Scene) -> None:
    last = scene.last_change()

    answer = scene.wire.get("core/object-changes", id__gt=last, limit=1)

    assert (answer.status, answer.body["count"], answer.body["results"]) == (200, 0, [])


def test_journal_entries_come_in_one_list(scene: Scene) -> None:
    entries = [
        {
            "assigned_object_type": "dcim.device",
            "assigned_object_id": scene.pi(name)["id"],
            "comments": "moved",
        }
        for name in "ab"
    ]

    answer = scene.wire.post("extras/journal-entries", entries)

    assert (answer.status, [row["kind"]["value"] for row in answer.body]) == (201, ["info", "info"])
