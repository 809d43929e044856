"""Board profiles: the data file of a board as the server and the drawing want it.

Reads firmware/boards/NAME.toml, the same file that the firmware runs on. An unknown board gets a plain
profile drawn from its slot count, marked as such; it is never an error.
"""

import re
import tomllib
from dataclasses import dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

BOARDS_DIR = Path(__file__).resolve().parents[2] / "firmware" / "boards"
_T = TypeVar("_T")
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Geometry:
    """The front view in millimetres."""

    u: int = 3
    width_mm: float = 482.6
    height_mm: float = 132.5
    ear_mm: float = 16.0
    first_slot_mm: float = 38.1
    pitch_mm: float = 40.64
    slot_width_mm: float = 38.6
    slot_top_mm: float = 5.0
    slot_height_mm: float = 122.5
    order: str = "ltr"
    face: str = "front"
    lamps: tuple[str, ...] = ("status", "hotswap", "locate")
    holes_mm: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """Electrical and thermal limits; the server shows and plans with them, the firmware enforces."""

    budget_mw: int = 150_000
    limit_ma: int = 2_000
    over_temp_cdeg: int = 8_000
    warn_temp_cdeg: int = 7_500
    rail_mv: int = 12_000
    rail_min_mv: int = 11_000
    off_mv: int = 500
    off_ma: int = 20
    halted_ma: int = 150
    module_rating_mw: int = 12_000
    stagger_ms: int = 500


@dataclass(frozen=True, slots=True)
class Senses:
    """What the board can see; what it cannot, a person is asked."""

    presence: bool = True
    handle: bool = True
    meter: bool = True
    temperature: bool = True
    identity: bool = True
    halted_line: bool = True
    shutdown_line: bool = True


@dataclass(frozen=True, slots=True)
class Supply:
    """One power supply; `feeds` names the slots on it, none means all."""

    number: int
    name: str
    mv: int
    rating_mw: int
    feeds: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class BoardProfile:
    """One kind of board; `is_known` is False for the plain profile of an unknown one."""

    name: str
    title: str
    slot_count: int
    geometry: Geometry = Geometry()
    limits: Limits = Limits()
    senses: Senses = Senses()
    supplies: tuple[Supply, ...] = ()
    redundancy: str = (
        "none"  # "n+1": the budget leaves out the largest supply of those that share slots
    )
    slot_senses: dict[int, Senses] = field(default_factory=dict)
    is_known: bool = True

    def senses_of(self, slot: int) -> Senses:
        """Return what the board can see of this slot."""
        return self.slot_senses.get(slot, self.senses)


@lru_cache(maxsize=64)
def load_profile(name: str, slot_count: int, boards_dir: Path = BOARDS_DIR) -> BoardProfile:
    """Return the profile of board `name`; a plain one when the name or its slot count is unknown."""
    path = boards_dir / f"{name}.toml"
    if not _NAME.fullmatch(name) or not path.is_file():
        return plain_profile(name, slot_count)
    profile = parse_profile(tomllib.loads(path.read_text(encoding="utf-8")))
    return profile if profile.slot_count == slot_count else plain_profile(name, slot_count)


def plain_profile(name: str, slot_count: int) -> BoardProfile:
    """Return a profile for a board without a data file: its slots spread evenly over the panel."""
    outer = Geometry()
    usable_mm = outer.width_mm - 2 * outer.first_slot_mm
    pitch_mm = round(usable_mm / max(slot_count, 1), 2)
    geometry = Geometry(pitch_mm=pitch_mm, slot_width_mm=round(pitch_mm * 0.95, 2))
    title = f"Unknown board {name}" if name else "Unknown board"
    return BoardProfile(name, title, slot_count, geometry, is_known=False)


def parse_profile(data: dict[str, Any]) -> BoardProfile:
    """Turn a board file's contents into a profile; keys that only the firmware needs are skipped."""
    board = data["board"]
    senses = _pick(Senses, data.get("senses", {}))
    return BoardProfile(
        name=board["name"],
        title=board.get("title", board["name"]),
        slot_count=board["slots"],
        geometry=_pick(Geometry, data.get("geometry", {})),
        limits=_pick(Limits, data.get("timing", {}) | data.get("limits", {})),
        senses=senses,
        redundancy=data.get("power", {}).get("redundancy", "none"),
        supplies=tuple(_pick(Supply, supply) for supply in data.get("supply", [])),
        slot_senses={
            slot["number"]: _pick(Senses, data.get("senses", {}) | slot)
            for slot in data.get("slot", [])
        },
    )


def _pick(kind: type[_T], values: dict[str, Any]) -> _T:
    names = {entry.name for entry in fields(kind)}  # type: ignore[arg-type]  # only dataclasses are handed in
    return kind(**{name: _freeze(value) for name, value in values.items() if name in names})


def _freeze(value: Any) -> Any:  # noqa: ANN401  (whatever TOML holds)
    return tuple(_freeze(item) for item in value) if isinstance(value, list) else value
