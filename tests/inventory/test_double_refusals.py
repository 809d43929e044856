"""What a NetBox refuses, by status and by the field it names."""

import pytest

from tests.support.netbox.scene import Netbox, Scene
from tests.support.netbox.wire import Wire

pytestmark = pytest.mark.live


def test_no_token_and_a_bad_token_are_403(netbox: Netbox) -> None:
    for token in ("", "0" * 40, "nbt_nobody.nothing"):
        assert Wire(netbox.url, token).get("dcim/sites").status == 403


def test_the_version_of_a_token_is_told_by_its_prefix_not_by_the_keyword(netbox: Netbox) -> None:
    answer = Wire(netbox.url, "").call(
        "GET", "dcim/sites", headers={"Authorization": f"Token {netbox.token}"}
    )

    assert answer.status == 200


def test_a_device_in_one_bay_is_not_put_into_another(scene: Scene) -> None:
    child = scene.pi("a")
    scene.install(0, child["id"])

    answer = scene.install(1, child["id"])

    assert answer.status == 400
    assert "already installed in slot01" in str(answer.body["installed_device"])


def test_a_disabled_bay_takes_nothing(scene: Scene) -> None:
    scene.wire.patch(f"dcim/device-bays/{scene.bays[0]['id']}", {"enabled": False})

    answer = scene.install(0, scene.pi("a")["id"])

    assert (answer.status, list(answer.body)) == (400, ["installed_device"])


def test_a_chassis_is_not_put_into_itself(scene: Scene) -> None:
    assert scene.install(0, scene.chassis["id"]).status == 400


def test_a_name_is_taken_per_site_whatever_its_case(scene: Scene) -> None:
    scene.pi("Case")

    answer = scene.wire.post("dcim/devices", scene.pi_body("cASE"))

    assert answer.status == 400


def test_an_asset_tag_is_taken_once(netbox: Netbox, scene: Scene) -> None:
    scene.pi("a", asset_tag=netbox.mark)

    answer = scene.wire.post("dcim/devices", scene.pi_body("b", asset_tag=netbox.mark))

    assert (answer.status, list(answer.body)) == (400, ["asset_tag"])


def test_a_unique_custom_field_is_taken_once(netbox: Netbox, scene: Scene) -> None:
    name = f"u{netbox.mark}"
    netbox.make(
        "extras/custom-fields", name=name, type="text", object_types=["dcim.device"], unique=True
    )
    scene.pi("a", custom_fields={name: "one"})

    answer = scene.wire.post("dcim/devices", scene.pi_body("b", custom_fields={name: "one"}))

    assert answer.status == 400
    assert "unique" in str(answer.body)


@pytest.mark.parametrize(
    "more",
    [
        {"status": "lent"},
        {"tags": [{"name": "nobody has this", "slug": "nobody-has-this"}]},
        {"custom_fields": {"nobody_has_this": 1}},
        {"face": "front"},
        {"position": 3, "face": "front"},
    ],
)
def test_what_a_pi_cannot_be_is_refused(scene: Scene, more: dict[str, object]) -> None:
    scene.netbox.stray()

    answer = scene.wire.post("dcim/devices", scene.pi_body("a", **more))

    assert answer.status == 400
    assert set(answer.body) & set(more)


def test_a_child_type_has_no_height(netbox: Netbox, scene: Scene) -> None:
    maker = scene.wire.get(f"dcim/device-types/{scene.pi_type}").body["manufacturer"]["id"]
    body = {
        "manufacturer": maker,
        "model": "tall",
        "slug": "tall",
        "subdevice_role": "child",
        "u_height": 1,
    }

    answer = scene.wire.post("dcim/device-types", body)

    assert answer.status == 400
    assert "Child device types must be 0U" in str(answer.body)


def test_a_rack_of_another_site_is_refused(netbox: Netbox, scene: Scene) -> None:
    other = netbox.make("dcim/sites", name=f"{netbox.mark} far", slug=f"{netbox.mark}-far")

    answer = scene.wire.post("dcim/devices", scene.pi_body("a", site=other["id"]))

    assert (answer.status, list(answer.body)) == (400, ["rack"])


def test_a_primary_mac_is_not_moved_until_it_is_primary_no_more(scene: Scene) -> None:
    first, second = (
        scene.wire.rows("dcim/interfaces", device_id=scene.pi(name)["id"])[0]["id"] for name in "ab"
    )
    mac = scene.netbox.make(
        "dcim/mac-addresses",
        mac_address="02:00:00:00:00:07",
        assigned_object_type="dcim.interface",
        assigned_object_id=first,
    )["id"]
    assert scene.wire.patch(f"dcim/interfaces/{first}", {"primary_mac_address": mac}).status == 200
    move = {"assigned_object_type": "dcim.interface", "assigned_object_id": second}

    assert scene.wire.patch(f"dcim/mac-addresses/{mac}", move).status == 400

    assert scene.wire.patch(f"dcim/interfaces/{first}", {"primary_mac_address": None}).status == 200
    assert scene.wire.patch(f"dcim/mac-addresses/{mac}", move).status == 200


def test_a_type_in_use_is_not_deleted(scene: Scene) -> None:
    scene.pi("a")

    assert scene.wire.delete(f"dcim/device-types/{scene.pi_type}").status == 409


def test_what_does_not_exist_is_404(scene: Scene) -> None:
    assert scene.wire.get("dcim/devices/99999999").status == 404
    assert scene.wire.patch("dcim/devices/99999999", {"serial": "x"}).status == 404
