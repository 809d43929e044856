"""Why a deed was not done, each with the sentence for the person who tried.

SwapError
    SwapExists      the slot has an unfinished swap already
    StaleSwap       the swap has moved on since the page was drawn
    NotYours        another person has the swap, or the role does not allow it
    NotPossible     this step does not offer that now
"""

# ruff: noqa: N818  (the names say what is wrong; the base class says that it is an error)

from dataclasses import dataclass


@dataclass
class SwapError(Exception):
    """Base of all errors of swaps."""

    def __post_init__(self) -> None:
        Exception.__init__(self)


@dataclass
class SwapExists(SwapError):
    number: int
    slot: int
    holder: str

    def __str__(self) -> str:
        whose = f" of {self.holder}" if self.holder else ""
        return f"Slot {self.slot} has swap {self.number}{whose} already."


@dataclass
class StaleSwap(SwapError):
    step: int
    title: str

    def __str__(self) -> str:
        end = "" if self.title.endswith("?") else "."
        return f"Changed since you looked: step {self.step} of 9, {self.title}{end}"


@dataclass
class NotYours(SwapError):
    reason: str

    def __str__(self) -> str:
        return self.reason


@dataclass
class NotPossible(SwapError):
    reason: str

    def __str__(self) -> str:
        return self.reason
