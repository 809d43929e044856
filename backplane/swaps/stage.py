"""What a swap's screen says and offers right now: plain data that pages render and tests compare.

Pure. One stage per (state, step, branch); `script.py` writes them, `live` draws them, nobody else knows the words.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

# What the whole card looks like: one tone, one meaning. "pull" is the only blue one, "stop" the only red one.
Tone = Literal["plain", "locate", "pull", "insert", "wait", "stop", "done"]
# immediate | asks first, naming the consequence | hold 1.5 s or type the slot's number
Guard = Literal[0, 2, 3]


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to fill in before a button acts.

    `kind`: "slots" is a pad of ten keys (one submit each), "choice" radio buttons, "checks" tick boxes that
    never block, "text" one line. `options`: (value, label).
    """

    name: str
    label: str
    kind: Literal["slots", "choice", "checks", "text"]
    options: tuple[tuple[str, str], ...] = ()
    is_required: bool = True
    help: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    """One thing a person can do; `do` goes to the swap's `do/` address with the fields.

    `who`: "holder" only (the technician who has the swap), "anybody" with the technician's role (approve,
    take over, message), "operator". `why_not` set: shown disabled with the reason.
    """

    do: str
    label: str
    look: Literal["main", "plain", "danger"] = "plain"
    guard: Guard = 0
    question: str = ""
    consequence: str = ""
    fields: tuple[Field, ...] = ()
    who: Literal["holder", "anybody", "operator"] = "holder"
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class LampHint:
    """The light that this stage is about, as the technician should see it: it is compared with what is read back."""

    slot: int
    lamp: Literal["status", "hotswap", "locate"]
    colour: str
    pattern: str  # the live protocol's names: on slow fast short long
    words: str  # "steady blue"


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a list on the card: a check of step 8, a field that would be written in step 9."""

    label: str
    value: str
    mark: Literal["", "ok", "bad", "wait", "unknown"] = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything a screen needs beside the chassis itself.

    `lead` and `sub` may mark one word with *asterisks* for emphasis. `ends_by` says in words what ends the
    step ("This moves on by itself when the Pi is out."). `deadline_at` is when the time-out strikes.
    """

    key: str  # "4", "4/wrong_pull", "parked", "done", "cancelled"
    step: int
    tone: Tone
    icon: str  # of the sprite
    title: str  # "Pull slot 7"
    lead: str = ""
    sub: str = ""
    ends_by: str = ""
    hint: LampHint | None = None
    lines: tuple[Line, ...] = ()
    buttons: tuple[Button, ...] = ()  # of this step, most likely first
    more: tuple[
        Button, ...
    ] = ()  # always below: park, cancel, light is not as said, message, take over
    is_alert: bool = False  # role=alert, vibration, tone
    deadline_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StepLine:
    """One row of the list of nine."""

    number: int
    word: str
    note: str  # "You tapped 7", "web-03 stopped in 7 s"
    state: Literal["done", "now", "todo", "skipped"]
    at: datetime | None = None
