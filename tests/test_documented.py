"""What the reference pages promise to list is listed: keys of the live views, settings, links and pictures."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[1]
VIEWS: Final = ("rendering", "lamps", "rows", "frames", "alarms", "records", "actions", "sentences")
_IN_CODE: Final = re.compile(r"`([^`]+)`|```(.*?)```", re.DOTALL)
_SETTING: Final = re.compile(
    r'\benv\.(?:text|flag|items|choice|time_zone|networks|secret|seconds|slot|bind)\("([A-Z_]+)"'
)
_LINK: Final = re.compile(r'\]\(([^)#\s]+)(?:#[^)]*)?\)|src="([^"]+)"')
PAGES: Final = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])


def keys_of(module: Path) -> Iterator[str]:
    """Yield the keys of a module's typed dictionaries, and of those that extend them."""
    dictionaries = {"TypedDict"}
    for node in ast.parse(module.read_text(encoding="utf-8")).body:
        if not isinstance(node, ast.ClassDef):
            continue
        if dictionaries.isdisjoint(ast.unparse(base) for base in node.bases):
            continue
        dictionaries.add(node.name)
        for line in node.body:
            if isinstance(line, ast.AnnAssign):
                yield ast.unparse(line.target)


def test_every_key_of_the_live_views_stands_in_the_protocol() -> None:
    page = (ROOT / "docs/live-protocol.md").read_text(encoding="utf-8")
    told = {
        word for code in _IN_CODE.finditer(page) for word in re.findall(r"\w+", code[1] or code[2])
    }
    files = [ROOT / f"backplane/live/{name}.py" for name in VIEWS]
    keys = {key for file in files for key in keys_of(file)}
    assert "face" in keys
    assert sorted(keys - told) == []


def test_every_setting_that_is_read_stands_in_the_table() -> None:
    files = [ROOT / "backplane/settings.py", *ROOT.glob("backplane/*.py")]
    read = {name for file in files for name in _SETTING.findall(file.read_text(encoding="utf-8"))}
    table = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `([A-Z_]+)` \|", table, re.MULTILINE))
    assert "OWN_SLOT" in read
    assert sorted(read - told) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_links_to_is_there(page: Path) -> None:
    links = [a or b for a, b in _LINK.findall(page.read_text(encoding="utf-8"))]
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert missing == []


def test_every_picture_is_shown_somewhere() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    pictures = {path.name for path in (ROOT / "docs/pictures").iterdir()}
    assert {name for name in pictures if f"pictures/{name}" not in text} == set()
