"""Hardware addresses as people write them: colons, dashes, dots, blanks or nothing. Pure.

The database keeps lower case with colons, each address once, in the order that was typed.
"""

import re
from typing import Final

_SPELLINGS: Final = re.compile(
    r"[0-9a-f]{1,2}(?P<between>[:-])(?:[0-9a-f]{1,2}(?P=between)){4}[0-9a-f]{1,2}"
    r"|[0-9a-f]{2}(?: [0-9a-f]{2}){5}|[0-9a-f]{4}[.:-][0-9a-f]{4}[.:-][0-9a-f]{4}"
    r"|[0-9a-f]{6}[-:][0-9a-f]{6}|[0-9a-f]{12}"
)
_BETWEEN: Final = re.compile(r"[:.\- ]")
_LISTED: Final = re.compile(r"\s*[,;|\n]\s*")
_GROUP_BIT: Final = 0x01  # of the first octet: addresses that no single board has


def mac_of(text: str) -> str:
    """Return the address as it is kept. Raises ValueError, in words, for what is none."""
    said = text.strip().lower()
    if not _SPELLINGS.fullmatch(said):
        message = f"{text.strip()!r} is no MAC address."
        raise ValueError(message)
    parts = _BETWEEN.split(said)
    is_octets = len(parts) == 6
    digits = "".join(part.rjust(2, "0") for part in parts) if is_octets else "".join(parts)
    if digits == "0" * 12 or int(digits[:2], 16) & _GROUP_BIT:
        message = f"{text.strip()!r} is not the address of one board."
        raise ValueError(message)
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def macs_of(text: str) -> list[str]:
    """Return every address of a list, each once. Raises ValueError for the first that is none."""
    found: dict[str, None] = {}
    for part in _LISTED.split(text.strip()):
        # Blanks separate addresses, except inside "dc a6 32 01 02 03".
        whole = [part] if _SPELLINGS.fullmatch(part.strip().lower()) else part.split()
        found |= dict.fromkeys(mac_of(one) for one in whole if one)
    return list(found)


def known_macs(text: str) -> list[str]:
    """Return the addresses of a list if all of it can be read; none of it otherwise."""
    try:
        return macs_of(text)
    except ValueError:
        return []


def mac_digits(text: str) -> str:
    """Return a scrap of an address as bare hex digits, to be looked for; "" when it is none."""
    digits = _BETWEEN.sub("", text.strip().lower())
    return digits if re.fullmatch(r"[0-9a-f]{2,12}", digits) else ""
