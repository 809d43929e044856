"""Keeps the answer of step 2 off the screen of whoever has to give it: they shall look at the rack. Pure.

A number that is read off the screen proves nothing about the light; so while it is asked for, it stands nowhere.
"""

import re
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from backplane.swaps.stage import Stage
from backplane.swaps.steps import Branch, Step

T = TypeVar("T")
_OWN_SLOT = (
    f"{Step.CONFIRM.value}/{Branch.OWN_SLOT}"  # asks something else, and wants the number typed
)


def hides_number(stage: Stage, *, is_open: bool, is_holder: bool) -> bool:
    """Say whether this reader is being asked which slot it is. Who follows is not, and may know."""
    return is_open and is_holder and stage.step == Step.CONFIRM and stage.key != _OWN_SLOT


def without_number(text: str, number: int) -> str:
    """Return `text` with the slot called "this slot"."""
    named = re.compile(rf"\b(s)lot \*?{number}\*?(?!\d)", re.IGNORECASE)
    return named.sub(lambda found: "This slot" if found[1] == "S" else "this slot", text)


def veiled(thing: T, number: int) -> T:
    """Return texts, tuples and dataclasses of them with the slot called "this slot"."""
    return _veiled(thing, number)  # type: ignore[no-any-return]  # of the same type as it came


def _veiled(thing: Any, number: int) -> Any:  # noqa: ANN401  (whatever a stage is made of)
    if isinstance(thing, str):
        # A StrEnum is no sentence.
        return without_number(thing, number) if type(thing) is str else thing
    if isinstance(thing, tuple):
        return tuple(_veiled(each, number) for each in thing)
    if is_dataclass(thing) and not isinstance(thing, type):
        now = {one.name: getattr(thing, one.name) for one in fields(thing)}
        return replace(thing, **{name: _veiled(value, number) for name, value in now.items()})
    return thing
