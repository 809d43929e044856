"""Labels to print: one for each slot and one for the chassis, with the short address as a QR code. Reads only.

In capitals a code needs only the alphanumeric mode, so that it stays small enough for a tape.
"""

from dataclasses import dataclass
from typing import Final

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from backplane.live.pages.subject import subject_of

_MODULE_MM: Final = 0.5
_QUIET_MODULES: Final = 4  # what the standard wants around a code


@dataclass(frozen=True, slots=True)
class Label:
    """`path` draws the dark modules in a square of `side` units; "" where no address is set."""

    big: str
    small: str
    address: str
    path: str
    side: int

    @property
    def mm(self) -> float:
        """Width in print: half a millimetre a module, which phones read from an arm's length."""
        return self.side * _MODULE_MM


@require_safe
def labels(request: HttpRequest, slug: str) -> HttpResponse:
    """Every label of one chassis, on a sheet."""
    subject = subject_of(slug)
    row = subject.row
    base = settings.PUBLIC_URL
    slots = [
        label(base, f"/S/{row.slug}-{bay['n']:02}/", str(bay["n"]), str(row))
        for bay in subject.view["slots"]
    ]
    context = {
        "chassis": subject.view,
        "labels": slots,
        "chassis_label": label(base, f"/C/{row.slug}/", str(row), row.location),
        "public_url": base,
    }
    return render(request, "live/labels.html", context)


def label(base: str, path: str, big: str, small: str) -> Label:
    """Return a label; the address in capitals, as short as it can be coded."""
    address = f"{base}{path}".upper()
    if not base:
        return Label(big, small, address, "", 0)
    code = segno.make_qr(address, error="q", mode="alphanumeric", boost_error=False)
    return Label(big, small, address, modules_path(code), len(code.matrix) + 2 * _QUIET_MODULES)


def modules_path(code: segno.QRCode) -> str:
    """Return the dark modules as one SVG path, each run of a row as one rectangle."""
    parts = []
    for y, row in enumerate(code.matrix, start=_QUIET_MODULES):
        x = 0
        while x < len(row):
            run = x
            while run < len(row) and row[run]:
                run += 1
            if run > x:
                parts.append(f"M{x + _QUIET_MODULES} {y}h{run - x}v1h-{run - x}z")
            x = max(run, x + 1)
    return "".join(parts)
