"""The pins of a simulated board, and their own log: the record that everything else is judged against."""

from dataclasses import dataclass
from typing import Any

from tests.support.fake_board import FakeBoard, board_data

PRESENCE, HANDLE, RAIL, TRIP = "presence", "handle", "rail", "trip"


@dataclass(frozen=True, slots=True)
class Change:
    """One edge of one pin. by_firmware: the core drove it, else the world did."""

    at_ms: int
    slot: int
    pin: str
    level: bool
    by_firmware: bool = False


def small_board(slots: int) -> dict[str, Any]:
    """The reference board with fewer slots."""
    data = board_data()
    data["board"]["slots"] = slots
    data["slot"] = data["slot"][:slots]
    return data


class Pins(FakeBoard):
    """Logs each edge with the world's time, whoever made it."""

    def __init__(self, slots: int) -> None:
        self.now_ms = 0
        self.log: list[Change] = []
        self.is_fresh = False  # the latches' power-on signature
        self.tripped = 0
        super().__init__(small_board(slots))

    def _note(self, slot: int, pin: str, *, level: bool, by_firmware: bool = False) -> None:
        self.log.append(Change(self.now_ms, slot, pin, level, by_firmware))

    def set_presence(self, slot: int, *, closed: bool) -> None:
        if bool(self.present >> slot & 1) != closed:
            self.present ^= 1 << slot
            self._note(slot, PRESENCE, level=closed)

    def set_handle(self, slot: int, *, closed: bool) -> None:
        if bool(self.handles_closed >> slot & 1) != closed:
            self.handles_closed ^= 1 << slot
            self._note(slot, HANDLE, level=closed)

    def raise_trip(self, slot: int) -> None:
        if not self.tripped >> slot & 1:
            self.tripped |= 1 << slot
            self._note(slot, TRIP, level=True)

    def lose_power(self) -> None:
        """The latches forget what they held."""
        for slot in self.slots():
            if self.switches >> slot & 1:
                self._note(slot, RAIL, level=False)
            if self.tripped >> slot & 1:
                self._note(slot, TRIP, level=False)
        self.switches = 0
        self.tripped = 0
        self.is_fresh = True

    def forget_power_loss(self) -> None:
        super().forget_power_loss()
        self.is_fresh = False

    def set_rail(self, slot: int, on: bool) -> None:
        was_on = bool(self.switches >> slot & 1)
        super().set_rail(slot, on)
        if was_on != bool(on):
            self._note(slot, RAIL, level=bool(on), by_firmware=True)

    def clear_trip(self, slot: int) -> None:
        if self.tripped >> slot & 1:
            self._note(slot, TRIP, level=False, by_firmware=True)
        super().clear_trip(slot)
