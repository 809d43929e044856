"""Takes headers off the static files that no browser needs: with forty small files they weigh as much as the page.

Must stand outside the middleware that sets them. Touches nothing but files that never change.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

# A file whose name changes with its content is never asked about again, so nothing needs to tell its versions
# apart; the others speak of pages.
_IDLE: Final = (
    "Last-Modified",
    "ETag",
    "Referrer-Policy",
    "Cross-Origin-Opener-Policy",
)
_MODULE: Final = "text/javascript"


@sync_and_async_middleware
def lean_static_files(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Return a middleware that trims what is marked immutable."""
    if iscoroutinefunction(get_response):
        ask: Callable[[HttpRequest], Awaitable[HttpResponseBase]] = get_response

        async def answer_later(request: HttpRequest) -> HttpResponseBase:
            return _trimmed(await ask(request))

        return answer_later

    def answer(request: HttpRequest) -> HttpResponseBase:
        return _trimmed(get_response(request))

    return answer


def _trimmed(response: HttpResponseBase) -> HttpResponseBase:
    if "immutable" in response.headers.get("Cache-Control", ""):
        for name in _IDLE:
            response.headers.pop(name, None)
        # A module is UTF-8 by its specification, whatever is said of it.
        if response.headers.get("Content-Type", "").startswith(f"{_MODULE};"):
            response.headers["Content-Type"] = _MODULE
    return response
