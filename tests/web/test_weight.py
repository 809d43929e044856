"""What a first visit costs, compressed: budgets that keep the pages quick on a poor link."""

import re
from pathlib import Path

import brotli  # type: ignore[import-untyped]  # ships no types
import pytest

from backplane.live.templatetags.rack import modules_of

ROOT = Path(__file__).resolve().parents[2]
CSS_BUDGET, JS_BUDGET = 12_000, 25_000
PAGES = {"rack": "live/_live_page.html", "swap": "swaps/swap.html"}


def compressed(names: set[str]) -> int:
    return sum(len(brotli.compress((ROOT / "static" / name).read_bytes())) for name in names)


def linked(template: str, kind: str) -> set[str]:
    """Return the files of one kind that a page on this template links, with those of every page."""
    texts = [(ROOT / "templates" / name).read_text("utf-8") for name in ("base.html", template)]
    return {name for text in texts for name in re.findall(rf"static '({kind}/[^']+)'", text)}


@pytest.mark.parametrize("page", PAGES)
def test_stylesheets_stay_within_their_budget(page: str) -> None:
    template = PAGES[page]
    assert 0 < compressed(linked(template, "css")) <= CSS_BUDGET


@pytest.mark.parametrize("page", PAGES)
def test_scripts_stay_within_their_budget(page: str) -> None:
    template = PAGES[page]
    urls = modules_of(*linked(template, "js"))
    assert 0 < compressed({url.removeprefix("/static/") for url in urls}) <= JS_BUDGET
