"""The sentence that matters on top of a biography: whether trouble goes with the board or with the slot.

Pure. Says only what the stays prove; a board is a module where it is known, else its carrier.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

_NUMBERS: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True, slots=True)
class Lived:
    """One stay, as far as a verdict needs it. `failures`: trips and starts without good power."""

    board: str
    slot: str
    since: datetime
    until: datetime | None
    failures: int
    over_temperatures: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """`is_bad` when somebody should act on it."""

    text: str
    is_bad: bool = False


def verdict_on_board(stays: Sequence[Lived], noun: str = "board") -> Verdict:
    """Return what the stays of one board say of it."""
    failed = _distinct([stay.slot for stay in stays if stay.failures])
    fine = _distinct([stay.slot for stay in stays if not stay.failures and stay.slot not in failed])
    if len(failed) > 1:
        where = f"{', '.join(failed[:-1])} and {failed[-1]}"
        return Verdict(f"This {noun} failed in {_count(len(failed))} slots: {where}.", is_bad=True)
    if failed and fine:
        return Verdict(f"This {noun} failed in {failed[0]} alone; {_in_others(fine)}.")
    if failed:
        return Verdict(f"This {noun} failed in {failed[0]}; it has stood nowhere else.")
    if any(stay.over_temperatures for stay in stays):
        return Verdict(f"This {noun} never failed, but ran too hot.")
    return Verdict(f"Nothing has failed in {_stays(len(stays))}." if stays else "")


def verdict_on_slot(here: Sequence[Lived], elsewhere: Sequence[Lived]) -> Verdict:
    """Return what the stays in one slot say of it; `elsewhere`: stays of the same boards in other slots."""
    failed = _distinct([stay.board for stay in here if stay.failures])
    if not failed:
        return Verdict(f"Nothing has failed in {_stays(len(here))}." if here else "")
    killed = [board for board in failed if _never_came_back(board, here, elsewhere)]
    if len(killed) > 1:
        text = f"This slot has killed {_count(len(killed))} boards: none of them was put in again."
        return Verdict(text, is_bad=True)
    run_on = [board for board in failed if _runs_elsewhere(board, here, elsewhere)]
    if len(failed) > 1:
        boards = f"{_count(len(failed)).capitalize()} boards failed in this slot"
        if run_on:
            text = f"{boards}; {_count(len(run_on))} of them ran elsewhere without trouble. Suspect the slot."
            return Verdict(text, is_bad=True)
        return Verdict(f"{boards}.", is_bad=True)
    return Verdict("One board failed in this slot.")


def _never_came_back(board: str, here: Sequence[Lived], elsewhere: Sequence[Lived]) -> bool:
    """Whether the board's last stay of all is one in this slot that failed and has ended."""
    own = [stay for stay in (*here, *elsewhere) if stay.board == board]
    last = max(own, key=lambda stay: stay.since)
    return last in here and last.failures > 0 and last.until is not None


def _runs_elsewhere(board: str, here: Sequence[Lived], elsewhere: Sequence[Lived]) -> bool:
    """Whether the board stood in another slot after it had failed here, and did not fail there."""
    first = min(stay.since for stay in here if stay.board == board and stay.failures)
    later = [stay for stay in elsewhere if stay.board == board and stay.since > first]
    return bool(later) and not any(stay.failures for stay in later)


def _in_others(fine: Sequence[str]) -> str:
    if len(fine) == 1:
        return f"in {fine[0]} nothing failed"
    return f"in {_count(len(fine))} other slots nothing failed"


def _distinct(names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _stays(count: int) -> str:
    return "its only stay" if count == 1 else f"{_count(count)} stays"


def _count(number: int) -> str:
    return _NUMBERS[number] if number < len(_NUMBERS) else str(number)
