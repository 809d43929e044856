"""What a NetBox takes with 200 though the data is wrong afterwards; a sync must know each one."""

import pytest

from tests.support.netbox.scene import Netbox, Scene

pytestmark = pytest.mark.live


def test_an_occupied_bay_is_overwritten_and_the_pi_pushed_out_stays_active(scene: Scene) -> None:
    first, second = scene.pi("a"), scene.pi("b")
    assert scene.install(0, first["id"]).status == 200

    assert scene.install(0, second["id"]).status == 200

    left = scene.device(first["id"])
    assert scene.bay(0)["installed_device"]["id"] == second["id"]
    assert (left["status"]["value"], left["rack"]["id"]) == ("active", scene.rack)
    assert left["parent_device"] is None


def test_installing_gives_the_child_no_place_of_the_chassis(scene: Scene) -> None:
    child = scene.pi("a", rack=None)

    assert scene.install(0, child["id"]).status == 200

    assert scene.device(child["id"])["rack"] is None


def test_removing_leaves_the_rack(scene: Scene) -> None:
    child = scene.pi("a")
    scene.install(0, child["id"])

    assert scene.install(0, None).status == 200

    assert scene.device(child["id"])["rack"]["id"] == scene.rack


def test_a_child_of_another_site_is_taken(netbox: Netbox, scene: Scene) -> None:
    other = netbox.make("dcim/sites", name=f"{netbox.mark} far", slug=f"{netbox.mark}-far")
    child = scene.pi("a", site=other["id"], rack=None)

    assert scene.install(0, child["id"]).status == 200
    assert scene.device(child["id"])["site"]["id"] == other["id"]


def test_any_save_of_the_chassis_saves_every_child_again(scene: Scene) -> None:
    children = [scene.pi(f"p{place}") for place in range(10)]
    for place, child in enumerate(children):
        assert scene.install(place, child["id"]).status == 200
    before = scene.device(children[0]["id"])["last_updated"]
    last = scene.last_change()

    answer = scene.wire.patch(f"dcim/devices/{scene.chassis['id']}", {"description": "seen"})

    assert answer.status == 200
    rows = [
        row
        for row in scene.changes_since(last)
        if row["request_id"] == answer.headers["x-request-id"]
    ]
    assert len(rows) == 11
    assert scene.device(children[0]["id"])["last_updated"] > before


def test_saving_the_chassis_moves_children_to_its_rack(netbox: Netbox, scene: Scene) -> None:
    child = scene.pi("a", rack=None)
    scene.install(0, child["id"])

    scene.wire.patch(f"dcim/devices/{scene.chassis['id']}", {"description": "seen"})

    assert scene.device(child["id"])["rack"]["id"] == scene.rack


def test_a_chassis_is_taken_into_a_bay(scene: Scene) -> None:
    other = scene.pi("chassis 2", device_type=scene.chassis_type)

    assert scene.install(0, other["id"]).status == 200


def test_an_unknown_filter_returns_everything(netbox: Netbox, scene: Scene) -> None:
    netbox.stray()
    scene.pi("a", serial="one")

    counted = scene.wire.get("dcim/devices", seriall="nobody has this").body["count"]

    assert counted == scene.wire.get("dcim/devices").body["count"] > 1


def test_tags_replace_and_add_tags_add(netbox: Netbox, scene: Scene) -> None:
    tags = [
        netbox.make("extras/tags", name=f"{netbox.mark} {n}", slug=f"{netbox.mark}-{n}")
        for n in "abc"
    ]
    ids = [tag["id"] for tag in tags]
    named = [{"name": tag["name"], "slug": tag["slug"]} for tag in tags]
    child = scene.pi("a", tags=named[:1])
    path = f"dcim/devices/{child['id']}"

    added = scene.wire.patch(path, {"add_tags": named[1:2]})
    assert [tag["id"] for tag in added.body["tags"]] == ids[:2]
    removed = scene.wire.patch(path, {"remove_tags": named[:1]})
    assert [tag["id"] for tag in removed.body["tags"]] == ids[1:2]
    assert scene.wire.patch(path, {"tags": []}).body["tags"] == []


def test_custom_fields_merge(netbox: Netbox, scene: Scene) -> None:
    names = [f"a{netbox.mark}", f"b{netbox.mark}"]
    for name in names:
        netbox.make("extras/custom-fields", name=name, type="text", object_types=["dcim.device"])
    child = scene.pi("a", custom_fields={names[0]: "kept"})

    answer = scene.wire.patch(f"dcim/devices/{child['id']}", {"custom_fields": {names[1]: "new"}})

    assert {name: answer.body["custom_fields"][name] for name in names} == dict(
        zip(names, ("kept", "new"), strict=True)
    )


