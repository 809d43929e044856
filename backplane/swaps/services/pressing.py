"""What came with a press: the person, and what they filled in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from backplane.people.audit import Actor
from backplane.people.roles import Role
from backplane.swaps.errors import NotPossible
from backplane.swaps.services.session import Session

_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Press:
    """Values as a form sends them: each name with a list of texts."""

    values: Mapping[str, list[str]]
    actor: Actor
    role: Role

    def text(self, name: str) -> str:
        """Return one line without blanks around it, "" for none."""
        said = self.values.get(name) or [""]
        return " ".join(str(said[0]).split())[:_LONGEST]

    def needed(self, name: str, what: str) -> str:
        """Return one line that must be there. Raises NotPossible."""
        said = self.text(name)
        if not said:
            raise NotPossible(f"Say {what}.")
        return said

    def number(self, name: str) -> int | None:
        said = self.text(name)
        return int(said) if said.isdecimal() else None

    def texts(self, name: str) -> list[str]:
        return [" ".join(str(each).split())[:_LONGEST] for each in self.values.get(name, [])]

    @property
    def reason(self) -> str:
        """Return what was given as reason, under whichever name the form has it."""
        return self.text("reason") or self.text("note")


DoDeed = Callable[[Session, Press], None]
