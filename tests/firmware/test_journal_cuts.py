"""The power goes at every byte that the journal ever writes, and bits flip: what was sent is there, or a new journal says no."""

import struct
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from firmware import journal_file
from firmware.journal_file import FileJournal
from tests.support.torn_flash import Flash, PowerCut, flash_instead_of_files

pytestmark = pytest.mark.long

FOLDER = "/flash"
FACT = 0x101


@pytest.fixture(autouse=True)
def flash_in_memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(journal_file, "_COMPACT_AT", 1_400)
    monkeypatch.setattr(journal_file, "_SLICE", 200)
    BEFORE.clear()
    with flash_instead_of_files(1):
        yield


def body(journal: FileJournal) -> bytes:
    return struct.pack("<IIHIBBI", journal.id, journal.next, journal.boot, 7, 2, 1, 0)


def opened() -> FileJournal:
    journal = FileJournal(FOLDER)
    journal.open()
    return journal


class Sent:
    """What left the board, by the only rule there is: flushed before it is sent."""

    def __init__(self) -> None:
        self.journals: list[int] = []
        self.bodies: dict[int, list[bytes]] = {}

    def note(self, journal: FileJournal) -> None:
        if journal.id not in self.bodies:
            self.journals.append(journal.id)
        numbers = range(journal.first, journal.next)
        self.bodies[journal.id] = [journal.body(number) for number in numbers]


def happen(journal: FileJournal, sent: Sent, count: int = 1) -> None:
    """So many events in one step; and the step's end."""
    for _ in range(count):
        journal.append(body(journal), FACT, b"fact of %d" % journal.next)
    journal.work()
    sent.note(journal)


def a_first_life(sent: Sent) -> None:
    journal = opened()
    for count in (1, 1, 3, 1):
        happen(journal, sent, count)


def a_compaction(sent: Sent) -> None:
    """Grows over the limit, and is compacted while more happens; then the new file is appended to."""
    journal = opened()
    for _ in range(6):
        happen(journal, sent, 2)
        journal.work()
    for _ in range(20):
        journal.work()
    happen(journal, sent, 2)


def a_new_journal(sent: Sent) -> None:
    journal = opened()
    happen(journal, sent, 2)
    journal.renew()
    happen(journal, sent)
    happen(journal, sent)


def a_reset(sent: Sent) -> None:
    happen(opened(), sent, 2)
    happen(opened(), sent)


def a_flash_that_is_full_for_a_while(sent: Sent) -> None:
    journal = opened()
    happen(journal, sent, 2)
    flash = THE_FLASH[0]
    flash.is_full = True
    journal.append(body(journal), FACT, b"fact of %d" % journal.next)
    journal.work()
    flash.is_full = False
    for _ in range(900):
        journal.work()
    sent.note(journal)
    happen(journal, sent)


THE_FLASH: list[Flash] = []
BEFORE: list[tuple[dict[str, bytes], Sent]] = []  # made once: the fuse burns for a compaction alone
STORIES: list[Callable[[Sent], None]] = [
    a_first_life,
    a_compaction,
    a_new_journal,
    a_reset,
    a_flash_that_is_full_for_a_while,
]


def new_flash(*, is_atomic: bool) -> Flash:
    THE_FLASH[:] = [Flash(FOLDER, is_atomic=is_atomic)]
    return THE_FLASH[0]


def before_a_compaction() -> tuple[dict[str, bytes], Sent]:
    """A file that is nearly long enough, and what was sent by then."""
    flash, sent = new_flash(is_atomic=False), Sent()
    journal = opened()
    while len(flash.files["journal.0"]) < 1_100:
        happen(journal, sent)
    return flash.files, sent


def cut_at(story: Callable[[Sent], None], fuse: int, *, is_atomic: bool) -> tuple[Sent, bool]:
    """Live through a story until the fuse blows; whether it did."""
    sent = Sent()
    files: dict[str, bytes] = {}
    if story is a_compaction:
        if not BEFORE:
            BEFORE.append(before_a_compaction())
        files, past = BEFORE[0]
        sent.journals, sent.bodies = list(past.journals), dict(past.bodies)
    flash = new_flash(is_atomic=is_atomic)
    flash.files = dict(files)
    flash.fuse = fuse
    try:
        story(sent)
    except PowerCut:
        return sent, True
    finally:
        flash.fuse, flash.is_full = None, False
    return sent, False


