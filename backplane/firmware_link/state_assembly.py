"""Makes a whole board out of STATE frames, and holds it back until its events are committed.

Pure. A state may be applied only exactly at the event it was taken at: earlier it would run ahead
of its events, later it would undo them.
"""

from backplane.firmware_link.happenings import BoardState, Cursor
from backplane.firmware_link.messages import SlotReading, State


class StateAssembly:
    def __init__(self) -> None:
        self._parts: list[SlotReading] = []
        self._head: tuple[int, int] | None = None
        self._whole: BoardState | None = None

    def add(self, state: State, slot_count: int) -> None:
        """Takes one frame; frames of one report follow each other from slot 1 on."""
        head = (state.journal, state.as_of_event)
        if state.first_slot == 1:
            self._parts, self._head = [], head
        if head != self._head or state.first_slot != len(self._parts) + 1:
            self._parts, self._head = [], None
            return
        self._parts.extend(state.readings)
        if len(self._parts) >= slot_count:
            readings = tuple(self._parts[:slot_count])
            self._whole = BoardState(*head, state.uptime_ms, readings)
            self._parts, self._head = [], None

    def take(self, committed: Cursor) -> BoardState | None:
        """The newest whole state, if it is exactly as of `committed`."""
        whole = self._whole
        if whole is None or (whole.journal, whole.as_of_event) != (
            committed.journal,
            committed.number,
        ):
            return None
        self._whole = None
        return whole

    def drop_if_past(self, committed: Cursor) -> bool:
        """True when a state was thrown away because its event lies behind (ask for another)."""
        whole = self._whole
        is_ahead = whole is not None and whole.journal == committed.journal
        if whole is None or (is_ahead and whole.as_of_event > committed.number):
            return False
        self._whole = None
        return True
