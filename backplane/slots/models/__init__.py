"""The tables of the slot domain, by topic: what stands where, what it is, what happened."""

from backplane.slots.models.chassis import Chassis, Installation, LinkState, Slot
from backplane.slots.models.hardware import Carrier, Module
from backplane.slots.models.history import Command, Gap, HardwareEvent, Transition

__all__ = [
    "Carrier",
    "Chassis",
    "Command",
    "Gap",
    "HardwareEvent",
    "Installation",
    "LinkState",
    "Module",
    "Slot",
    "Transition",
]
