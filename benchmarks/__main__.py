"""Runs every benchmark and prints one report; `--write` puts it into docs/performance.md, `--only NAME` runs one.

Each figure stands beside its floor or peer of the same run: on a shared machine the ratio holds, the figure does not.
"""

import argparse
import importlib
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.report import Figure, table

NAMES = (
    "pull_to_paint",
    "tap_to_pending",
    "link_parse",
    "link_round_trip",
    "link_day",
    "link_replay",
    "link_commands",
    "link_recovery",
    "many_links",
    "fanout",
    "alarm_fanout",
    "swap_screens",
    "event_commits",
    "start_up",
    "page_weight",
    "netbox_requests",
)
_PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
_BEGIN = "<!-- measured: begin -->"
_END = "<!-- measured: end -->"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=NAMES, action="append")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    parts = [_machine()]
    missed = 0
    for name in options.only or NAMES:
        module = importlib.import_module(f"benchmarks.{name}")
        figures: list[Figure] = module.measure()
        missed += sum(figure.verdict == "MISSED" for figure in figures)
        parts.append(table(module.TITLE, figures))
        print(parts[-1], flush=True)
    if options.write:
        _write("\n".join(parts))
    print(f"{missed} targets missed" if missed else "every target reached")
    return 0


def _machine() -> str:
    when = datetime.now(UTC).date().isoformat()
    return (
        f"Measured on {when}: {os.cpu_count()} shared {platform.machine()} cores, "
        f"Python {sys.version.split()[0]}, {platform.system()}.\n"
    )


def _write(report: str) -> None:
    page = _PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    _PAGE.write_text(f"{before}{_BEGIN}\n{report}\n{_END}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
