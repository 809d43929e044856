"""axe over a page in every look that people have: light and dark, desk and phone, without loading it anew."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
_SIZES = ((1440, 900), (390, 844))


def load_axe() -> Axe:
    """Return axe; the test is skipped where the development packages of Node are missing."""
    if not _AXE.exists():
        pytest.skip("axe-core is a development package of Node; `make check` installs it")
    return Axe.from_file(_AXE)


def violations(axe: Axe, page: Page, part: str | None = None) -> list[str]:
    """Return what axe finds wrong, with the look in which it is; `part` is a selector, None the whole page."""
    found = []
    for look in _looks(page):
        for violation in axe.run(page, context=part, options=_RULES).response["violations"]:
            targets = [node["target"] for node in violation["nodes"]][:4]
            found.append(f"{look}: {violation['id']} at {targets}")
    return found


def _looks(page: Page) -> Iterator[str]:
    """Show the page in each colour scheme and width, one after the other."""
    for scheme in ("light", "dark"):
        for width, height in _SIZES:
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme=scheme)
            yield f"{scheme} {width}"
