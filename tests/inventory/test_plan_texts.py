"""Plans as people read them, compared with the checked-in texts (python -m tests.support.plan_cases writes them)."""

import pytest

from backplane.inventory.plan import render_plan
from tests.support.plan_cases import CASES, HERE


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_plan_reads_as_written_down(name: str) -> None:
    assert render_plan(CASES[name]()) == (HERE / f"{name}.txt").read_text(encoding="utf-8")


def test_every_text_has_its_case() -> None:
    assert {one.stem for one in HERE.glob("*.txt")} == set(CASES)
