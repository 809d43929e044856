"""The judge finds every fault that is put into the product on purpose, and none where there is none."""

import pytest

from tests.soak.mutants import MUTANTS
from tests.soak.run import soak

pytestmark = pytest.mark.long

SEEDS = range(1, 31)
EVENTS = 300
ALWAYS = {"hand": 30.0, "command": 15.0}


@pytest.mark.parametrize("name", sorted(MUTANTS))
def test_a_fault_put_in_on_purpose_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mutant = MUTANTS[name]
    mutant.plant(monkeypatch)
    for seed in SEEDS:
        if soak(seed, EVENTS, ALWAYS | mutant.fates).wrongs:
            return
    pytest.fail("thirty runs, and nobody noticed")
