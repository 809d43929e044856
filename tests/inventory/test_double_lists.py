"""Lists: pages, filters, and what bulk writes do and refuse."""

import pytest

from tests.support.netbox.scene import Netbox, Scene

pytestmark = pytest.mark.live


def _many(netbox: Netbox, scene: Scene, count: int) -> list[int]:
    bodies = [scene.pi_body(f"p{number}", serial=f"s{number}") for number in range(count)]
    answer = netbox.keep("dcim/devices", scene.wire.post("dcim/devices", bodies))
    assert answer.status == 201, answer.body
    return [row["id"] for row in answer.body]


def test_a_page_is_50_unless_asked_and_next_leads_on(netbox: Netbox, scene: Scene) -> None:
    _many(netbox, scene, 52)

    answer = scene.wire.get("dcim/devices", site_id=scene.site)

    assert (len(answer.body["results"]), answer.body["count"]) == (50, 53)
    assert "offset=50" in answer.body["next"]
    assert len(scene.wire.rows("dcim/devices", site_id=scene.site, limit=0)) == 53
    assert len(scene.wire.rows("dcim/devices", site_id=scene.site, offset=50)) == 3


def test_start_pages_by_id_and_counts_nothing(netbox: Netbox, scene: Scene) -> None:
    ids = _many(netbox, scene, 4)

    answer = scene.wire.get("dcim/devices", site_id=scene.site, start=ids[1], limit=2)

    assert [row["id"] for row in answer.body["results"]] == ids[1:3]
    assert answer.body["count"] is None
    assert f"start={ids[2] + 1}" in answer.body["next"]


def test_ids_are_alternatives(netbox: Netbox, scene: Scene) -> None:
    ids = _many(netbox, scene, 3)

    found = scene.wire.rows("dcim/devices", id=ids[:2])

    assert sorted(row["id"] for row in found) == ids[:2]


def test_an_address_too_long_is_refused_with_html(scene: Scene) -> None:
    answer = scene.wire.get("dcim/devices", id=range(1000))

    assert answer.status == 400
    assert "<html" in answer.body


def test_filters_find_by_serial_tag_and_place(netbox: Netbox, scene: Scene) -> None:
    tag = netbox.make("extras/tags", name=netbox.mark, slug=netbox.mark)
    child = scene.pi(
        "a",
        serial=f"sn{netbox.mark}",
        tags=[{"name": tag["name"], "slug": tag["slug"]}],
        asset_tag=f"at{netbox.mark}",
    )

    for query in (
        {"serial": f"sn{netbox.mark}"},
        {"asset_tag": f"at{netbox.mark}"},
        {"tag": netbox.mark},
        {"name": child["name"]},
        {"device_type_id": scene.pi_type},
    ):
        assert [row["id"] for row in scene.wire.rows("dcim/devices", **query)] == [child["id"]], (
            query
        )


def test_a_choice_that_does_not_exist_is_refused(scene: Scene) -> None:
    assert scene.wire.get("dcim/devices", site_id=99999999).status == 400
    assert scene.wire.get("dcim/devices", tag="nobody-has-this").status == 400


def test_bays_come_by_name(scene: Scene) -> None:
    found = scene.wire.rows("dcim/device-bays", device_id=scene.chassis["id"])

    assert [row["name"] for row in found] == [f"slot{number:02}" for number in range(1, 11)]


def test_a_list_is_created_all_or_none(netbox: Netbox, scene: Scene) -> None:
    bodies = [scene.pi_body("a"), scene.pi_body("b", site=99999999)]

    assert scene.wire.post("dcim/devices", bodies).status == 400

    assert scene.wire.rows("dcim/devices", name=f"{netbox.mark}-a") == []


def test_a_list_is_changed_all_or_none(netbox: Netbox, scene: Scene) -> None:
    ids = _many(netbox, scene, 2)

    answer = scene.wire.patch(
        "dcim/devices", [{"id": ids[0], "serial": "new"}, {"id": ids[1], "site": 99999999}]
    )

    assert answer.status == 400
    assert scene.device(ids[0])["serial"] == "s0"


def test_a_list_runs_in_the_servers_order(scene: Scene) -> None:
    child = scene.pi("a")
    bays = [bay["id"] for bay in scene.bays]
    assert scene.install(2, child["id"]).status == 200
    clear, fill = (
        {"id": bays[2], "installed_device": None},
        {"id": bays[3], "installed_device": child["id"]},
    )

    assert scene.wire.patch("dcim/device-bays", [fill, clear]).status == 200

    back = [
        {"id": bays[3], "installed_device": None},
        {"id": bays[2], "installed_device": child["id"]},
    ]
    assert scene.wire.patch("dcim/device-bays", back).status == 400
    assert scene.bay(3)["installed_device"]["id"] == child["id"]


def test_an_id_twice_in_a_list_last_one_wins(netbox: Netbox, scene: Scene) -> None:
    [child] = _many(netbox, scene, 1)

    answer = scene.wire.patch(
        "dcim/devices", [{"id": child, "serial": "one"}, {"id": child, "serial": "two"}]
    )

    assert (answer.status, len(answer.body)) == (200, 1)
    assert scene.device(child)["serial"] == "two"


def test_an_id_nobody_has_is_left_out_without_a_word(netbox: Netbox, scene: Scene) -> None:
    [child] = _many(netbox, scene, 1)

    answer = scene.wire.patch(
        "dcim/devices", [{"id": child, "serial": "x"}, {"id": 99999999, "serial": "x"}]
    )

    assert (answer.status, [row["id"] for row in answer.body]) == (200, [child])


def test_two_requests_rotate_three_pis(scene: Scene) -> None:
    children = [scene.pi(name)["id"] for name in "abc"]
    bays = [bay["id"] for bay in scene.bays[:3]]
    for place, child in enumerate(children):
        scene.install(place, child)
    turned = [children[2], *children[:2]]

    cleared = scene.wire.patch(
        "dcim/device-bays", [{"id": bay, "installed_device": None} for bay in bays]
    )
    filled = scene.wire.patch(
        "dcim/device-bays",
        [{"id": bay, "installed_device": child} for bay, child in zip(bays, turned, strict=True)],
    )

    assert (cleared.status, filled.status) == (200, 200)
    assert [scene.bay(place)["installed_device"]["id"] for place in range(3)] == turned


def test_a_filter_by_custom_field_is_loose_unless_the_field_says_exact(
    netbox: Netbox, scene: Scene
) -> None:
    loose, exact = f"l{netbox.mark}", f"e{netbox.mark}"
    text = {"type": "text", "object_types": ["dcim.device"]}
    netbox.make("extras/custom-fields", name=loose, **text)
    netbox.make("extras/custom-fields", name=exact, filter_logic="exact", **text)
    child = scene.pi("a", custom_fields={loose: "u-12", exact: "u-12"})

    assert [row["id"] for row in scene.wire.rows("dcim/devices", **{f"cf_{loose}": "u-1"})] == [
        child["id"]
    ]
    assert scene.wire.rows("dcim/devices", **{f"cf_{exact}": "u-1"}) == []


def test_a_name_is_found_whatever_its_case_and_an_asset_tag_is_not(
    netbox: Netbox, scene: Scene
) -> None:
    child = scene.pi("a", asset_tag=f"at{netbox.mark}")

    assert [row["id"] for row in scene.wire.rows("dcim/devices", name=child["name"].upper())] == [
        child["id"]
    ]
    assert scene.wire.rows("dcim/devices", asset_tag=f"AT{netbox.mark}") == []
