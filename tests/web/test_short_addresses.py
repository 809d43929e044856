"""Labels lead to their slot; for who holds a swap, back to the swap that asks for it."""

import pytest
from django.test import Client
from django.utils import timezone

from backplane.people.models import User
from backplane.slots.models import Chassis, Slot
from backplane.swaps.models import Swap

pytestmark = pytest.mark.django_db


def hold(chassis: Chassis, number: int, step: int, name: str = "technician") -> Swap:
    now = timezone.now()
    return Swap.objects.create(
        chassis=chassis,
        slot=Slot.objects.get(chassis=chassis, number=number),
        step=step,
        step_since=now,
        created_at=now,
        holder=User.objects.get(username=name),
    )


def target(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 302
    return answer.headers["Location"]


@pytest.mark.parametrize("step", [1, 2])
def test_the_holder_s_scan_answers_the_swap(technician: Client, demo: Chassis, step: int) -> None:
    swap = hold(demo, 7, step)
    assert target(technician, "/S/DEMO-07/") == f"/w/{swap.pk}/?at=07"


def test_a_wrong_label_is_an_answer_too_once_it_is_asked_for(
    technician: Client, demo: Chassis
) -> None:
    swap = hold(demo, 7, 1)
    assert target(technician, "/s/demo-06/") == "/c/demo/s/6/"
    Swap.objects.filter(pk=swap.pk).update(step=2)
    assert target(technician, "/s/demo-06/") == f"/w/{swap.pk}/?at=06"


def test_others_and_later_steps_go_to_the_slot(
    technician: Client, viewer: Client, demo: Chassis
) -> None:
    swap = hold(demo, 7, 2)
    assert target(viewer, "/S/DEMO-07/") == "/c/demo/s/7/"
    Swap.objects.filter(pk=swap.pk).update(step=4)
    assert target(technician, "/S/DEMO-07/") == "/c/demo/s/7/"
    Swap.objects.filter(pk=swap.pk).update(step=1, state="parked")
    assert target(technician, "/S/DEMO-07/") == "/c/demo/s/7/"
