"""Board and host as processes on a pseudo-terminal, killed with -9 in turn while hands work at the rack.

Judged by what the hands did, which only this test knows: each is exactly one row.
"""

import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from backplane.firmware_link.messages import EventKind
from tests.support.sim_process import PATIENCE_S, ROOT, SimProcess, ask, wait_for

pytestmark = pytest.mark.live

SLOTS = (1, 2, 3, 4, 6)  # of the demo rack; a carrier is in each
SETTLES_S = 0.08  # the firmware's own 50 ms, and its next look


class Bench:
    """The two processes and the one pair of hands."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.chance = random.Random(seed)
        self.control = folder / "ctl"
        self.database = folder / "host.sqlite3"
        self.port = folder / "rack"
        self._folder = folder
        self.did: dict[int, list[EventKind]] = defaultdict(list)
        self._moved_at: dict[int, float] = {}
        self.start_board()
        self._host: subprocess.Popen[bytes] | None = None
        self.start_host()

    def start_board(self) -> None:
        arguments = ["--listen", f"pty:{self.port}", "--control", str(self.control)]
        self.board = SimProcess(self._folder, *arguments)
        self.board.ready()

    def start_host(self, dies_after: int | None = None) -> None:
        more = [] if dies_after is None else [str(dies_after)]
        command = [sys.executable, "-m", "tests.support.plain_host", str(self.port)]
        self._host = subprocess.Popen([*command, str(self.database), *more], cwd=ROOT)

    def kill_host(self) -> None:
        assert self._host is not None
        self._host.kill()
        self._host.wait(PATIENCE_S)

    def kill_board(self) -> None:
        self.board.process.kill()
        self.board.process.communicate()

    def end(self) -> None:
        self.kill_host()
        self.board.__exit__()

    def hand(self) -> None:
        """Pull a carrier, or put it back; one slot is not touched twice before it has come to rest."""
        slot = self.chance.choice(SLOTS)
        pause_s = self._moved_at.get(slot, 0.0) + 4 * SETTLES_S - time.monotonic()
        if pause_s > 0:
            return
        is_out = bool(self.did[slot]) and self.did[slot][-1] is EventKind.REMOVE
        assert ask(self.control, f"{'insert' if is_out else 'pull'} {slot}")["ok"]
        self.did[slot].append(EventKind.INSERT if is_out else EventKind.REMOVE)
        self._moved_at[slot] = time.monotonic()

    def work(self, hands: int) -> None:
        for _ in range(hands):
            self.hand()
            time.sleep(self.chance.uniform(0.0, 0.05))

    def rows(self, question: str) -> list[Any]:
        if not self.database.exists():
            return []
        with closing(sqlite3.connect(self.database, timeout=20)) as database:
            try:
                return database.execute(question).fetchall()
            except sqlite3.OperationalError:
                return []  # the host has not made its tables yet

    def told(self) -> dict[int, list[EventKind]]:
        told: dict[int, list[EventKind]] = defaultdict(list)
        for kind, slot in self.rows("SELECT kind, slot FROM row ORDER BY rowid"):
            if kind in {EventKind.INSERT, EventKind.REMOVE}:
                told[slot].append(EventKind(kind))
        # At the very first boot every carrier that was there is an insertion.
        return {slot: kinds[1:] for slot, kinds in told.items() if slot in SLOTS}

    def all_is_told(self) -> bool:
        told = self.told()
        return all(told.get(slot) == kinds for slot, kinds in self.did.items())


def test_each_hand_at_the_rack_is_one_row_whoever_is_killed(tmp_path: Path) -> None:
    bench = Bench(tmp_path, seed=1)
    try:
        wait_for(lambda: len(bench.told()) == len(SLOTS), "the carriers to be told")
        for round_ in range(2):
            bench.work(25)
            bench.kill_host()
            bench.work(10)
            bench.start_host(dies_after=2 + round_)  # dies between a commit and its ACK
            bench.work(10)
            bench.kill_board()  # perhaps before what the hands did has settled
            bench.start_board()
            time.sleep(4 * SETTLES_S)
            bench.work(15)
            bench.kill_host()
            bench.start_host()
        wait_for(bench.all_is_told, "every hand to be a row")
        time.sleep(4 * SETTLES_S)
        assert bench.all_is_told(), "a hand was told twice"
        numbers = bench.rows("SELECT journal, number FROM row ORDER BY rowid")
        journal = numbers[0][0]
        assert numbers == [(journal, number) for number in range(1, len(numbers) + 1)]
        assert bench.rows("SELECT * FROM gap") == []
        assert bench.board.process.poll() is None
        assert bench.board.end(signal.SIGTERM) == 0
    finally:
        bench.end()
