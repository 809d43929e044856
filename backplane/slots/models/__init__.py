"""The tables of the slot domain, by topic: what stands where, what it is, what happened."""

from backplane.slots.models.chassis import Chassis, Installation, LinkState, Slot
from backplane.slots.models.equipment import Controller, RackPicture, Supply
from backplane.slots.models.firmware import UNFINISHED_UPDATES, FirmwareUpdate, UpdateState
from backplane.slots.models.hardware import Asset, AssetStatus, Carrier, Module
from backplane.slots.models.history import Command, Gap, HardwareEvent, Transition
from backplane.slots.models.lives import FlightRecord, Stay
from backplane.slots.models.runs import UNFINISHED_RUNS, PowerRun, RunState
from backplane.slots.models.telemetry import TelemetryMinute
from backplane.slots.runs import RunKind

__all__ = [
    "UNFINISHED_RUNS",
    "UNFINISHED_UPDATES",
    "Asset",
    "AssetStatus",
    "Carrier",
    "Chassis",
    "Command",
    "Controller",
    "FirmwareUpdate",
    "FlightRecord",
    "Gap",
    "HardwareEvent",
    "Installation",
    "LinkState",
    "Module",
    "PowerRun",
    "RackPicture",
    "RunKind",
    "RunState",
    "Slot",
    "Stay",
    "Supply",
    "TelemetryMinute",
    "Transition",
    "UpdateState",
]
