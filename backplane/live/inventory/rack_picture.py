"""A chassis as one drawing that stands alone: the metal, the blades, their words, and how old all of it is. Reads only.

No serials, no addresses: whoever sees a wiki page sees this too.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from django.db.models import Q

from backplane.live.pages.drawing import Drawing, drawing_of
from backplane.live.rendering import ChassisView, SlotView
from backplane.slots.boards import Geometry
from backplane.slots.models import Chassis, Module

_LINE_LETTERS: Final = 11  # of a state, which fit across a blade of 38.6 mm
_NAME_LETTERS: Final = 13
_LINES: Final = 3
_FOOT_MM: Final = 14.0
_OLD_AFTER_S: Final = 60


@dataclass(frozen=True, slots=True)
class Blade:
    """One slot: its box in mm, and words broken to its width."""

    number: int
    face: str
    x: float
    y: float
    width: float
    height: float
    middle: float
    words: tuple[tuple[float, str], ...]
    name: str


@dataclass(frozen=True, slots=True)
class Picture:
    drawing: Drawing
    title: str
    blades: tuple[Blade, ...]
    drawn: str
    age: str
    is_old: bool
    height: float
    foot: float
    is_simulated: bool
    is_recorded: bool

    @property
    def description(self) -> str:
        """The same in words, for those who hear it."""
        slots = ", ".join(
            f"slot {blade.number} {' '.join(word for _, word in blade.words).lower()}"
            for blade in self.blades
        )
        return f"{self.title}: {slots}. {self.age}"


def picture_of(view: ChassisView, row: Chassis, now: datetime) -> Picture:
    """Return the picture of a chassis as it is seen at `now`; a name made of a serial is left out."""
    serials = _serials(row)
    geometry, drawing = row.profile.geometry, drawing_of(row.profile)
    heard = row.last_heard_at
    age_s = None if heard is None else max(0, int((now - heard).total_seconds()))
    is_old = age_s is None or age_s > _OLD_AFTER_S or not view["link"]["up"]
    return Picture(
        drawing=drawing,
        title=view["name"],
        blades=tuple(
            _blade(_without(slot, serials), geometry, at)
            for at, slot in enumerate(_ordered(view, geometry))
        ),
        drawn=now.astimezone(UTC).strftime("%d %b %Y, %H:%M:%S UTC"),
        age=_age_words(age_s),
        is_old=is_old,
        height=drawing.height + _FOOT_MM,
        foot=round(drawing.height + _FOOT_MM * 0.65, 2),
        is_simulated=view["simulated"],
        is_recorded=view["recorded"],
    )


def _serials(row: Chassis) -> frozenset[str]:
    modules = Module.objects.filter(Q(slots__chassis=row) | Q(carriers__slots__chassis=row))
    found = modules.exclude(serial="").values_list("serial", flat=True)
    return frozenset(serial.casefold() for serial in found)


def _without(slot: SlotView, serials: frozenset[str]) -> SlotView:
    name = slot["name"].casefold()
    return {**slot, "name": ""} if any(serial in name for serial in serials) else slot


def _ordered(view: ChassisView, geometry: Geometry) -> list[SlotView]:
    slots = view["slots"]
    return list(reversed(slots)) if geometry.order == "rtl" else slots


def _blade(slot: SlotView, geometry: Geometry, at: int) -> Blade:
    gap = geometry.pitch_mm - geometry.slot_width_mm
    x = geometry.first_slot_mm + gap / 2 + at * geometry.pitch_mm
    top = geometry.slot_top_mm + geometry.slot_height_mm * 0.42
    return Blade(
        number=slot["n"],
        face=slot["face"],
        x=round(x, 2),
        y=geometry.slot_top_mm,
        width=geometry.slot_width_mm,
        height=geometry.slot_height_mm,
        middle=round(x + geometry.slot_width_mm / 2, 2),
        words=tuple(
            (round(top + 6.5 * line, 2), word) for line, word in enumerate(broken(slot["word"]))
        ),
        name=shortened(slot["name"]),
    )


def broken(words: str) -> list[str]:
    """Return words in at most three lines that fit across a blade."""
    lines: list[str] = []
    for word in words.split():
        if lines and len(lines[-1]) + 1 + len(word) <= _LINE_LETTERS:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return [shortened(line) for line in lines[:_LINES]]


def shortened(text: str) -> str:
    """Return text that fits across a blade."""
    return text if len(text) <= _NAME_LETTERS else f"{text[: _NAME_LETTERS - 1]}…"


def _age_words(age_s: int | None) -> str:
    if age_s is None:
        return "Never heard"
    if age_s < 120:
        return f"Heard {age_s} s before"
    if age_s < 7200:
        return f"Heard {age_s // 60} min before"
    return f"Heard {age_s // 3600} h before"
