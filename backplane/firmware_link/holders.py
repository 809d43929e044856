"""Who has a device: by open files, by locks, by lock files. Looks only; opens nothing."""

import contextlib
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

_LOCK_FILES = Path("/run/lock")
_FLOCK = re.compile(r"FLOCK +\S+ +\S+ +(\d+) +([0-9a-f]+):([0-9a-f]+):(\d+) ")
_LONGEST_COMMAND = 60


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that has a device; `program` is its command line, shortened."""

    pid: int
    program: str
    is_locking: bool = False


def holder_of(path: str) -> tuple[int | None, str | None]:
    """(pid, program) of a process that has `path` open, or (None, None) if we may not see it."""
    pid = _openers([path]).get(path)
    if pid is None:
        return None, None
    with contextlib.suppress(OSError):
        return pid, Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
    return pid, None


def find_holders(paths: Iterable[str]) -> dict[str, Holder]:
    """By path: the process that has it open, has a flock on it, or has left a lock file for it and lives.

    All processes are gone through once, however many paths there are.
    """
    wanted = list(paths)
    openers = _openers(wanted)
    found = ((path, _holder(path, openers)) for path in wanted)
    return {path: holder for path, holder in found if holder is not None}


def _holder(path: str, openers: Mapping[str, int]) -> Holder | None:
    locker = _locker(path)
    pid = openers.get(path) or locker or _uucp_locker(path)
    return None if pid is None else Holder(pid, _command_of(pid), pid == locker)


def _openers(paths: Iterable[str]) -> dict[str, int]:
    devices = {path: str(Path(path).resolve()) for path in paths}
    wanted = set(devices.values())
    found: dict[str, int] = {}
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it ended, or belongs to another user
            for link in (process / "fd").iterdir():
                target = _target(link)
                if target in wanted:
                    found.setdefault(target, int(process.name))
    return {path: found[device] for path, device in devices.items() if device in found}


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""


def _locker(path: str) -> int | None:
    """Locks are seen across users, open files are not."""
    with contextlib.suppress(OSError):
        at = Path(path).stat()
        wanted = (os.major(at.st_dev), os.minor(at.st_dev), at.st_ino)
        for line in Path("/proc/locks").read_text(encoding="ascii").splitlines():
            found = _FLOCK.search(line)
            if found and (int(found[2], 16), int(found[3], 16), int(found[4])) == wanted:
                return int(found[1]) if int(found[1]) > 0 else None
    return None


def _uucp_locker(path: str) -> int | None:
    """ser2net, minicom and pppd leave LCK..ttyUSB0 with their pid; a dead one's counts for nothing."""
    with contextlib.suppress(OSError, ValueError):
        file = _LOCK_FILES / f"LCK..{Path(path).resolve().name}"
        pid = int(file.read_text(encoding="ascii", errors="replace").split()[0])
        return pid if Path(f"/proc/{pid}").exists() else None
    return None


def _command_of(pid: int) -> str:
    with contextlib.suppress(OSError):
        raw = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
        program, *arguments = raw.split("\0")
        name = Path(program).name or Path(f"/proc/{pid}/comm").read_text(encoding="utf-8")
        command = " ".join(" ".join((name, *arguments)).split())
        too_long = len(command) > _LONGEST_COMMAND
        return command[: _LONGEST_COMMAND - 3] + "..." if too_long else command
    return "a program"
