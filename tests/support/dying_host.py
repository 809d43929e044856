"""Runs the program as `manage.py run_backplane` does, and kills it with -9 between a commit and its ACK.

Usage: python -m tests.support.dying_host KIND; it dies when events of that kind have just been committed.
"""

import os
import signal
import sys
from collections.abc import Sequence

import django


def main(kind: int) -> None:
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415  (needs Django to be set up)

    from backplane.bridge.handler import ChassisHandler  # noqa: PLC0415  (Django is set up first)
    from backplane.firmware_link.happenings import Cursor  # noqa: PLC0415  (Django is set up first)
    from backplane.firmware_link.messages import Event  # noqa: PLC0415  (Django is set up first)

    commit = ChassisHandler.events_arrived

    async def commit_and_die(handler: ChassisHandler, events: Sequence[Event]) -> Cursor | None:
        cursor = await commit(handler, events)
        if any(event.kind == kind for event in events):
            os.kill(os.getpid(), signal.SIGKILL)  # committed; the ACK never leaves
        return cursor

    ChassisHandler.events_arrived = commit_and_die  # type: ignore[assignment, method-assign]  # the fault
    call_command("run_backplane")


if __name__ == "__main__":
    main(int(sys.argv[1]))
