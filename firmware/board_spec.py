"""A board file as an object: slots, senses, limits, timing.

The same data serves the server and the drawing of the chassis. Pure; takes a plain dict.
"""

from .wiring import parse_wire

_SENSES = {
    "presence": True,
    "handle": True,
    "power_good": True,
    "meter": True,
    "temperature": True,
    "identity": True,
    "halted_line": True,
    "shutdown_line": True,
}


class BoardSpec:
    """Facts of one board. Raises KeyError or ValueError for data that describes no board."""

    def __init__(self, data: dict) -> None:
        board = data["board"]
        limits = data.get("limits", {})
        timing = data.get("timing", {})
        self.data = data
        self.name: str = board["name"]
        self.title: str = board.get("title", self.name)
        self.slot_count: int = board["slots"]
        if not 1 <= self.slot_count <= 24:
            raise ValueError("slots must be 1 to 24")
        self.slots_mask: int = (2 << self.slot_count) - 2
        self.slots: list[dict] = self._ordered(data.get("slot", []))
        self.supplies: list[dict] = data.get("supply", [])
        self.supplies_mask: int = 0
        for supply in self.supplies:
            self.supplies_mask |= 1 << supply["number"]
        # Per slot the mask of the supplies that feed it; 0 where none is watched.
        self.feeds: list[int] = [self._feeds(n) for n in range(1, self.slot_count + 1)]
        self.redundancy: str = data.get("power", {}).get("redundancy", "none")
        self.fan_count: int = len(data.get("fan", []))
        self.esp32: dict = data.get("esp32", {})
        self.chips: list[dict] = data.get("chip", [])
        self._masks = {sense: self._mask_of(sense) for sense in _SENSES}

        self.budget_mw: int = limits.get("budget_mw", 150000)
        self.limit_ma: int = limits.get("limit_ma", 2000)
        self.over_temp_cdeg: int = limits.get("over_temp_cdeg", 8000)
        self.rail_mv: int = limits.get("rail_mv", 12000)
        self.rail_min_mv: int = limits.get("rail_min_mv", 11000)
        self.off_mv: int = limits.get("off_mv", 500)
        self.off_ma: int = limits.get("off_ma", 20)
        self.halted_ma: int = limits.get("halted_ma", 150)
        self.module_rating_mw: int = limits.get("module_rating_mw", 12000)
        self.stagger_ms: int = timing.get("stagger_ms", 500)
        self.power_good_ms: int = timing.get("power_good_ms", 200)
        self.retries_ms: list[int] = timing.get("retries_ms", [1000, 5000, 30000])
        self.shutdown_pulse_ms: int = timing.get("shutdown_pulse_ms", 200)
        self.shutdown_notice_ms: int = timing.get("shutdown_notice_ms", 90000)
        self.telemetry_period_ms: int = timing.get("telemetry_period_ms", 1000)

    def _ordered(self, rows: list[dict]) -> list[dict]:
        by_number = {row["number"]: row for row in rows}
        return [by_number.get(n, {"number": n}) for n in range(1, self.slot_count + 1)]

    def _feeds(self, slot: int) -> int:
        mask = 0
        for supply in self.supplies:
            fed = supply.get("feeds") or [slot]
            if slot in fed:
                mask |= 1 << supply["number"]
        return mask

    def has(self, slot: int, sense: str) -> bool:
        """Whether the board can sense this at a slot: the slot's own word, else the board's."""
        return bool(self._masks[sense] >> slot & 1)

    def addresses(self, slot: int) -> list[int]:
        """Bus addresses of the chips that hold the slot's pins."""
        by_name = {row["name"]: row["address"] for row in self.chips}
        chips = {parse_wire(text).chip for text in self.slots[slot - 1].get("pins", {}).values()}
        return sorted([by_name[chip] for chip in chips if chip in by_name])

    def mask(self, sense: str) -> int:
        """Mask of the slots where the board can sense this."""
        return self._masks[sense]

    def _mask_of(self, sense: str) -> int:
        default = self.data.get("senses", {}).get(sense, _SENSES[sense])
        bits = 0
        for number, row in enumerate(self.slots, 1):
            if row.get(sense, default):
                bits |= 1 << number
        return bits

    def forget_wiring(self) -> None:
        """The board layer has opened its chips and pins: their rows, some 10 kB, are needed no more."""
        self.data = {}
        self.slots = []
        self.chips = []
