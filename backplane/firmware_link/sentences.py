"""Why a session ended, in sentences that say what to do. Pure."""

from backplane.firmware_link.codes import PROTOCOL_VERSION, ByeReason, ResultCode
from backplane.firmware_link.errors import VersionMismatch
from backplane.firmware_link.greeting import Hello

_BYES = {
    ByeReason.OTHER_OWNER: (
        "This chassis belongs to another installation. Take it over only when that one is gone."
    ),
    ByeReason.GOING_AWAY: "The board said good-bye: it restarts.",
}


def superseded() -> str:
    return (
        "A newer server process has taken over this chassis. This one stays away; stop one of them."
    )


def wrong_version(hello: Hello | None) -> str:
    board = (None, None) if hello is None else (hello.proto_min, hello.proto)
    return str(VersionMismatch(PROTOCOL_VERSION, PROTOCOL_VERSION, *board))


def bye(reason: ByeReason | int) -> str:
    if reason == ByeReason.SUPERSEDED:
        return superseded()
    if reason == ByeReason.NO_COMMON_VERSION:
        return wrong_version(None)
    return _BYES.get(ByeReason.GOING_AWAY if reason not in _BYES else ByeReason(reason), "")


def silent(*, has_heard: bool, bad: int) -> str:
    if has_heard:
        return "The board stopped answering 3 s ago. Check its power and the cable."
    if bad:
        return "Bytes arrive, but no frame of a board: wrong device, wrong speed or a bad cable."
    return "No answer for 3 s. Is this the board's port, and is the board powered?"


def another_board() -> str:
    return "Another board answers now on this line."


def not_accepted() -> str:
    return "The board answers, but does not take this host for its owner. Restart the board."


def no_new_journal(code: ResultCode | int) -> str:
    name = code.name if isinstance(code, ResultCode) else str(code)
    return f"The board would not begin a new journal ({name})."
