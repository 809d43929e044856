"""What a first visit to the rack costs, compressed: budgets that keep the pages quick on a poor link."""

from pathlib import Path

import brotli  # type: ignore[import-untyped]  # ships no types

STATIC = Path(__file__).resolve().parents[2] / "static"
CSS_BUDGET, JS_BUDGET = 12_000, 25_000


def compressed(pattern: str) -> int:
    return sum(len(brotli.compress(path.read_bytes())) for path in STATIC.rglob(pattern))


def test_stylesheets_stay_within_their_budget() -> None:
    assert 0 < compressed("*.css") <= CSS_BUDGET


def test_scripts_stay_within_their_budget() -> None:
    assert 0 < compressed("*.js") <= JS_BUDGET
