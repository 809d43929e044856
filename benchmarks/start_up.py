"""How light the all-in-one process is: start to first page, resident memory, idle CPU, with bare Django as the peer.

The peer is a process that only loads Django with the same settings: what nobody could go below.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.report import Figure
from tests.support.app_process import ROOT, AppProcess
from tests.support.http import sign_in

TITLE = "Start, memory, idle"
_IDLE_S = 20
_SETTLE_S = 5
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def _resident_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return float("nan")


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S


def _bare_django(app: AppProcess) -> tuple[float, float]:
    code = "import django, resource; django.setup(); print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=app.environment, capture_output=True, check=True
    )
    return time.perf_counter() - started, int(done.stdout) / 1024


def measure() -> list[Figure]:
    """Start the prepared app three times; take the quickest start (the others met a busy machine)."""
    with tempfile.TemporaryDirectory() as folder:
        app = AppProcess(Path(folder))
        app.manage("prepare")
        bare_s, bare_mb = min(_bare_django(app) for _ in range(3))
        starts = [_first_page_s(app) for _ in range(3)]
        app.start()
        try:
            assert app.process is not None
            time.sleep(_SETTLE_S)
            sign_in(app.url).get(f"{app.url}/c/demo/")
            before = _cpu_s(app.process.pid)
            time.sleep(_IDLE_S)
            idle = 100 * (_cpu_s(app.process.pid) - before) / _IDLE_S
            resident = _resident_mb(app.process.pid)
        finally:
            app.stop()
    return [
        Figure(
            "start to first chassis page",
            min(starts),
            "s",
            3,
            f"bare Django {bare_s:.2f} s, ratio {min(starts) / bare_s:.1f}",
        ),
        Figure(
            "resident memory",
            resident,
            "MB",
            130,
            f"bare Django {bare_mb:.0f} MB, ratio {resident / bare_mb:.1f}",
        ),
        Figure(
            "idle CPU, one simulated chassis in the process",
            idle,
            "% of a core",
            3,
            f"over {_IDLE_S} s",
        ),
    ]


def _first_page_s(app: AppProcess) -> float:
    started = time.perf_counter()
    app.start()
    browser = sign_in(app.url)
    assert browser.get(f"{app.url}/c/demo/").status == 200
    elapsed = time.perf_counter() - started
    app.stop()
    return elapsed
