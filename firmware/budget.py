"""Whether one more rail fits: a good supply that feeds it, what these supplies give, the chassis' ceiling.

Decides only about switching on. Nothing here ever cuts a rail.
"""

from . import codes
from .chassis import Chassis
from .slot import Slot


class Budget:
    """Ceilings in milliwatts. A rail counts with the larger of the module rating and its measured power."""

    def __init__(self, chassis: Chassis) -> None:
        self._chassis = chassis
        self._is_redundant = chassis.spec.redundancy == "n+1"

    def is_fed(self, slot: Slot) -> bool:
        """Whether a good supply feeds this slot; True where no supply is watched."""
        return not slot.feeds or bool(slot.feeds & self._chassis.board.supplies_good)

    def fits(self, slot: Slot) -> bool:
        """Whether every ceiling still holds with this rail on."""
        rating = self._chassis.spec.module_rating_mw
        total = shared = rating
        for other in self._chassis.slots:
            if other.rail and other is not slot:
                draw = _draw_mw(other, rating)
                total += draw
                if not other.feeds & ~slot.feeds:  # fed by these supplies alone
                    shared += draw
        if total > self._chassis.config.get(codes.BUDGET_MW):
            return False
        ceiling = self._supplies_mw(slot.feeds)
        return ceiling is None or shared <= ceiling

    def _supplies_mw(self, feeds: int) -> int | None:
        """What these supplies give, without the spare one of a redundant chassis; None if not known."""
        ratings = []
        lost = 0
        for supply in self._chassis.spec.supplies:
            bit = 1 << supply["number"]
            if feeds & bit:
                ratings.append(supply.get("rating_mw", 0))
                lost += 0 if self._chassis.board.supplies_good & bit else ratings[-1]
        if not ratings or 0 in ratings:
            return None
        spare = max(ratings) if self._is_redundant and len(ratings) > 1 else 0
        return sum(ratings) - max(spare, lost)


def _draw_mw(slot: Slot, rating_mw: int) -> int:
    known = codes.UNKNOWN not in (slot.mv, slot.ma)
    return max(rating_mw, slot.mv * slot.ma // 1000 if known else 0)
