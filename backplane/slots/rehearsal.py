"""The door to a simulated rack's hands: what the Rehearsal panel says, somebody else carries out.

Knows nothing of the simulator, which registers itself here when the program starts.
"""

from typing import Protocol


class Rehearsal(Protocol):
    def reaches(self, port_url: str) -> bool:
        """Say whether the rack behind this port can be played from here."""
        ...

    def execute(self, chassis_slug: str, line: str) -> dict[str, object]:
        """Carry out one control line, such as "pull 7"; answer {"ok": bool, ...}, with "error" when not ok."""
        ...


class NobodyRehearses:
    """What answers while no simulator runs in this process."""

    def reaches(self, port_url: str) -> bool:  # noqa: ARG002  (the Protocol's signature)
        return False

    def execute(self, chassis_slug: str, line: str) -> dict[str, object]:  # noqa: ARG002  (the Protocol's signature)
        return {"ok": False, "error": f"No simulator of {chassis_slug} runs in this process."}


_registered: list[Rehearsal] = []


def register(rehearsal: Rehearsal | None) -> None:
    """Let `rehearsal` carry out the lines from now on; None: nobody does."""
    _registered[:] = [] if rehearsal is None else [rehearsal]


def current() -> Rehearsal:
    """Return who carries out the lines."""
    return _registered[0] if _registered else NobodyRehearses()
