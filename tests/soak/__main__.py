"""`make soak`: many long seeds, on all cores, and what they went through. Fails when anything is wrong."""

# ruff: noqa: T201  (it prints)

import argparse
import sys
import time
from collections import Counter
from multiprocessing import Pool

from tests.soak.run import Outcome, soak

_SUMS = (
    "events", "rows", "told", "excused", "gaps", "journals", "boots", "cuts", "hosts",
    "commands", "switched", "by_command", "virtual_s",
)  # fmt: skip
_WORDS = {
    "events": "events that the board numbered",
    "rows": "rows committed",
    "told": "changes of pins that are exactly one row",
    "excused": "changes of pins inside a recorded gap",
    "gaps": "gaps of a ring that came round",
    "journals": "new journals after damage to the flash",
    "boots": "boots",
    "cuts": "of them cut by a byte of a write",
    "hosts": "host processes",
    "commands": "commands given",
    "switched": "switches of a rail",
    "by_command": "of them by a command",
    "virtual_s": "seconds of virtual time",
}


def _run(job: tuple[int, int]) -> Outcome:
    return soak(*job)


def main() -> int:
    """Run, print, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--seeds", type=int, default=60)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--processes", type=int, default=None)
    options = parser.parse_args()
    began = time.monotonic()
    sums: Counter[str] = Counter()
    happened: Counter[str] = Counter()
    wrongs = 0
    seeds = range(options.first, options.first + options.seeds)
    with Pool(options.processes) as pool:
        jobs = [(seed, options.events) for seed in seeds]
        for outcome in pool.imap_unordered(_run, jobs):
            sums.update({name: getattr(outcome, name) for name in _SUMS})
            happened.update(outcome.happened)
            wrongs += len(outcome.wrongs)
            print(f"seed {outcome.seed}: {outcome.events:,} events", file=sys.stderr, flush=True)
            for wrong in outcome.wrongs[:10]:
                print(f"seed {outcome.seed}: WRONG: {wrong}", flush=True)
    print(f"{options.seeds} seeds, {time.monotonic() - began:.0f} s")
    for name in _SUMS:
        print(f"{sums[name]:>10,} {_WORDS[name]}")
    print("fates: " + ", ".join(f"{name} {count:,}" for name, count in happened.most_common()))
    print(f"{wrongs:>10,} things wrong")
    return 1 if wrongs else 0


if __name__ == "__main__":
    sys.exit(main())
