"""Which of the two folders starts. This file stands in the root of the flash and is never part of an update.

Each folder is a whole firmware with its manifest. The word on which one starts is kept in two small files that
are written in turn, so that a power cut at any byte leaves the older word. A new folder gets one trial: it has
to confirm itself, else the next start is the old folder's. Nothing here touches a pin.
"""

import os
import struct
import sys
from binascii import crc32, hexlify
from hashlib import sha256

FOLDERS = ("a", "b")
NONE = 0xFF

# What became of the newest update
NO_UPDATE = 0
ON_TRIAL = 1
CONFIRMED = 2
NO_HOST = 3  # no host was reached in time: the old folder is back
CRASHED = 4  # it stopped with an error: the old folder is back
HUNG = 5  # it was confirmed and kept hanging: the other folder is back

MANIFEST = "manifest"
_MAGIC = b"BPB1"
_LAYOUT = "<4sIBBBBB8s"  # magic, generation, good, trial, tries, outcome, crashes, digest
_SIZE = 21
_NAMES = ("boot.0", "boot.1")
_LOADING_MS = 30000  # a start reads 50 files; the board layer sets the watchdog to 8 s afterwards
_LAST_RESORT_MS = (
    90000  # a trial that neither confirms itself nor ends itself is ended from outside
)
_MOST_CRASHES = 3  # of a confirmed folder, without a host in between; then the other one is tried
_MOST_HANGS = 3  # of a confirmed folder, without an hour of work in between
_FAILURES = "failures"
_FAILURES_MAGIC = b"BPF1"
_FAILURES_LAYOUT = (
    "<4sB8sB8s"  # magic; of each folder: hangs, digest of the manifest they belong to
)
_FAILURES_SIZE = 22
_PIECE = 2048


