"""The state of a simulated rack that outlives its microcontroller, and its file.

Owns world.json: written whole and swapped in atomically, so that killing the process at any moment
equals a reset of the microcontroller with the power latches kept. Knows nothing of the firmware.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backplane.firmware_link.simulator.bay import Bay, Carrier
from backplane.firmware_link.simulator.pi import Pi, PiPhase, PiTraits

WORLD_FILE = "world.json"
FORMAT = 1
BENCH_LIMIT = 48  # carriers lying beside the rack; the one pulled longest ago is forgotten first


class WorldUnreadable(ValueError):  # noqa: N818  (named for what happened)
    """world.json is damaged or from another version."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return (
            f"The simulated rack in {self.path} cannot be read ({self.reason}). "
            f"Delete that file to begin with a fresh rack."
        )


@dataclass(slots=True)
class World:
    """Everything physical. Times are world milliseconds, which go on while nobody simulates."""

    bays: list[Bay]
    bench: dict[str, Carrier] = field(default_factory=dict)
    last_uid: dict[int, str] = field(default_factory=dict)  # per slot, for a plain `insert 7`
    now_ms: int = 0
    is_powered: bool = True
    power_was_lost: bool = (
        False  # the expander's power-on signature, until the firmware has read it
    )
    dead_supplies: list[int] = field(default_factory=list)

    def bay(self, slot: int) -> Bay:
        """Return the bay with that printed number, 1..N."""
        return self.bays[slot - 1]

    def lay_on_bench(self, carrier: Carrier, slot: int) -> None:
        """Keep a pulled carrier, so that it can go in again with its Pi."""
        self.bench.pop(carrier.uid, None)
        self.bench[carrier.uid] = carrier
        self.last_uid[slot] = carrier.uid
        while len(self.bench) > BENCH_LIMIT:
            self.bench.pop(next(iter(self.bench)))


def save_world(world: World, folder: Path) -> None:
    """Write world.json; a reader sees the old file or the new one, never a half."""
    text = json.dumps({"format": FORMAT, **_fields(world)}, separators=(",", ":"), default=_fields)
    scratch = folder / (WORLD_FILE + ".new")
    scratch.write_text(text, encoding="utf-8")
    scratch.replace(folder / WORLD_FILE)


def load_world(folder: Path, slot_count: int) -> World | None:
    """Read world.json; None if there is none yet.

    Raises WorldUnreadable for anything that is not a whole world with `slot_count` slots.
    """
    path = folder / WORLD_FILE
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["format"] != FORMAT:
            raise WorldUnreadable(path, f"format {data['format']!r}")
        world = _world(data)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, WorldUnreadable):
            raise
        raise WorldUnreadable(path, f"{type(error).__name__}: {error}") from error
    if len(world.bays) != slot_count:
        raise WorldUnreadable(path, f"it has {len(world.bays)} slots, the board has {slot_count}")
    return world


def _fields(record: "World | Bay | Carrier | Pi | PiTraits") -> dict[str, Any]:
    """Return a slotted dataclass as a dict, one level deep: asdict() copies all and takes 4 x as long."""
    return {name: getattr(record, name) for name in record.__slots__}


def _world(data: Mapping[str, Any]) -> World:
    return World(
        bays=[_bay(entry) for entry in data["bays"]],
        bench={uid: _carrier(entry) for uid, entry in data["bench"].items()},
        last_uid={int(slot): str(uid) for slot, uid in data["last_uid"].items()},
        now_ms=int(data["now_ms"]),
        is_powered=bool(data["is_powered"]),
        power_was_lost=bool(data["power_was_lost"]),
        dead_supplies=[int(number) for number in data.get("dead_supplies", [])],
    )


def _bay(data: Mapping[str, Any]) -> Bay:
    carrier = data["carrier"]
    return Bay(**{**data, "carrier": None if carrier is None else _carrier(carrier)})


def _carrier(data: Mapping[str, Any]) -> Carrier:
    pi = dict(data["pi"])
    pi["traits"] = PiTraits(**pi["traits"])
    pi["phase"] = PiPhase(pi["phase"])
    return Carrier(**{**data, "pi": Pi(**pi)})
