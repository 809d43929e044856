"""The four operations of a firmware update: their argument bytes, and what UPDATE_STATUS answers. Pure."""

from dataclasses import dataclass
from enum import IntEnum
from struct import Struct

from backplane.firmware_link.codes import Op
from backplane.firmware_link.commands import Order
from backplane.firmware_link.image import Image
from backplane.firmware_link.packing import known

MAX_DATA = 224  # what a frame of 253 bytes leaves beside type, seq, checksum, head and offset

_BEGIN = Struct("<II32s")
_OFFSET = Struct("<I")
_STATUS = Struct("<BBBBII8s8s8sIH")


class UpdatePhase(IntEnum):
    IDLE = 0
    CLEARING = 1
    RECEIVING = 2
    CHECKING = 3
    CHECKED = 4
    FAILED = 5
    RESTARTING = 6


class UpdateFault(IntEnum):
    NONE = 0
    NO_ROOM = 1
    FLASH = 2
    DIFFERS = 3
    OTHER_BOARD = 4
    OTHER_PYTHON = 5
    NO_MANIFEST = 6


class UpdateOutcome(IntEnum):
    """What became of the newest update that was committed."""

    NO_UPDATE = 0
    ON_TRIAL = 1
    CONFIRMED = 2
    NO_HOST = 3
    CRASHED = 4
    HUNG = 5


def update_begin(image: Image) -> Order:
    size = len(image.data)
    return Order(Op.UPDATE_BEGIN, _BEGIN.pack(len(image.manifest), size, image.digest))


def update_data(offset: int, data: bytes) -> Order:
    return Order(Op.UPDATE_DATA, _OFFSET.pack(offset) + data)


def update_commit(image: Image) -> Order:
    return Order(Op.UPDATE_COMMIT, image.digest)


def update_status() -> Order:
    return Order(Op.UPDATE_STATUS)


def received_bytes(data: bytes) -> int | None:
    """The answer to UPDATE_DATA: how far the board has it; None when it does not say."""
    return _OFFSET.unpack_from(data)[0] if len(data) >= _OFFSET.size else None


@dataclass(frozen=True, slots=True)
class UpdateStatus:
    """How an update stands. The digests are the first 8 bytes of an image's."""

    phase: UpdatePhase | int
    fault: UpdateFault | int
    running: int  # folder: 0 is a, 1 is b
    outcome: UpdateOutcome | int
    received: int
    size: int
    incoming: bytes
    running_digest: bytes
    outcome_digest: bytes
    free_bytes: int
    mpy: int

    def to_data(self) -> bytes:
        told = (self.phase, self.fault, self.running, self.outcome, self.received, self.size)
        digests = (self.incoming, self.running_digest, self.outcome_digest)
        return _STATUS.pack(*told, *digests, self.free_bytes, self.mpy)

    @classmethod
    def from_data(cls, data: bytes) -> "UpdateStatus | None":
        """None when the answer is too short to be one."""
        if len(data) < _STATUS.size:
            return None
        phase, fault, running, outcome, *rest = _STATUS.unpack_from(data)
        words = (known(UpdatePhase, phase), known(UpdateFault, fault), running)
        return cls(*words, known(UpdateOutcome, outcome), *rest)