def judge(sent: Sent, journal: FileJournal) -> None:
    """What the journal says after the cut, against what was sent."""
    held = [journal.body(number) for number in range(journal.first, journal.next)]
    known = sent.bodies.get(journal.id)
    if known is None:
        assert not any(struct.unpack("<I", one[:4])[0] in sent.bodies for one in held)
        return
    assert journal.id == sent.journals[-1], "a journal that was given up came back"
    assert held[: len(known)] == known, "what was sent is missing or another"
    assert journal.get(FACT) == b"fact of %d" % (journal.next - 1), "a fact without its event"
    happen(journal, sent)
    again = opened()
    assert [again.body(number) for number in range(again.first, again.next)] == sent.bodies[
        again.id
    ]


@pytest.mark.parametrize("is_atomic", [False, True])
@pytest.mark.parametrize("story", STORIES)
def test_a_cut_at_every_byte(story: Callable[[Sent], None], *, is_atomic: bool) -> None:
    fuse, was_cut = 0, True
    while was_cut:
        fuse += 1
        sent, was_cut = cut_at(story, fuse, is_atomic=is_atomic)
        journal = opened()
        is_new = bool(sent.journals) and journal.id not in sent.bodies
        # Only a reset out of a full flash, or one inside NEW_JOURNAL, may end a journal of which something was sent.
        assert not is_new or story in {a_new_journal, a_flash_that_is_full_for_a_while}
        judge(sent, journal)
    assert fuse > 150


@pytest.mark.parametrize("story", STORIES)
def test_a_second_cut_while_it_recovers_from_the_first(story: Callable[[Sent], None]) -> None:
    fuse, was_cut = 0, True
    while was_cut:
        fuse += 7
        sent, was_cut = cut_at(story, fuse, is_atomic=False)
        THE_FLASH[0].fuse = fuse * 7919 % 900 + 1
        with suppress(PowerCut):
            opened()
        THE_FLASH[0].fuse = None
        judge(sent, opened())


@pytest.mark.parametrize("story", [a_first_life, a_compaction, a_new_journal])
def test_no_flipped_bit_is_overlooked(story: Callable[[Sent], None]) -> None:
    sent, was_cut = cut_at(story, 1_000_000, is_atomic=False)
    assert not was_cut
    flash = THE_FLASH[0]
    ((name, whole),) = flash.files.items()
    for bit in range(len(whole) * 8):
        if bit % 5 and bit < len(whole) * 8 - 1_500:
            continue  # every bit of the last records, and a fifth of the others
        data = bytearray(whole)
        data[bit // 8] ^= 1 << bit % 8
        flash.files = {name: bytes(data)}
        journal = opened()
        assert journal.id not in sent.bodies
        assert (journal.first, journal.next) == (1, 1)


def test_a_flash_that_refuses_is_given_a_new_file_and_then_all_is_as_before() -> None:
    sent, _ = cut_at(a_flash_that_is_full_for_a_while, 1_000_000, is_atomic=False)
    assert sorted(THE_FLASH[0].files) == ["journal.0"]
    judge(sent, opened())
    assert len(sent.journals) == 1


def test_a_reset_while_the_flash_is_full_keeps_the_facts_and_says_that_events_are_missing() -> None:
    flash, sent = new_flash(is_atomic=False), Sent()
    journal = opened()
    happen(journal, sent, 3)
    old = journal.id
    flash.is_full = True
    happen(journal, sent)
    assert "journal.old" in flash.files
    flash.is_full = False
    again = opened()
    assert again.id != old
    assert again.get(FACT) == b"fact of 3"
    assert sorted(flash.files) == ["journal.0"]


def test_one_step_is_one_write() -> None:
    flash = new_flash(is_atomic=False)
    journal = opened()
    journal.work()
    writes = flash.writes
    happen(journal, Sent(), 5)
    assert flash.writes == writes + 1
