"""The journal on LittleFS as MicroPython has it on an ESP32: a power cut at any flash operation, and what an event costs.

The file system is the real one, in C; the flash under it notes each erase and each program.
"""

import struct
from types import SimpleNamespace
from typing import Any

import pytest
from littlefs import LittleFS, UserContext

from firmware import journal_file
from firmware.journal_file import FileJournal

pytestmark = pytest.mark.long

BLOCK = 4096
BLOCKS = 64
Operation = tuple[int, bytes | None]  # address; what is programmed, None for an erased block


def file_system(flash: "NotingFlash") -> LittleFS:
    """As ports/esp32 of MicroPython sets it up on its flash partition."""
    return LittleFS(
        context=flash,
        mount=False,
        block_size=BLOCK,
        block_count=BLOCKS,
        read_size=32,
        prog_size=32,
        cache_size=128,
        lookahead_size=32,
    )


class NotingFlash(UserContext):
    """NOR flash that keeps the order of what was done to it."""

    def __init__(self, image: bytes | None = None) -> None:
        super().__init__(BLOCK * BLOCKS)
        if image is not None:
            self.buffer[:] = image
        self.done: list[Operation] = []

    def prog(self, cfg: Any, block: int, offset: int, data: bytes) -> int:  # noqa: ANN401  (the library's)
        self.done.append((block * BLOCK + offset, bytes(data)))
        return int(super().prog(cfg, block, offset, data))

    def erase(self, cfg: Any, block: int) -> int:  # noqa: ANN401  (the library's)
        self.done.append((block * BLOCK, None))
        return int(super().erase(cfg, block))


class Device:
    """A mounted file system in place of the journal's `open` and `os`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._patch = monkeypatch
        self.flash = NotingFlash()
        self.files = file_system(self.flash)
        self.files.format()
        self._begin()

    def restart(self, image: bytes) -> None:
        """Power returns: all there is is what the flash holds."""
        self.flash = NotingFlash(image)
        self.files = file_system(self.flash)
        self._begin()

    def _begin(self) -> None:
        files = self.files
        files.mount()
        system = SimpleNamespace(
            remove=files.remove,
            rename=files.rename,
            stat=lambda path: (0, 0, 0, 0, 0, 0, files.stat(path).size),
            urandom=lambda count: bytes(range(1, count + 1)),
        )
        self._patch.setattr(journal_file, "open", files.open, raising=False)
        self._patch.setattr(journal_file, "os", system)


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Device:
    monkeypatch.setattr(journal_file, "_COMPACT_AT", 3_000)
    monkeypatch.setattr(journal_file, "_SLICE", 600)
    return Device(monkeypatch)


def opened() -> FileJournal:
    journal = FileJournal("")
    journal.open()
    return journal


def happen(journal: FileJournal, count: int = 1) -> None:
    """So many events in one step, each with the fact of a slot that holds a carrier."""
    for _ in range(count):
        body = struct.pack("<IIHIBBI", journal.id, journal.next, journal.boot, 7, 2, 3, 0)
        journal.append(body, 0x103, struct.pack("<I", journal.next) + bytes(16))
    journal.work()


def test_a_cut_at_any_operation_of_the_flash_leaves_what_was_sent(device: Device) -> None:
    journal = opened()
    before = bytes(device.flash.buffer)
    device.flash.done.clear()
    sent: list[tuple[int, int]] = []  # operations done by then; number of the newest event sent
    for step in range(60):
        happen(journal, 1 + step % 2)
        sent.append((len(device.flash.done), journal.next - 1))
    operations = list(device.flash.done)
    assert any("journal" in name for name in device.files.listdir("/"))
    for cut in range(0, len(operations), 9):
        device.restart(torn_after(before, operations, cut))
        again = opened()
        newest = max((number for done, number in sent if done <= cut), default=0)
        assert again.id == journal.id
        assert again.next - 1 >= newest, f"cut at operation {cut}"
        held = [again.body(number) for number in range(again.first, again.next)]
        assert held == [journal.body(number) for number in range(again.first, again.next)]
        happen(again)
        assert opened().next == again.next


def torn_after(image: bytes, operations: list[Operation], count: int) -> bytes:
    """The flash after so many operations, with half of the next one: programming only clears bits."""
    flash = bytearray(image)
    for address, data in operations[:count]:
        flash[address : address + (len(data) if data else BLOCK)] = data or b"\xff" * BLOCK
    address, data = operations[count]
    half = (data or b"\xff" * BLOCK)[: (len(data) if data else BLOCK) // 2]
    flash[address : address + len(half)] = half
    return bytes(flash)


@pytest.mark.parametrize("events_per_step", [1, 4])
def test_a_step_costs_one_erased_block_however_much_happens_in_it(
    events_per_step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What docs/firmware.md says of stall and wear."""
    device = Device(monkeypatch)
    journal = opened()
    for _ in range(100):
        happen(journal)
    device.flash.done.clear()
    steps, slices = 0, 0
    while steps < 1_000:
        happen(journal, events_per_step)
        steps += 1
        while journal.work():
            slices += 1
    erased = sum(data is None for _, data in device.flash.done)
    programmed = sum(len(data) for _, data in device.flash.done if data)
    assert 1.0 <= erased / (steps + slices) < 1.15
    assert programmed / (steps + slices) < 2_600
