"""Notes which requests of ours a NetBox answered: a real one cannot be asked, and the client's log tells each."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sent:
    """One request that NetBox answered."""

    method: str
    path: str
    status: int


class _Log(logging.Handler):
    """Takes down every answered request of ours; NetBox itself cannot be asked what it was asked."""

    def __init__(self, sent: list[Sent]) -> None:
        super().__init__(logging.DEBUG)
        self._sent = sent

    def emit(self, record: logging.LogRecord) -> None:
        if isinstance(record.args, tuple) and len(record.args) == 4:
            method, path, status, _ = record.args
            self._sent.append(Sent(str(method), str(path), int(str(status))))


@contextmanager
def requests_noted(sent: list[Sent]) -> Iterator[None]:
    """Note each answered request in `sent`."""
    logger = logging.getLogger("backplane.inventory.netbox.client")
    handler, level = _Log(sent), logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
