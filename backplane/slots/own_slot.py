"""Which slot holds the Pi that this very program runs on, if any. Never writes.

What the machine says of itself is read once; where a row must be asked, it is one short query.
"""

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from backplane.slots.models import Slot

SERIAL_FILE = Path("/proc/device-tree/serial-number")  # ends with a NUL byte


def own_slot() -> tuple[int, int] | None:
    """Return (chassis id, slot number) of our own slot: as OWN_SLOT says, else by this Pi's serial number.

    None where neither is known, at no cost on a machine that is no Pi.
    """
    return find_own_slot(settings.OWN_SLOT, machine_serial())


def own_number(chassis_id: int) -> int | None:
    """Return the number of our own slot if it is in this chassis."""
    own = own_slot()
    return own[1] if own is not None and own[0] == chassis_id else None


def find_own_slot(said: tuple[str, int] | None, serial: str) -> tuple[int, int] | None:
    """Return (chassis id, slot number) for (chassis slug, number) from the settings, else for a serial number.

    A serial number counts only while its module is in a slot; the newest seat wins.
    """
    if said is not None:
        slug, number = said
        rows = Slot.objects.filter(chassis__slug__iexact=slug, number=number)
    elif serial:
        rows = Slot.objects.filter(module__serial__iexact=serial).order_by("-since")
    else:
        return None
    return rows.values_list("chassis_id", "number").first()


@lru_cache(maxsize=4)
def machine_serial(path: Path = SERIAL_FILE) -> str:
    """Return the serial number that this machine's firmware tells, "" where it tells none."""
    try:
        return path.read_bytes().strip(b"\0 \n").decode("ascii")
    except (OSError, UnicodeDecodeError):
        return ""
