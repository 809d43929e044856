"""What the services' refusals mean to a browser: a sentence and a status."""

from dataclasses import dataclass
from typing import Final

from backplane.slots.errors import CommandNotAccepted, NotAtThisSite, NotPossible, StorageFull
from backplane.swaps.errors import NotYours, StaleSwap, SwapError, SwapExists

# The first that fits counts: the special ones stand before their families.
_STATUS: Final = (
    (StaleSwap, 409),
    (SwapExists, 409),
    (NotYours, 403),
    (NotAtThisSite, 403),
    (SwapError, 422),
    (NotPossible, 422),
    (CommandNotAccepted, 409),
    (StorageFull, 503),
)
REFUSED: Final = (SwapError, CommandNotAccepted, StorageFull)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a deed was not done."""

    text: str
    status: int


def refusal_of(error: Exception) -> Refusal:
    """Return what one of REFUSED means."""
    status = next(status for kind, status in _STATUS if isinstance(error, kind))
    text = f"Nothing was done. {error}" if status == 503 else str(error)
    return Refusal(text, status)
