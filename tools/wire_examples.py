"""Writes the worked examples of docs/firmware-link.md: golden frames taken apart byte by byte.

`python -m tools.wire_examples` puts them in place again; a test holds that the page and the golden bytes agree.
The layouts stand here once more on purpose: an example that is cut by the link library itself could not disagree with it.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from tools.freeze_vectors import golden

ROOT: Final = Path(__file__).resolve().parents[1]
PAGE: Final = ROOT / "docs" / "firmware-link.md"
BEGIN: Final = "<!-- examples: made by python -m tools.wire_examples -->"
END: Final = "<!-- end of examples -->"

# Which golden frame stands for its type, and its body as "name type"; "*" begins what repeats to the end.
EXAMPLES: Final = {
    "hello_req": "proto_min u8, proto_max u8, host_id x64, epoch u32, flags u8",
    "hello": "proto u8, proto_min u8, slots u8, window u8, caps u16, max_raw u8, journal x32, first u32, acked u32,"
    " next u32, boot u16, uptime_ms u32, reset_cause u8, board_id b8, owner_host x64, owner_epoch u32,"
    " version s8, board_name s8",
    "bye_superseded": "reason u8",
    "event_insert": "journal x32, number u32, boot u16, uptime_ms u32, kind u8, slot u8, value i32",
    "event_identified": "journal x32, number u32, boot u16, uptime_ms u32, kind u8, slot u8, value i32,"
    " carrier_uid n8",
    "ack": "epoch u32, journal x32, upto u32",
    "replay": "epoch u32, journal x32, from u32",
    "cmd_set_power_on": "epoch u32, id u32, op u8, boot u16, expires_ms u32, if_event u32, slot u8, on u8",
    "cmd_set_led_locate": "epoch u32, id u32, op u8, boot u16, expires_ms u32, if_event u32, slot u8, layer u8,"
    " status_colour u8, status_pattern u8, blue u8, white u8",
    "cmd_update_begin": "epoch u32, id x32, op u8, boot u16, expires_ms u32, if_event x32, manifest_size u32,"
    " image_size u32, digest b32",
    "cmd_update_data": "epoch u32, id x32, op u8, boot u16, expires_ms u32, if_event x32, offset u32, bytes b",
    "cmd_update_commit": "epoch u32, id x32, op u8, boot u16, expires_ms u32, if_event x32, digest b32",
    "result_ok": "epoch u32, id u32, code u8",
    "result_identity": "epoch u32, id u32, code u8, uid n8, serial s8, model s8",
    "result_update_received": "epoch u32, id x32, code u8, received u32",
    "result_update_status": "epoch u32, id x32, code u8, phase u8, fault u8, running_folder u8, outcome u8,"
    " received u32, image_size u32, digest_on_its_way b8, digest_that_runs b8, digest_of_outcome b8,"
    " free_bytes u32, mpy u16",
    "state": "journal x32, as_of_event u32, uptime_ms u32, first_slot u8, count u8, stride u8,"
    " * flags x32, lights x16, mv u16, ma u16, cdeg i16",
    "telemetry": "uptime_ms u32, mask x32, * mv u16, ma_mean u16, ma_max u16, cdeg i16",
    "log": "level u8, dropped u8, text t",
    "error_gone": "code u8, type x8, first u32",
    "ping": "t1_us u64",
    "pong": "t1_us u64, t2_us u64, t3_us u64",
    "console": "slot u8, offset u32, bytes b",
}
_FORMATS: Final = {"u8": "B", "u16": "H", "u32": "I", "u64": "Q", "i16": "h", "i32": "i"}
_UNKNOWN: Final = {"mv": 0xFFFF, "ma": 0xFFFF, "ma_mean": 0xFFFF, "ma_max": 0xFFFF, "cdeg": 0x7FFF}

Piece = tuple[bytes, str]


def examples(vectors: list[dict[str, Any]]) -> str:
    """Return the worked examples as Markdown."""
    by_name = {vector["name"]: vector for vector in vectors}
    return "\n".join(_example(by_name[name], layout) for name, layout in EXAMPLES.items())


def _example(vector: dict[str, Any], layout: str) -> str:
    sender = "host" if vector["direction"] == "host>mcu" else "board"
    head = f"**{vector['type_name']}** from the {sender} (`{vector['name']}`)"
    frame = bytes.fromhex(vector["frame"])
    lines = [f"{_hex(piece):<24} {words}" for piece, words in _pieces(vector, layout)]
    wire = "\n".join(_hex(frame[at : at + 32]) for at in range(0, len(frame), 32))
    return "\n".join((head, "```", wire, "", *lines, "```", ""))


def _pieces(vector: dict[str, Any], layout: str) -> Iterator[Piece]:
    """Cut the raw frame. Raises ValueError where layout and bytes disagree."""
    body = bytes.fromhex(vector["body"])
    head = bytes((vector["type"], vector["seq"]))
    crc = _crc_of(bytes.fromhex(vector["frame"]))
    yield head[:1], f"type u8 = 0x{head[0]:02x} {vector['type_name']}"
    yield head[1:], f"seq u8 = {head[1]}"
    once, _, repeated = layout.partition("*")
    at = 0
    for field in _fields(once):
        piece, words = _take(body, at, field)
        at += len(piece)
        yield piece, words
    while repeated and at < len(body):
        for field in _fields(repeated):
            piece, words = _take(body, at, field)
            at += len(piece)
            yield piece, words
    if at != len(body):
        raise ValueError(f"{vector['name']}: {len(body) - at} bytes are left over")
    yield crc, f"crc32 u32 = 0x{int.from_bytes(crc, 'little'):08x}, over all above"


def _fields(layout: str) -> Iterator[tuple[str, str]]:
    for field in layout.split(","):
        if field.strip():
            name, kind = field.split()
            yield name, kind


def _take(body: bytes, at: int, field: tuple[str, str]) -> Piece:
    name, kind = field
    rest = body[at:]
    match kind[0], kind[1:]:
        case "x", bits:
            piece = rest[: int(bits) // 8]
            return piece, f"{name} u{bits} = 0x{int.from_bytes(piece, 'little'):x}"
        case (("s" | "n" as what), _):
            piece = rest[: 1 + rest[0]]
            value = piece[1:].decode() if what == "s" else piece[1:].hex()
            return piece, f'{name}: length u8 = {piece[0]}, then "{value}"'
        case "t", _:
            return rest, f'{name}, UTF-8 to the end = "{rest.decode()}"'
        case "b", size:
            piece = rest[: int(size)] if size else rest
            return piece, f"{name}, {len(piece)} bytes"
    form = "<" + _FORMATS[kind]
    piece = rest[: struct.calcsize(form)]
    (value,) = struct.unpack(form, piece)
    unknown = ", not known" if _UNKNOWN.get(name) == value else ""
    return piece, f"{name} {kind} = {value}{unknown}"


def _crc_of(frame: bytes) -> bytes:
    """Return the last four bytes of a frame whose COBS is taken off here, by hand."""
    raw, at = bytearray(), 0
    while frame[at]:
        raw += frame[at + 1 : at + frame[at]]
        at += frame[at]
        raw += b"\0" if frame[at] else b""
    return bytes(raw[-4:])


def _hex(data: bytes) -> str:
    return data.hex(" ")


def page_with(text: str, page: str) -> str:
    """Return the page with `text` between its two marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{text}{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page_with(examples(golden()), PAGE.read_text()))
