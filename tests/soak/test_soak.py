"""A short soak: everything that befalls a board, in some minutes of virtual time. `make soak` is the long one."""

import pytest

from tests.soak.fates import USUAL
from tests.soak.run import soak

pytestmark = pytest.mark.long

ROUGH = USUAL | {"torn_compaction": 6.0, "storm": 0.6, "flip": 0.3, "blank": 0.1, "full": 0.3}


@pytest.mark.parametrize("seed", range(1, 5))
def test_what_the_pins_did_is_what_was_committed(seed: int) -> None:
    outcome = soak(seed, 1_300)
    assert outcome.wrongs == []
    assert outcome.told > 400
    assert outcome.by_command > 0


@pytest.mark.parametrize("seed", range(101, 103))
def test_a_worse_time_leaves_nothing_unexplained(seed: int) -> None:
    outcome = soak(seed, 1_300, ROUGH)
    assert outcome.wrongs == []
    assert outcome.excused > 0


@pytest.mark.parametrize("slots", [1, 10, 24])
def test_a_board_of_any_size_does(slots: int) -> None:
    assert soak(slots, 400, slots=slots).wrongs == []


def test_the_same_seed_is_the_same_run() -> None:
    assert soak(7, 300) == soak(7, 300)
