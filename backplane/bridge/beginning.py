"""What is known when the service starts: nothing. Rows of an earlier run must not look like news."""

import logging
from collections.abc import Sequence

from django.db import DatabaseError

from backplane.bridge.database_thread import DatabaseThread
from backplane.bridge.moment import utc_now
from backplane.slots import services
from backplane.slots.errors import StorageFull

logger = logging.getLogger(__name__)


async def forget_links(port_urls: Sequence[str]) -> None:
    """Mark every chassis as not heard yet. A database that cannot be written does not stop the start."""
    thread = DatabaseThread("start")
    try:
        await thread.run(services.forget_links, port_urls, utc_now())
        await thread.run(services.forget_updates, utc_now())
    except (DatabaseError, StorageFull):
        logger.exception(
            "What was known of the chassis before this start could not be marked as old"
        )
    finally:
        thread.stop()
