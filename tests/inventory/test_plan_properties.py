"""What holds of every plan, whatever is seen and whatever people did to NetBox meanwhile."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backplane.inventory.plan import render_plan, requests_of
from backplane.inventory.records import NbSnapshot, Seen
from tests.support.netbox_model import TAG, NetboxModel, shuffled
from tests.support.plan_worlds import World, worlds
from tests.support.rack_and_record import at_home, plan_of

pytestmark = pytest.mark.long

_EXAMPLES = settings(max_examples=60, deadline=None)


def _apply(world: World) -> tuple[Seen, NbSnapshot]:
    plan = plan_of(world.seen, world.snapshot)
    model = NetboxModel.of(world.snapshot)
    model.apply(plan)
    return at_home(world.seen, plan), model.snapshot(world.snapshot)


@_EXAMPLES
@given(worlds())
def test_after_a_plan_is_applied_the_next_one_has_nothing_to_write(world: World) -> None:
    seen, snapshot = _apply(world)
    after = plan_of(seen, snapshot)
    assert after.writes == (), render_plan(after)
    assert after.requests == 0


@_EXAMPLES
@given(worlds(), st.lists(st.integers(0, 99), min_size=14, max_size=14))
def test_the_order_of_the_input_does_not_matter(world: World, order: list[int]) -> None:
    chassis = tuple(replace(one, bays=one.bays[::-1]) for one in world.seen.chassis[::-1])
    seen = Seen(chassis, world.seen.shelf[::-1])
    turned = plan_of(seen, shuffled(world.snapshot, order))
    assert turned == plan_of(world.seen, world.snapshot)


@_EXAMPLES
@given(worlds())
def test_nothing_without_our_tag_is_changed_and_nothing_is_deleted(world: World) -> None:
    _, snapshot = _apply(world)
    now = {one.id: one for one in snapshot.devices}
    saved_with_chassis = {bay.installed_device_id for bay in snapshot.bays}
    for device in world.snapshot.devices:
        assert device.id in now
        if TAG not in device.tags and device.id not in saved_with_chassis:
            assert now[device.id] == device
    foreign = {one.id for one in world.snapshot.devices if TAG not in one.tags}
    after = {bay.id: bay for bay in snapshot.bays}
    for bay in world.snapshot.bays:
        if bay.device_id in foreign or bay.installed_device_id in foreign:
            assert after[bay.id] == bay


@_EXAMPLES
@given(worlds())
def test_a_bay_that_is_not_known_loses_nobody_who_is_not_seen_elsewhere(world: World) -> None:
    _, snapshot = _apply(world)
    known = {
        f"{one.uid}/slot{bay.number:02}"
        for one in world.seen.chassis
        if one.is_known
        for bay in one.bays
        if bay.is_known and (bay.present is False or bay.module is not None)
    }
    names = {one.id: one.bp_uid for one in world.snapshot.devices}
    seated = {bay.installed_device_id for bay in snapshot.bays}
    after = {bay.id: bay for bay in snapshot.bays}
    for bay in world.snapshot.bays:
        if f"{names[bay.device_id]}/{bay.name}" not in known and bay.installed_device_id:
            stays = after[bay.id].installed_device_id == bay.installed_device_id
            assert stays or bay.installed_device_id in seated


@_EXAMPLES
@given(worlds())
def test_a_plan_is_sound(world: World) -> None:
    plan = plan_of(world.seen, world.snapshot)
    keys = [row.key for row in plan.rows]
    assert len(keys) == len(set(keys))
    assert [row.phase for row in plan.rows] == sorted(row.phase for row in plan.rows)
    for at, row in enumerate(plan.rows):
        assert set(row.depends_on) <= set(keys[:at])
        assert all(one.before != one.after for one in row.changes)
    assert plan.requests == requests_of(plan.rows)
