"""Shows pages in Chromium that were rendered beforehand: no server, no database, no script of ours.

For looks: what a page is made of, its colours, how it bends. What scripts do is for tests with a server.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page, Route

_ROOT: Final = Path(__file__).resolve().parents[2]
_SITE: Final = "http://still.test"
_TYPES: Final = {".css": "text/css", ".svg": "image/svg+xml"}


class StillPages:
    """Pages by name, each the HTML that a view answered."""

    def __init__(self, context: BrowserContext, pages: Mapping[str, str]) -> None:
        self._pages = {f"/{number}/": html for number, html in enumerate(pages.values())}
        self._places = dict(zip(pages, self._pages, strict=True))
        context.route("**/*", self._answer)
        self.page: Page = context.new_page()

    def show(self, name: str) -> Page:
        """Open a page, as if its script had found the server live."""
        self.page.goto(_SITE + self._places[name])
        self.page.evaluate("document.body.dataset.level &&= 'live'")
        return self.page

    def _answer(self, route: Route) -> None:
        path = urlsplit(route.request.url).path
        if (html := self._pages.get(path)) is not None:
            route.fulfill(body=html, content_type="text/html; charset=utf-8")
        elif path.startswith("/static/") and (kind := _TYPES.get(Path(path).suffix)):
            route.fulfill(path=_ROOT / path.lstrip("/"), content_type=kind)
        else:
            route.fulfill(status=204)
