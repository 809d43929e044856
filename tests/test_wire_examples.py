"""The worked examples of the link's page are the golden frames, and each type of frame has one."""

import re
import zlib

from backplane.firmware_link.messages import MessageType
from tools.freeze_vectors import golden
from tools.wire_examples import EXAMPLES, PAGE, examples, page_with

_TOTAL = re.compile(r"^([0-9a-f]{2}(?: [0-9a-f]{2})*) +(.+)$")


def test_the_page_shows_the_golden_frames() -> None:
    page = PAGE.read_text()
    assert page_with(examples(golden()), page) == page, "run: python -m tools.wire_examples"


def test_each_type_of_frame_has_an_example() -> None:
    shown = {vector["type"] for vector in golden() if vector["name"] in EXAMPLES}
    assert shown == set(MessageType)


def test_the_pieces_of_an_example_add_up_to_its_checksum() -> None:
    for block in examples(golden()).split("```")[1::2]:
        _wire, pieces = block.strip().split("\n\n")
        taken = [_TOTAL.match(line) for line in pieces.splitlines()]
        raw = b"".join(bytes.fromhex(piece[1]) for piece in taken if piece)
        assert zlib.crc32(raw[:-4]) == int.from_bytes(raw[-4:], "little")
