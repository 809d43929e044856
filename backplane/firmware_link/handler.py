"""What a link needs of the program around it: the seam that the server's bridge implements."""

from collections.abc import Sequence
from typing import Protocol

from backplane.firmware_link.happenings import Admission, BoardState, Cursor, JournalReason
from backplane.firmware_link.messages import Event, Hello, Result, Telemetry
from backplane.firmware_link.status import LinkStatus


class LinkHandler(Protocol):
    """Awaited one call at a time, in the order of the wire; telemetry alone comes in between."""

    async def greeted(self, hello: Hello, port: str) -> Admission:
        """Who are we to this board? Raises LinkRefused to turn it away."""

    async def events_arrived(self, events: Sequence[Event]) -> Cursor | None:
        """Commit durably; the cursor returned is acknowledged. Raising, or no progress: asked again.

        Raises ContinuityLost when an event contradicts what is recorded under its number.
        """

    async def events_gone(self, journal: int, missing_from: int, first_held: int) -> Cursor:
        """Commit the gap `missing_from` up to before `first_held`; go on after the cursor."""

    async def journal_changed(self, hello: Hello, reason: JournalReason) -> Cursor | None:
        """Numbers begin anew in `hello.journal`. None: at the oldest event the board holds."""

    async def state_reported(self, state: BoardState) -> None:
        """The whole board, exactly as of the newest committed event."""

    def telemetry_reported(self, telemetry: Telemetry) -> None:
        """Must not block."""

    async def command_done(self, result: Result) -> None:
        """Once for each command that the board answered."""

    async def command_lost(self, command_id: int, why: str) -> None:
        """Once for each command without an answer: whether the board acted is not known."""

    async def link_up(self, hello: Hello) -> None:
        """We own the board; its STATE is asked for. Again after each restart of the board."""

    async def link_down(self, status: LinkStatus) -> None:
        """The link is not up, and why; once for each new reason."""
