"""Asks for STATE until one fits the committed events, and passes that one on.

Pure. A state that came too late or not at all is asked for again; one that runs ahead of its events
waits for them in the assembly.
"""

from collections.abc import Callable

from backplane.firmware_link.event_order import EventOrder
from backplane.firmware_link.line import Line, Timer
from backplane.firmware_link.messages import State
from backplane.firmware_link.state_assembly import StateAssembly

AGAIN_S = 0.25  # events overtook it: let the next few come first
LOST_S = 1.0  # GET_STATE was answered, but its STATE did not get through


class StateKeeper:
    """`ask` sends GET_STATE at `now`."""

    def __init__(self, line: Line, ask: Callable[[float], None]) -> None:
        self._line = line
        self._ask = ask
        self._assembly = StateAssembly()
        self._is_wanted = False

    def request(self, now: float) -> None:
        self._is_wanted = True
        self._line.stop_timer(Timer.STATE)
        self._ask(now)

    def answered(self, now: float) -> None:
        """GET_STATE has its RESULT; its STATE is before or right behind it."""
        if self._is_wanted:
            self._line.set_timer(Timer.STATE, now + LOST_S)

    def hear(self, state: State, slot_count: int) -> None:
        self._assembly.add(state, slot_count)

    def pass_on(self, order: EventOrder, now: float) -> None:
        """Reports the newest whole state if it is exactly as of the committed event."""
        if order.committed is None or not order.is_settled:
            return
        state = self._assembly.take(order.committed)
        if state is not None:
            self._is_wanted = False
            self._line.stop_timer(Timer.STATE)
            self._line.report(state)
        elif self._assembly.drop_if_past(order.committed) and not self._line.is_timing(Timer.STATE):
            self._line.set_timer(Timer.STATE, now + AGAIN_S)