class Failures:
    """How often what stands in each folder has hung. Another image in a folder begins from nothing."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._counts = [0, 0]
        self._digests = [b"\0" * 8, b"\0" * 8]
        data = _read(root + _FAILURES)
        if len(data) != _FAILURES_SIZE + 4:
            return
        if struct.unpack("<I", data[_FAILURES_SIZE:])[0] != crc32(data[:_FAILURES_SIZE]):
            return
        fields = struct.unpack(_FAILURES_LAYOUT, data[:_FAILURES_SIZE])
        if fields[0] == _FAILURES_MAGIC:
            self._counts = [fields[1], fields[3]]
            self._digests = [fields[2], fields[4]]

    def count(self, index: int) -> int:
        """Hangs of what is in this folder now."""
        if not self._counts[index] or self._digests[index] != self.head(index):
            return 0
        return self._counts[index]

    def has_failed(self, index: int) -> bool:
        """Whether this folder had its chances."""
        return self.count(index) >= _MOST_HANGS

    def set(self, index: int, count: int) -> None:
        """Keep a count. The former word stands until this one is whole. Raises OSError."""
        self._counts[index], self._digests[index] = count, self.head(index)
        data = struct.pack(
            _FAILURES_LAYOUT,
            _FAILURES_MAGIC,
            self._counts[0],
            self._digests[0],
            self._counts[1],
            self._digests[1],
        )
        path = self._root + _FAILURES
        with open(path + ".new", "wb") as file:
            file.write(data + struct.pack("<I", crc32(data)))
        os.rename(path + ".new", path)

    def head(self, index: int) -> bytes:
        """The first 8 bytes of the digest of what is in a folder."""
        try:
            return digest_of(self._root + FOLDERS[index] + "/" + MANIFEST)[:8]
        except OSError:
            return b"\0" * 8


class BootState:
    """The kept word on the two folders. `running` is the folder that was started, where one was."""

    def __init__(self, root: str) -> None:
        self.root = root if root.endswith("/") else root + "/"
        self.generation = 0
        self.good = NONE
        self.trial = NONE
        self.tries = 0
        self.outcome = NO_UPDATE
        self.crashes = 0
        self.digest = b"\0" * 8  # of the image that `outcome` is about
        self.running = 0
        self._failures = Failures(self.root)
        for name in _NAMES:
            self._take(_read(self.root + name))

    def _take(self, data: bytes) -> None:
        if len(data) != _SIZE + 4 or struct.unpack("<I", data[_SIZE:])[0] != crc32(data[:_SIZE]):
            return
        fields = struct.unpack(_LAYOUT, data[:_SIZE])
        if fields[0] == _MAGIC and fields[1] > self.generation:
            (
                self.generation,
                self.good,
                self.trial,
                self.tries,
                self.outcome,
                self.crashes,
                self.digest,
            ) = fields[1:]

    def save(self) -> None:
        """Write it beside the former word. Raises OSError."""
        self.generation += 1
        data = struct.pack(
            _LAYOUT,
            _MAGIC,
            self.generation,
            self.good,
            self.trial,
            self.tries,
            self.outcome,
            self.crashes,
            self.digest,
        )
        with open(self.root + _NAMES[self.generation & 1], "wb") as file:
            file.write(data + struct.pack("<I", crc32(data)))

    def folder(self, index: int) -> str:
        """Path of a folder, without a slash at its end."""
        return self.root + FOLDERS[index]

    # -- what the firmware does --------------------------------------------------------------------

    def commit(self, digest: bytes) -> None:
        """Let the other folder start next, on trial. Raises OSError."""
        self.good, self.trial, self.tries = self.running, 1 - self.running, 0
        self.outcome, self.crashes, self.digest = ON_TRIAL, 0, digest[:8]
        if self._failures.count(self.trial):
            self._failures.set(self.trial, 0)  # a person sent it again: it has its chances anew
        self.save()

    def is_on_trial(self) -> bool:
        """Whether the running folder has yet to confirm itself."""
        return self.trial == self.running

    def confirm(self) -> None:
        """The running folder has reached its host: it is the good one from now on. Raises OSError."""
        if self.trial == self.running:
            self.outcome = CONFIRMED
        elif not self.crashes and self.good == self.running:
            return
        self.good, self.trial, self.tries, self.crashes = self.running, NONE, 0, 0
        self.save()

    def give_up(self, outcome: int) -> None:
        """End the trial; the good folder starts next. Raises OSError."""
        self.trial, self.tries, self.outcome = NONE, 0, outcome
        self.save()

    def note_hang(self) -> None:
        """The loop stands still, and the watchdog will end it. Raises OSError.

        A reset leaves no such note by itself, whatever its cause reads as: neither the button nor a brown-out counts.
        """
        if not self.is_on_trial():  # a trial has one start anyway
            count = self._failures.count(self.running)
            self._failures.set(self.running, min(_MOST_HANGS, count + 1))

    def hangs(self) -> int:
        """How often the running folder has hung lately."""
        return self._failures.count(self.running)

    def forgive_hangs(self) -> None:
        """The running folder has worked for long. Raises OSError."""
        if self.hangs():
            self._failures.set(self.running, 0)

    # -- what a start does -------------------------------------------------------------------------

    def choose(self) -> int:
        """The folder to start now. A trial is noted before it starts, so that it starts only once."""
        try:
            if self.trial != NONE and self.tries:
                self.give_up(NO_HOST)
            elif self.trial != NONE and has_firmware(self.folder(self.trial)):
                self.tries = 1
                self.save()
                return self.trial
        except OSError:
            pass  # no note, no trial: its way back would not be sure
        if self.good == NONE or not has_firmware(self.folder(self.good)):
            self.good = 0 if has_firmware(self.folder(0)) else 1
        has_crashed = self.crashes >= _MOST_CRASHES  # and the power went before it gave way
        if has_crashed or self._failures.has_failed(self.good):
            try:
                self._give_way(CRASHED if has_crashed else HUNG)
            except OSError:
                pass  # it is tried once more
        return self.good

    def _give_way(self, outcome: int) -> None:
        """Let the other folder be the good one, if it is whole and has not failed itself: never to and fro.

        That this one failed is kept first: a power cut in between must not leave a way back to it. Raises OSError.
        """
        failed, other = self.good, 1 - self.good
        if self._failures.has_failed(other) or not is_whole(self.folder(other)):
            return
        if not self._failures.has_failed(failed):
            self._failures.set(failed, _MOST_HANGS)
        former = self.outcome, self.digest, self.crashes
        self.good, self.outcome, self.digest = other, outcome, self._failures.head(failed)
        self.crashes = 0
        try:
            self.save()
        except OSError:
            self.good = failed
            self.outcome, self.digest, self.crashes = former
            raise

    def crashed(self, index: int) -> None:
        """A folder ended with an error. Raises OSError."""
        if self.trial == index:
            self.give_up(CRASHED)
            return
        self.crashes = min(_MOST_CRASHES, self.crashes + 1)
        if self.crashes == _MOST_CRASHES:
            self.good = index
            self.save()  # so that the next start knows why, if the power goes now
            self._give_way(CRASHED)
            self.crashes = 0
        self.save()


# -- folders and their manifests -----------------------------------------------------------------------
# The first line: BPF1 VERSION BOARD MPY. Then a line for each file: SIZE SHA256 PATH.


def has_firmware(folder: str) -> bool:
    """Whether a whole firmware was put there once: the manifest comes last."""
    try:
        os.stat(folder + "/" + MANIFEST)
    except OSError:
        return False
    return True


def read_head(path: str) -> list:
    """Version, board and .mpy version of a manifest. ValueError for what is none; OSError."""
    with open(path) as file:
        head = file.readline().split()
    if len(head) != 4 or head[0] != "BPF1":
        raise ValueError("manifest")
    return head[1:]


def read_rows(path: str):
    """(size, SHA-256 in hex, path) of each file, one after the other. ValueError for what is no row."""
    with open(path) as file:
        file.readline()
        for line in file:
            size, digest, name = line.split()
            yield int(size), digest, name


def digest_of(path: str) -> bytes:
    """SHA-256 of a file, read in pieces. OSError."""
    found = sha256()
    with open(path, "rb") as file:
        while True:
            piece = file.read(_PIECE)
            if not piece:
                return found.digest()
            found.update(piece)


def check(folder: str, manifest: str = MANIFEST):
    """Compare each file with the manifest, a piece at each turn. ValueError names the file that differs."""
    read_head(folder + "/" + manifest)
    for size, digest, name in read_rows(folder + "/" + manifest):
        found, left = sha256(), size
        with open(folder + "/" + name, "rb") as file:
            while True:
                piece = file.read(_PIECE)
                if not piece:
                    break
                left -= len(piece)
                found.update(piece)
                yield
        if left or hexlify(found.digest()).decode() != digest:
            raise ValueError(name)


def is_whole(folder: str) -> bool:
    """Whether every file of a folder is what its manifest says."""
    try:
        for _ in check(folder):
            pass
    except (OSError, ValueError):
        return False
    return True


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


# -- on the ESP32 ----------------------------------------------------------------------------------------


def run(root: str = "/") -> None:
    """Start a folder; whatever ends it, the controller restarts. Ctrl-C on the REPL alone comes through."""
    import machine

    machine.WDT(timeout=_LOADING_MS)
    state = BootState(root)
    index = state.choose()
    timer = _end_trial_late(machine, root) if state.trial == index else None
    try:
        sys.path.insert(0, state.folder(index))
        from firmware.main import run as run_firmware  # pyright: ignore[reportMissingImports] - it is in the folder

        run_firmware(root, FOLDERS[index])
    except Exception as error:
        sys.print_exception(error)  # pyright: ignore[reportAttributeAccessIssue] - MicroPython's
        try:
            BootState(root).crashed(index)
        except OSError:
            pass
    if timer:
        timer.deinit()
    machine.reset()


def _end_trial_late(machine, root: str):
    """A firmware that runs but forgot its own time limit is ended by this clock."""

    def late(_) -> None:
        if BootState(root).trial != NONE:
            machine.reset()

    timer = machine.Timer(0)
    timer.init(mode=machine.Timer.ONE_SHOT, period=_LAST_RESORT_MS, callback=late)
    return timer
