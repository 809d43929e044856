"""Who this process is to a board: the chassis, the generation of the lease, and how far events are recorded."""

from datetime import datetime

from backplane.bridge import convert
from backplane.bridge.database_thread import DatabaseThread
from backplane.firmware_link.errors import LinkRefused
from backplane.firmware_link.happenings import Cursor
from backplane.firmware_link.link import Admission
from backplane.firmware_link.messages import Hello
from backplane.slots import services
from backplane.slots.errors import ChassisMismatch
from backplane.slots.models import Chassis

TakenHere = dict[int, int]
"""The newest generation that any link of this process took, by chassis."""


class Lease:
    """Taken once for a board and kept over cable pulls; a running link never raises its own generation.

    Only where another link of this very process had the board in between (adapters were swapped) it takes
    a new one: that other link's late news must not count any more.
    """

    def __init__(
        self, port_url: str, thread: DatabaseThread, taken_here: TakenHere | None = None
    ) -> None:
        self._taken_here = {} if taken_here is None else taken_here
        self._port_url = port_url
        self._thread = thread
        self._key: tuple[int, int] | None = None
        self.board_id = ""

    @property
    def key(self) -> tuple[int, int]:
        """Return (chassis id, epoch); only to be asked once a board was admitted."""
        if self._key is None:
            message = f"No board was admitted on {self._port_url} yet."
            raise LookupError(message)
        return self._key

    @property
    def is_held(self) -> bool:
        return self._key is not None

    async def admit(self, hello: Hello, now: datetime) -> Admission:
        """Find the board's chassis, take its lease where we have none, and say how to greet.

        Raises LinkRefused for a board that is not the one of this port's chassis.
        """
        facts = convert.hello_facts(hello)
        try:
            chassis = await self._thread.run(
                services.find_or_create_chassis, facts, self._port_url, now
            )
        except ChassisMismatch as error:
            raise LinkRefused(str(error)) from error
        host_id = await self._thread.run(services.host_id)
        is_new = self.board_id != facts.board_id or chassis.take_over_confirmed
        if self._key is None or is_new or self._was_taken_by_a_sibling(chassis):
            # A restored database is behind the board: a start goes past both.
            board_epoch = hello.owner_epoch if hello.owner_host == host_id else 0
            epoch = await self._thread.run(services.take_lease, chassis.pk, board_epoch, now)
            self._key, self.board_id = (chassis.pk, epoch), facts.board_id
            self._taken_here[chassis.pk] = epoch
        raw = await self._thread.run(services.newest_raw, chassis)
        cursor = _cursor_of(chassis)
        take = chassis.take_over_confirmed
        return Admission(host_id, self._key[1], cursor, take=take, cursor_raw=raw)

    def _was_taken_by_a_sibling(self, chassis: Chassis) -> bool:
        """Say whether the chassis's present generation is another link's of this process."""
        return chassis.epoch != self.key[1] and chassis.epoch == self._taken_here.get(chassis.pk)

    def cursor(self) -> Cursor | None:
        """Read how far this board's events are recorded; runs on the link's thread."""
        return _cursor_of(Chassis.objects.get(pk=self.key[0]))


def _cursor_of(chassis: Chassis) -> Cursor | None:
    if chassis.journal is None or chassis.cursor is None:
        return None
    return Cursor(chassis.journal, chassis.cursor)