def test_a_serial_twice_is_taken(scene: Scene) -> None:
    scene.pi("a", serial="same")

    assert scene.pi("b", serial="same")["serial"] == "same"


def test_two_devices_without_a_name_are_taken(scene: Scene) -> None:
    assert scene.pi("a", name=None)["id"] != scene.pi("b", name=None)["id"]


def test_a_mac_can_exist_twice_and_naming_it_by_value_then_fails(scene: Scene) -> None:
    child = scene.pi("a")
    interface = scene.wire.rows("dcim/interfaces", device_id=child["id"])[0]
    body = {
        "mac_address": "02:00:00:" + ":".join(scene.netbox.mark[at : at + 2] for at in (0, 2, 4))
    }
    assert scene.wire.post("dcim/mac-addresses", body).status == 201
    assert scene.wire.post("dcim/mac-addresses", body).status == 201
    scene.netbox.stray()

    answer = scene.wire.patch(f"dcim/interfaces/{interface['id']}", {"primary_mac_address": body})

    assert answer.status == 400
    assert "Multiple objects match" in str(answer.body)
    for mac in scene.wire.rows("dcim/mac-addresses", mac_address=body["mac_address"]):
        scene.wire.delete(f"dcim/mac-addresses/{mac['id']}")


def test_an_interfaces_mac_address_is_ignored(scene: Scene) -> None:
    scene.netbox.stray()
    child = scene.pi("a")
    interface = scene.wire.rows("dcim/interfaces", device_id=child["id"])[0]

    answer = scene.wire.patch(
        f"dcim/interfaces/{interface['id']}", {"mac_address": "02:00:00:00:00:01"}
    )

    assert (answer.status, answer.body["mac_address"]) == (200, None)


def test_deleting_the_chassis_leaves_its_pis_active_and_racked(scene: Scene) -> None:
    child = scene.pi("a")
    scene.install(0, child["id"])

    assert scene.wire.delete(f"dcim/devices/{scene.chassis['id']}").status == 204

    left = scene.device(child["id"])
    assert (left["status"]["value"], left["rack"]["id"], left["parent_device"]) == (
        "active",
        scene.rack,
        None,
    )


def test_deleting_a_pi_empties_its_bay(scene: Scene) -> None:
    child = scene.pi("a")
    scene.install(0, child["id"])

    assert scene.wire.delete(f"dcim/devices/{child['id']}").status == 204

    assert scene.bay(0)["installed_device"] is None


def test_a_change_of_nothing_is_not_logged_but_moves_the_etag(scene: Scene) -> None:
    child = scene.pi("a", serial="same")
    path, last = f"dcim/devices/{child['id']}", scene.last_change()
    before = scene.wire.get(path).etag

    answer = scene.wire.patch(path, {"serial": "same"})

    assert answer.status == 200
    assert answer.etag != before
    assert [
        row for row in scene.changes_since(last) if row["changed_object_id"] == child["id"]
    ] == []


def test_an_installation_is_logged_at_the_bay_alone(scene: Scene) -> None:
    child = scene.pi("a")
    before, last = scene.device(child["id"])["last_updated"], scene.last_change()

    scene.install(0, child["id"])

    logged = [
        (row["changed_object_type"], row["changed_object_id"]) for row in scene.changes_since(last)
    ]
    assert ("dcim.devicebay", scene.bays[0]["id"]) in logged
    assert ("dcim.device", child["id"]) not in logged
    assert scene.device(child["id"])["last_updated"] == before


def test_fields_on_a_write_drops_what_it_does_not_list(scene: Scene) -> None:
    child = scene.pi("a", serial="old")

    answer = scene.wire.call(
        "PATCH",
        f"dcim/devices/{child['id']}",
        {"status": "staged", "serial": "new"},
        query={"fields": "id,status"},
    )

    assert answer.status == 200
    after = scene.device(child["id"])
    assert (after["status"]["value"], after["serial"]) == ("staged", "old")


def test_a_new_device_does_not_tell_of_its_interfaces(scene: Scene) -> None:
    child = scene.pi("a")

    assert "interfaces" not in child
    assert [row["name"] for row in scene.wire.rows("dcim/interfaces", device_id=child["id"])] == [
        "eth0"
    ]
