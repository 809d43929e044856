"""Open commands, seen slots and now -> what to do with each command."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Send:
    command_id: int
    expires_in_ms: int


Decision = Send
