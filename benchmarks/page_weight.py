"""Bytes over the wire for the first load of the chassis page in Chromium, with an empty cache.

Floor of the same run: the HTML alone. Counted by the browser itself (headers included).
"""

import tempfile
from pathlib import Path

from benchmarks.report import Figure
from tests.support.app_process import running_app
from tests.support.chromium import chromium, new_context, sign_in_page

TITLE = "First load of the chassis page"
_QUIET_MS = 1500  # after load: modules that load modules


def measure() -> list[Figure]:
    with (
        tempfile.TemporaryDirectory() as folder,
        running_app(Path(folder)) as app,
        chromium() as browser,
    ):
        context = new_context(browser)
        page = sign_in_page(context, app.url)
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.clearBrowserCache")  # of what the sign-in page left
        kinds: dict[str, str] = {}
        sizes: dict[str, float] = {}
        session.on(
            "Network.responseReceived",
            lambda event: kinds.update({event["requestId"]: event["type"]}),
        )
        session.on(
            "Network.loadingFinished",
            lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}),
        )
        page.goto(f"{app.url}/c/demo/")
        page.wait_for_timeout(_QUIET_MS)
        by_kind: dict[str, float] = {}
        for request, size in sizes.items():
            kind = kinds.get(request, "Other")
            by_kind[kind] = by_kind.get(kind, 0) + size / 1000
    total = sum(by_kind.values())
    parts = ", ".join(f"{kind} {size:.1f}" for kind, size in sorted(by_kind.items()))
    html = by_kind.get("Document", total)
    return [
        Figure(
            "compressed bytes, all of it",
            total,
            "kB",
            60,
            f"HTML alone {html:.1f} kB, ratio {total / html:.1f}",
        ),
        Figure("requests", len(sizes), "", None, parts),
    ]
