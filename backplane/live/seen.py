"""What is seen of one slot, as facts with units: the input of faces, actions and rows.

Pure. Decodes the words of the board's STATE report; `None` always means "not known", never off or zero.
"""

from dataclasses import dataclass
from datetime import datetime

from backplane.slots.facts import SlotFlag, SlotState


@dataclass(frozen=True, slots=True)
class Reading:
    """The newest measurement of one slot; each value may be unknown on its own."""

    mv: int | None = None
    ma: int | None = None
    cdeg: int | None = None
    at: datetime | None = None

    @property
    def watts(self) -> float | None:
        """Power drawn, in W; None unless both volts and amps are known."""
        if self.mv is None or self.ma is None:
            return None
        return self.mv * self.ma / 1_000_000


@dataclass(frozen=True, slots=True)
class SlotSeen:
    """One slot as the hardware reports it. `flags` None: nothing is known of it now.

    `cut_for`: the fault for which the rail was last switched off, in words; "" when it was not a fault.
    `has_lost_power`: it is in M3 because its power failed, not because it starts.
    `wanted_instead`: the released slots of the chassis, which a wrong pull should have been.
    `lamps`: those that the board has at this slot.
    `is_alarmed`: it has an alarm, by the board's flag or by the history. `belongs`: while it has an alarm, who was in it when that began; "" not known.
    """

    number: int
    state: SlotState
    flags: SlotFlag | None
    since: datetime
    reading: Reading = Reading()
    lights: int | None = None
    name: str = ""
    trip_ma: int | None = None
    cut_for: str = ""
    has_lost_power: bool = False
    identity_is_sensed: bool = True
    has_shutdown_line: bool = True
    lamps: tuple[str, ...] = ("status", "hotswap", "locate")
    waiting_for: str = ""
    wanted_instead: tuple[int, ...] = ()
    is_alarmed: bool = False
    belongs: str = ""

    def has(self, flag: SlotFlag) -> bool:
        """Whether `flag` is known to be set; a slot of which nothing is known has no flag."""
        return self.flags is not None and flag in self.flags

    @property
    def is_known(self) -> bool:
        """Whether anything may be said about this slot at all."""
        if self.flags is None or self.state is SlotState.COMMUNICATION_LOST:
            return False
        return SlotFlag.NOT_ANSWERING not in self.flags

    @property
    def is_present(self) -> bool | None:
        """Whether a carrier sits in the slot; None where the board cannot sense it or nothing is known."""
        if not self.is_known or not self.has(SlotFlag.SENSES_PRESENCE):
            return None
        return self.has(SlotFlag.PRESENT)
