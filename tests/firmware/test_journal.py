"""The journal in flash: nothing that was sent is ever forgotten unnoticed, wherever the power is cut."""

import io
import struct
from pathlib import Path

import pytest

from firmware.journal import KEY_OWNER, RING
from firmware.journal_file import FileJournal
from firmware.journal_records import Image, Reader


def body(number: int) -> bytes:
    return struct.pack("<I", number) * 5


def opened(folder: Path) -> FileJournal:
    journal = FileJournal(str(folder))
    journal.open()
    return journal


def filled(folder: Path, count: int) -> FileJournal:
    journal = opened(folder)
    for number in range(1, count + 1):
        journal.append(body(number), 0x101, b"fact %d" % number)
        journal.flush()
    return journal


def bodies(journal: FileJournal) -> list[bytes]:
    return [journal.body(number) for number in range(journal.first, journal.next)]


def image_of(data: bytes) -> Image:
    image = Image()
    image.read(Reader(io.BytesIO(data)))
    return image


def only_file(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def test_blank_flash_begins_a_journal(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    assert (journal.first, journal.next, journal.boot) == (1, 1, 1)
    assert journal.id != 0


def test_everything_outlives_a_reset(tmp_path: Path) -> None:
    before = filled(tmp_path, 5)
    before.put(KEY_OWNER, b"owner")
    before.flush()
    after = opened(tmp_path)
    assert (after.id, after.first, after.next) == (before.id, 1, 6)
    assert bodies(after) == [body(n) for n in range(1, 6)]
    assert after.get(0x101) == b"fact 5"
    assert after.get(KEY_OWNER) == b"owner"
    assert after.boot == before.boot + 1


def test_acknowledged_number_is_kept_with_the_next_event(tmp_path: Path) -> None:
    journal = filled(tmp_path, 3)
    journal.acknowledge(3)
    journal.append(body(4), 0x100, b"")
    journal.flush()
    assert opened(tmp_path).acked == 3


def test_ring_keeps_the_last_256(tmp_path: Path) -> None:
    filled(tmp_path, 300)
    journal = opened(tmp_path)
    assert (journal.first, journal.next) == (300 - RING + 1, 301)
    assert bodies(journal) == [body(n) for n in range(45, 301)]


def test_a_cut_at_every_byte_loses_only_what_was_not_written(tmp_path: Path) -> None:
    old = filled(tmp_path, 6)
    path = only_file(tmp_path)
    whole = path.read_bytes()
    snapshot = image_of(whole[: whole.index(body(1))]).size
    for length in range(len(whole)):
        for each in tmp_path.iterdir():
            each.unlink()
        path.write_bytes(whole[:length])
        journal = opened(tmp_path)
        if journal.id == old.id:
            assert bodies(journal) == [body(n) for n in range(1, journal.next)]
            number = journal.next
            journal.append(body(number), 0x100, b"")
            journal.flush()
            assert bodies(opened(tmp_path))[-1] == body(number)
        else:
            assert length < snapshot, "an intact snapshot proves continuity"
            assert journal.next == 1


@pytest.mark.parametrize("position", [40, 60, -200, -100])
def test_damage_with_records_behind_it_begins_a_new_journal(tmp_path: Path, position: int) -> None:
    old = filled(tmp_path, 20)
    path = only_file(tmp_path)
    data = bytearray(path.read_bytes())
    data[position] ^= 0xFF
    path.write_bytes(data)
    journal = opened(tmp_path)
    assert journal.id != old.id
    assert (journal.first, journal.next) == (1, 1)


def test_compaction_goes_in_slices_and_keeps_what_comes_between(tmp_path: Path) -> None:
    journal = filled(tmp_path, 1200)
    number = journal.next
    slices = 0
    while journal.work():
        slices += 1
        if slices % 3 == 0:
            journal.append(body(number), 0x101, b"during")
            number += 1
    assert slices > 5, "one flash write must stay short"
    assert only_file(tmp_path).stat().st_size < 30_000
    after = opened(tmp_path)
    assert (after.id, after.next) == (journal.id, number)
    assert bodies(after) == [body(n) for n in range(number - RING, number)]
    assert after.get(0x101) == b"during"


def test_a_compaction_that_the_ring_overtakes_begins_again(tmp_path: Path) -> None:
    journal = filled(tmp_path, 1200)
    assert journal.work()
    number = journal.next
    for _ in range(RING + 40):  # a storm in one step: the oldest events are gone before their turn
        journal.append(body(number), 0x102, b"storm")
        number += 1
    while journal.work():
        pass
    after = opened(tmp_path)
    assert (after.id, after.first, after.next) == (journal.id, number - RING, number)
    assert bodies(after) == [body(n) for n in range(number - RING, number)]
    assert after.get(0x102) == b"storm"


def test_a_fact_that_changes_during_compaction_is_kept_as_it_is_at_the_end(tmp_path: Path) -> None:
    journal = filled(tmp_path, 1200)
    assert journal.work()
    journal.put(KEY_OWNER, b"first")
    while journal.work():
        journal.put(KEY_OWNER, b"last")
        journal.put(0x1000, b"new key")
    after = opened(tmp_path)
    assert after.get(KEY_OWNER) == b"last"
    assert after.get(0x1000) == b"new key"
    assert after.get(0x101) == b"fact 1200"


def test_a_new_journal_in_the_middle_of_a_compaction_keeps_none_of_the_old_events(
    tmp_path: Path,
) -> None:
    journal = filled(tmp_path, 1200)
    for _ in range(3):
        assert journal.work()
    journal.renew()
    journal.append(body(1), 0x102, b"x")
    while journal.work():
        pass
    after = opened(tmp_path)
    assert (after.id, after.first, after.next) == (journal.id, 1, 2)
    assert bodies(after) == [body(1)]
    assert after.get(0x101) == b"fact 1200"


def test_a_file_that_reads_otherwise_the_second_time_begins_a_new_journal(tmp_path: Path) -> None:
    class Fading(FileJournal):  # type: ignore[misc]  # mypy does not read firmware/
        """Flash that loses its last bytes between one look and the next."""

        def _read(self, index: int, kind: type) -> object:
            found = super()._read(index, kind)
            path = Path(self._paths[index])
            if path.exists():
                path.write_bytes(path.read_bytes()[:-60])
            return found

    old = filled(tmp_path, 5)
    journal = Fading(str(tmp_path))
    journal.open()
    assert journal.id != old.id
    assert journal.next == 1


def test_power_cut_during_compaction_falls_back_to_the_old_file(tmp_path: Path) -> None:
    journal = filled(tmp_path, 1200)
    old_id = journal.id
    count = 0
    while journal.work():
        count += 1
        after = image_of((tmp_path / "journal.0").read_bytes())
        copy = tmp_path / f"copy{count}"
        copy.mkdir()
        for name in ("journal.0", "journal.1"):
            (copy / name).write_bytes((tmp_path / name).read_bytes())
        again = opened(copy)
        assert (again.id, again.next) == (old_id, 1201)
        assert after.id == old_id
    assert count > 5


def test_only_a_torn_compaction_left_begins_a_new_journal(tmp_path: Path) -> None:
    journal = filled(tmp_path, 1200)
    path = only_file(tmp_path)
    journal.put(KEY_OWNER, b"owner")
    journal.flush()
    while journal.work() and len(list(tmp_path.iterdir())) < 2:
        pass
    for _ in range(5):
        journal.work()
    path.unlink()
    again = opened(tmp_path)
    assert again.id != journal.id
    assert again.next == 1
    assert again.get(KEY_OWNER) == b"owner"


def test_crash_between_end_and_removal_takes_the_newer_file(tmp_path: Path) -> None:
    journal = filled(tmp_path, 1200)
    old = only_file(tmp_path)
    kept = old.read_bytes()
    while journal.work():
        pass
    journal.append(body(1201), 0x101, b"newer")
    journal.flush()
    old.write_bytes(kept)
    after = opened(tmp_path)
    assert after.next == 1202
    assert after.get(0x101) == b"newer"
    assert not old.exists()


def test_new_journal_keeps_facts_and_forgets_events(tmp_path: Path) -> None:
    journal = filled(tmp_path, 4)
    old = journal.id
    journal.renew()
    journal.append(body(1), 0x102, b"x")
    journal.flush()
    after = opened(tmp_path)
    assert after.id == journal.id != old
    assert bodies(after) == [body(1)]
    assert after.get(0x101) == b"fact 4"


def test_a_flash_that_refuses_never_raises(tmp_path: Path) -> None:
    journal = FileJournal(str(tmp_path / "missing"))
    journal.open()
    journal.append(body(1), 0x101, b"x")
    journal.work()
    journal.append(body(2), 0x101, b"x")
    journal.work()
    assert journal.failures > 0
    assert journal.body(1) == body(1)
