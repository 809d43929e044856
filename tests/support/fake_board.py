"""A firmware board whose inputs a test sets and whose outputs it reads. Deterministic; keeps no time."""

from collections.abc import Iterator
from pathlib import Path
from tomllib import loads
from typing import Any

from firmware.board import UNKNOWN, Board
from firmware.board_spec import BoardSpec

REFERENCE = Path(__file__).parents[2] / "firmware" / "boards" / "reference-10.toml"


def board_data() -> dict[str, Any]:
    """The reference board file; each call gives a fresh dict to change."""
    return loads(REFERENCE.read_text())


class FakeBoard(Board):  # type: ignore[misc]  # mypy does not read firmware/
    """Inputs change only when a test changes them; rails outlive the core that switched them."""

    def __init__(self, data: dict[str, Any] | None = None) -> None:
        super().__init__(BoardSpec(data or board_data()))
        self.board_id = b"\x24\x6f\x28\x01\x02\x03\0\0"
        self.simulated = True
        self.reset_cause = 5  # soft: it restarts at once
        self.switches = 0
        self.goes_good = self.spec.slots_mask  # slots whose rail reports power good when on
        self.stuck = 0  # slots whose switch does not obey
        self.running_ma = 400
        self.mv: dict[int, int] = {}  # overrides of the plain physics below
        self.ma: dict[int, int] = {}
        self.cdeg: dict[int, int] = {}
        self.carriers: dict[int, bytes] = {n: b"carrier-%02d" % n for n in self.slots()}
        self.lights: dict[int, int] = {}
        self.lines: dict[int, bool] = {}
        self.fans: dict[int, int] = {}
        self.reboots = 0
        self.fed = 0

    def slots(self) -> Iterator[int]:
        """The numbers of all slots."""
        return iter(range(1, self.spec.slot_count + 1))

    def sample(self, now_ms: int) -> None:
        self.power_good = self.switches & self.goes_good & ~self.tripped

    def rails(self) -> int:
        return self.switches

    def set_rail(self, slot: int, on: bool) -> None:
        if not self.stuck >> slot & 1:
            self.switches = (self.switches | 1 << slot) if on else (self.switches & ~(1 << slot))

    def set_shutdown_line(self, slot: int, asserted: bool) -> None:
        self.lines[slot] = asserted

    def clear_trip(self, slot: int) -> None:
        self.tripped &= ~(1 << slot)

    def rearm_halted(self, slot: int) -> None:
        self.halted &= ~(1 << slot)

    def set_lights(self, slot: int, word: int) -> None:
        self.lights[slot] = word

    def meter(self, slot: int) -> tuple[int, int]:
        if slot == 0:
            return 12000, self.ma.get(0, 1000)
        if not self.answering >> slot & 1:
            return UNKNOWN, UNKNOWN
        is_live = self.switches >> slot & 1 and not self.tripped >> slot & 1
        mv = self.mv.get(slot, 12000 if is_live else 0)
        flows = is_live and self.present >> slot & 1  # the short pin gates the switch
        return mv, self.ma.get(slot, self.running_ma if flows else 0)

    def temperature(self, slot: int) -> int:
        return self.cdeg.get(slot, 4500)

    def identity(self, slot: int) -> tuple[bytes, bytes, bytes] | None:
        uid = self.carriers.get(slot, b"")
        return (uid, b"SN1", b"tray") if uid and self.present >> slot & 1 else None

    def device_address(self, slot: int) -> int:
        return 0x20 + (slot - 1) // 2

    def set_fan(self, fan: int, duty: int) -> None:
        self.fans[fan] = duty

    def feed_watchdog(self) -> None:
        self.fed += 1

    def reboot(self) -> None:
        self.reboots += 1

    def insert(self, slot: int) -> None:
        """Close the presence contact."""
        self.present |= 1 << slot

    def pull(self, slot: int) -> None:
        """Open the presence contact."""
        self.present &= ~(1 << slot)
