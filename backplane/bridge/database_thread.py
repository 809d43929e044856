"""One thread for one link's database work: its connection is durable and its writes are in order."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from django.db import connections

_P = ParamSpec("_P")
_T = TypeVar("_T")


class DatabaseThread:
    """Runs synchronous services one after the other, away from the event loop."""

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    async def run(self, service: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Call `service` on this thread; a cancelled caller does not stop a transaction half-way."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, partial(service, *args, **kwargs))

    def stop(self) -> None:
        """Let the running transaction end, then close the connection and the thread."""
        self._executor.submit(connections.close_all)
        self._executor.shutdown(wait=True)
