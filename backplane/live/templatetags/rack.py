"""Template tags of the pages: icons, times, the import map, the mark of simulated racks.

Display only: nothing here decides anything or writes.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from django import template
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from backplane.live.faces import WORST_FIRST
from backplane.live.lamps import NO_LAMP, NO_LAMP_WORDS, Lamp
from backplane.slots.identities import carrier_text
from backplane.slots.models import Carrier, Chassis
from backplane.slots.models.chassis import REPLAYED_ENDING

register = template.Library()

# Not for pages: type definitions, which nothing imports at run time, and the service worker's own script.
_NOT_FOR_PAGES: Final = ("views", "sw")
_IMPORTED: Final = re.compile(
    r"""^(?:(?:import|export)\b[^"';]*? from|import) "(\.[^"]+)";$""", re.MULTILINE
)
_PATTERN_WORDS: Final = {
    "on": "steady",
    "slow": "blinking slowly",
    "fast": "blinking fast",
    "short": "short blinks",
    "long": "long blinks",
    "pfa": "blinking",
}


@register.simple_tag
def icon(name: str, classes: str = "") -> SafeString:
    """One symbol of the sprite. It says nothing to a screen reader; the words beside it do."""
    sprite = static("img/icons.svg")
    shape = (
        '<svg class="icon{}" aria-hidden="true" focusable="false"><use href="{}#i-{}"></use></svg>'
    )
    return format_html(shape, f" {classes}" if classes else "", sprite, name)


@register.simple_tag
def clock(moment: datetime | str | None, form: str = "time") -> SafeString:
    """A time for people: the server's zone at first, the browser's once times.js has run; UTC on hover.

    `form`: time (14:02:31) or day (20 Nov 2026, 14:02:31).
    """
    if not moment:
        return format_html("{}", "unknown")
    at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    shown = timezone.localtime(at).strftime("%H:%M:%S" if form == "time" else "%d %b %Y, %H:%M:%S")
    utc = at.astimezone(UTC)
    return format_html(
        '<time datetime="{}" title="{} UTC" data-form="{}">{}</time>',
        utc.isoformat(timespec="seconds").replace("+00:00", "Z"),
        utc.strftime("%Y-%m-%d %H:%M:%S"),
        form,
        shown,
    )


@register.filter
def carrier_name(carrier: Carrier) -> str:
    """What people call a carrier: its label, else its number as it is read."""
    return carrier.label or carrier_text(carrier.uid)


@register.filter
def has_page(event_id: str) -> bool:
    """Whether an event has a page of its own; a lost link is told of many rows at once, and has none."""
    return not event_id.startswith("l")


@register.filter
def lamp_words(lamp: Lamp) -> str:
    """What one lamp does, in words: "green, steady"."""
    if lamp["pattern"] == NO_LAMP:
        return NO_LAMP_WORDS
    if "off" in (lamp["colour"], lamp["pattern"]):
        return "off"
    return f"{lamp['colour']}, {_PATTERN_WORDS[lamp['pattern']]}"


@register.simple_tag
def face_order() -> str:
    """Faces, worst first, for the list that puts what needs a person on top."""
    return " ".join(WORST_FIRST)


@register.simple_tag
def simulated_racks() -> list[str]:
    """Names of the racks whose boards call themselves simulated and are there."""
    rows = Chassis.objects.filter(is_simulated=True)
    return [str(chassis) for chassis in rows if not chassis.is_replayed]


@register.simple_tag
def recorded_racks() -> list[str]:
    """Names of the racks that are played from a recording."""
    rows = Chassis.objects.filter(board_id__endswith=REPLAYED_ENDING)
    return [str(chassis) for chassis in rows]


@register.inclusion_tag("_import_map.html", takes_context=True)
def import_map(context: template.Context, *entries: str) -> dict[str, object]:
    """Every module's plain URL beside its hashed one, so that `import "./dom.js"` finds the hashed file.

    With `entries` only what these import: hashes do not compress, and a page that has these alone needs no others.
    """
    names = _names_of(entries) if entries else _modules()
    return {
        "pairs": [(settings.STATIC_URL + name, staticfiles_storage.url(name)) for name in names],
        "nonce": str(context.get("CSP_NONCE", "")),
    }  # str: it is made when first read


@register.inclusion_tag("_preload_modules.html")
def preload_modules(*entries: str) -> dict[str, object]:
    """Ask for these modules and all that they import at once, not one level of imports after the other."""
    return {"urls": modules_of(*entries)}


def modules_of(*entries: str) -> list[str]:
    """Return the hashed URLs of these modules and of all that they import; paths as below static/."""
    return [staticfiles_storage.url(name) for name in _names_of(entries)]


def _names_of(entries: Sequence[str]) -> list[str]:
    root = Path(settings.STATICFILES_DIRS[0])
    found: dict[Path, None] = {}
    waiting = [root / entry for entry in entries]
    while waiting:
        path = waiting.pop(0).resolve()
        if path in found:
            continue
        found[path] = None
        imports = _IMPORTED.findall(path.read_text(encoding="utf-8"))
        waiting += [path.parent / imported for imported in imports]
    return [path.relative_to(root.resolve()).as_posix() for path in found]


def _modules() -> list[str]:
    root = Path(settings.STATICFILES_DIRS[0])
    names = sorted(path.relative_to(root).as_posix() for path in (root / "js").rglob("*.js"))
    return [name for name in names if Path(name).stem not in _NOT_FOR_PAGES]
