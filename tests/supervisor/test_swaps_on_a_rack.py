"""A swap on a simulated rack under the real app: hardware alone moves it on, round by round."""

import pytest

from backplane.people.audit import Actor
from backplane.people.models import User
from backplane.people.roles import Role
from backplane.swaps import services
from backplane.swaps.models import Swap
from backplane.swaps.services import Deed, SwapRequest
from backplane.swaps.steps import Step
from tests.support.app_bench import Stage, utc_now
from tests.support.loop_thread import until

pytestmark = pytest.mark.live


def test_hardware_moves_a_swap_on_to_the_pull_and_to_the_insertion(stage: Stage) -> None:
    rack = stage.running()
    user = User.objects.create_user("ana", password="x", role=Role.TECHNICIAN)
    ana = Actor(user.pk, "ana", Role.TECHNICIAN)
    swap = services.start_swap(SwapRequest(stage.chassis(rack).pk, 2, ana), utc_now())

    def press(do: str, **values: str) -> None:
        said = {name: [value] for name, value in values.items()}
        services.act(swap.pk, Deed(do, said, ana, Role.TECHNICIAN, None), utc_now())

    def is_at(step: Step) -> bool:
        return Swap.objects.filter(pk=swap.pk, step=step).exists()

    press("at_rack")
    until(lambda: is_at(Step.CONFIRM), "the light to be read back")
    press("slot", slot="2")
    assert is_at(Step.SHUT_DOWN)
    press("shut_down")
    until(lambda: is_at(Step.PULL), "the slot to be safe to pull", limit_s=60)
    assert rack.switched == [(2, False)]
    rack.tell("pull 2")
    until(lambda: is_at(Step.INSERT), "the pull to be seen")
    assert rack.switched == [(2, False)]
