"""axe over a page in every look that people have: light and dark, desk and phone, without loading it anew."""

from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Page

_AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
_TAGS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# The dark scheme redefines colours and nothing else: what a page is made of was judged in the light one.
_OF_COLOUR: Final = ["color-contrast", "link-in-text-block"]
_SIZES: Final = ((1440, 900), (390, 844))
_RUN: Final = """([part, runOnly]) =>
    axe.run(part ?? document, { runOnly, resultTypes: ["violations"] }).then(({ violations }) =>
        violations.map(({ id, nodes }) => `${id} at ${nodes.slice(0, 4).map((node) => node.target)}`))"""


def load_axe() -> str:
    """Return axe's script; the test is skipped where the development packages of Node are missing."""
    if not _AXE.exists():
        pytest.skip("axe-core is a development package of Node; `make check` installs it")
    return _AXE.read_text()


def violations(axe: str, page: Page, part: str | None = None) -> list[str]:
    """Return what axe finds wrong, with the look in which it is; `part` is a selector, None the whole page."""
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width, height in _SIZES:
            page.set_viewport_size({"width": width, "height": height})
            rules = _OF_COLOUR if scheme == "dark" else None
            found += [f"{scheme} {width}: {one}" for one in look(axe, page, part, rules)]
    return found


def look(
    axe: str, page: Page, part: str | None = None, rules: list[str] | None = None
) -> list[str]:
    """Return what axe finds wrong in the page as it is; `rules` by name, None: all of WCAG A and AA."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe)
    only: Any = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": _TAGS}
    found: list[str] = page.evaluate(_RUN, [part, only])
    return found
