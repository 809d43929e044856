"""The faces that a slot can show: their words, their icons, and which is worse than which.

Pure. faces.py says when a slot shows which.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Face(StrEnum):
    EMPTY = "empty"
    IDENTIFYING = "identifying"
    OFF = "off"
    STARTING = "starting"
    WAITING = "waiting"
    RUNNING = "running"
    POWERED = "powered"  # power is good; that anything runs cannot be seen
    HALTED = "halted"
    SHUTTING_DOWN = "shutting-down"
    SAFE = "safe"
    WARNING = "warning"
    FAULT = "fault"
    SUSPICIOUS = "suspicious"
    NO_DATA = "no-data"


ICONS: Final[dict[Face, str]] = {
    Face.EMPTY: "empty",
    Face.IDENTIFYING: "id",
    Face.OFF: "off",
    Face.STARTING: "up",
    Face.WAITING: "clock",
    Face.RUNNING: "run",
    Face.POWERED: "bolt",
    Face.HALTED: "halt",
    Face.SHUTTING_DOWN: "down",
    Face.SAFE: "eject",
    Face.WARNING: "warn",
    Face.FAULT: "fault",
    Face.SUSPICIOUS: "warn",
    Face.NO_DATA: "unk",
}
# Worst first: the order of the summary, and of lists that show what needs a person on top.
WORST_FIRST: Final = (
    Face.FAULT,
    Face.SUSPICIOUS,
    Face.WARNING,
    Face.NO_DATA,
    Face.HALTED,
    Face.SAFE,
    Face.WAITING,
    Face.SHUTTING_DOWN,
    Face.STARTING,
    Face.IDENTIFYING,
    Face.RUNNING,
    Face.POWERED,
    Face.OFF,
    Face.EMPTY,
)
WORDS: Final[dict[Face, str]] = {
    Face.EMPTY: "Empty",
    Face.IDENTIFYING: "Identifying",
    Face.OFF: "Off",
    Face.STARTING: "Starting",
    Face.WAITING: "Waiting for power",
    Face.RUNNING: "Running",
    Face.POWERED: "Power on",
    Face.HALTED: "Halted, power on",
    Face.SHUTTING_DOWN: "Shutting down",
    Face.SAFE: "Safe to remove",
    Face.WARNING: "Warning",
    Face.FAULT: "Fault",
    Face.SUSPICIOUS: "Suspicious",
    Face.NO_DATA: "No data",
}


@dataclass(frozen=True, slots=True)
class FaceView:
    """What a slot shows: `word` names the state, `detail` its cause, `advice` what a person can do."""

    face: Face
    word: str
    detail: str = ""
    advice: str = ""

    @property
    def icon(self) -> str:
        """The symbol's id, without "i-"."""
        return ICONS[self.face]


def view_of(face: Face, detail: str = "", advice: str = "", *, word: str = "") -> FaceView:
    """Return `face` with its own word, or a better one."""
    return FaceView(face, word or WORDS[face], detail, advice)
