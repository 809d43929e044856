"""Watches every rail of a rack while a swap goes on: who switched what, and whether anybody had asked for it."""

from dataclasses import dataclass, field
from datetime import timedelta

from backplane.slots.models import Command
from backplane.slots.ops import STARTS
from tests.support.whole_rack import WholeRack, outside_the_loop

_REQUEST_LASTS = timedelta(seconds=100)  # turns, retries after 1, 5 and 30 s


@dataclass
class Witness:
    """`wrongs` says in words what must not have happened. Slots in `free` may change: a hand of the test is at them."""

    rack: WholeRack
    slot: int
    free: set[int] = field(default_factory=set)
    wrongs: list[str] = field(default_factory=list)
    may_restore: bool = False  # the chassis lost its power: restore policies act

    def __post_init__(self) -> None:
        """Begin to watch."""
        self.before = self.rails()
        self.rack.rig.on_rail = self._on_rail

    def rails(self) -> dict[int, bool]:
        """Return every rail but those of the swap and of free slots."""
        bays = self.rack.rig.world.bays
        watched = [bay for bay in bays if bay.number not in {self.slot, *self.free}]
        return {bay.number: bay.rail_is_commanded for bay in watched}

    def _on_rail(self, slot: int, on: bool) -> None:
        at = f"{self.rack.loop.time():.2f} s: slot {slot} {'on' if on else 'off'}"
        if slot != self.slot and slot not in self.free and not self.may_restore:
            self.wrongs.append(f"{at}, another slot")
        if not on:
            return
        core = self.rack.machine._core
        slots = [] if core is None else core.chassis.slots
        if any(each.released for each in slots if each.number == slot):
            self.wrongs.append(f"{at}, while released")
        if any(each.alarm for each in slots if self.slot in {slot, each.number}):
            self.wrongs.append(f"{at}, while in alarm")
        if not self.may_restore and not outside_the_loop(lambda: self._is_asked(slot)):
            self.wrongs.append(f"{at}, nobody asked")

    def _is_asked(self, slot: int) -> bool:
        since = self.rack.now - _REQUEST_LASTS
        asked = Command.objects.filter(slot__number=slot, op__in=STARTS, sent_at__gte=since)
        return asked.exists()

    def check(self) -> None:
        """Fail when something happened that must not."""
        assert self.wrongs == []
        after = self.rails()
        assert after == {number: self.before[number] for number in after}
