"""Which firmware runs on a board, beside the one that came with this program.

"Newer" is said only of versions that are numbers; whatever else differs is told as different and no more.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

_SOURCE: Final = Path(__file__).resolve().parents[2] / "firmware" / "core.py"
_NUMBERS: Final = re.compile(r"\d+(?:\.\d+)*")
NOT_KNOWN: Final = "not known"


@dataclass(frozen=True, slots=True)
class FirmwareNotice:
    """`running`: its version. `word`: how it compares. `command`: what to type for an update, "" where none helps."""

    running: str
    word: str
    command: str = ""
    is_update: bool = False


@cache
def shipped_version() -> str:
    """Return the version of the firmware that came with this program."""
    found = re.search(r'^VERSION = "(.+)"$', _SOURCE.read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else NOT_KNOWN


def notice_of(running: str, shipped: str, update_command: str) -> FirmwareNotice:
    """Return what to say of a board that says it runs this version; "" when it says nothing."""
    if not running:
        return FirmwareNotice(NOT_KNOWN, f"the board tells no version; this program has {shipped}")
    if running == shipped:
        return FirmwareNotice(running, "the one of this program")
    there, here = _numbers(running), _numbers(shipped)
    if there is None or here is None or there == here:
        word = f"another than this program's {shipped}; which is newer is not known"
        return FirmwareNotice(running, word, update_command)
    if there > here:
        return FirmwareNotice(running, f"newer than this program's {shipped}")
    return FirmwareNotice(running, f"update available: {shipped}", update_command, is_update=True)


def _numbers(version: str) -> tuple[int, ...] | None:
    """0.2.0 as numbers without zeros at its end; None for what is more than numbers."""
    if not _NUMBERS.fullmatch(version):
        return None
    parts = [int(part) for part in version.split(".")]
    while parts and not parts[-1]:
        parts.pop()
    return tuple(parts)
