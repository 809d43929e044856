"""Lets another take the records of swaps for a while, and the inventory take them again after it."""

from collections.abc import Iterator
from contextlib import contextmanager

from backplane.swaps import ports


@contextmanager
def recording_by(recorder: ports.Recorder | None) -> Iterator[None]:
    """Give swaps to `recorder`; None: to nobody."""
    former = ports.recorder()
    ports.register_recorder(recorder)
    try:
        yield
    finally:
        ports.register_recorder(former)
