"""What is said of a board's firmware beside this program's: an update only where it is one."""

import pytest

from backplane.slots.firmware_notice import notice_of, shipped_version
from firmware.tools.compile_firmware import firmware_version


@pytest.mark.parametrize(
    ("running", "shipped", "word", "is_update", "has_command"),
    [
        ("0.1.0", "0.1.0", "the one of this program", False, False),
        ("0.1.0", "0.2.0", "update available: 0.2.0", True, True),
        ("0.9.0", "0.10.0", "update available: 0.10.0", True, True),
        ("1", "1.0.1", "update available: 1.0.1", True, True),
        ("0.3", "0.2.0", "newer than this program's 0.2.0", False, False),
        ("0.2.0-rc1", "0.2.0", "another than this program's 0.2.0; which is newer is not known", False, True),
        ("my own", "0.2.0", "another than this program's 0.2.0; which is newer is not known", False, True),
        ("0.2", "0.2.0", "another than this program's 0.2.0; which is newer is not known", False, True),
        ("", "0.2.0", "the board tells no version; this program has 0.2.0", False, False),
    ],
)  # fmt: skip
def test_only_a_higher_number_is_an_update(
    running: str, shipped: str, word: str, is_update: bool, has_command: bool
) -> None:
    notice = notice_of(running, shipped, "type this")
    assert notice.running == (running or "not known")
    assert (notice.word, notice.is_update) == (word, is_update)
    assert notice.command == ("type this" if has_command else "")


def test_the_version_of_this_program_is_that_of_its_firmware() -> None:
    assert shipped_version() == firmware_version()
