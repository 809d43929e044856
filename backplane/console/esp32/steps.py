"""The steps of an installation, each safe to cut: what runs is touched only by the last one.

A folder is filled and compared while the other one stays as it is; then the boot selector and its word follow.
"""

import re
from collections.abc import Callable
from hashlib import sha256

from backplane.console.esp32.chip import Chip
from backplane.console.esp32.errors import InstallFailed
from backplane.console.esp32.prompt import Prompt
from backplane.firmware_link.image import Image, make_image
from firmware.tools.compile_firmware import FIRMWARE, firmware_files, firmware_version

Say = Callable[[str], None]

STARTS_WITHIN_S = 40.0
INSTALLING_MS = 600_000  # a firmware that ran has started the watchdog, and only a restart ends it
RESERVE_BYTES = 131_072  # for the journal, as the firmware keeps it
BLOCK = 4096
_ERROR = re.compile(r"[A-Za-z]+(Error|Exception)\b")
SELECTOR = "/boot_selector.py"
MAIN = b"""# Backplane: starts the firmware in folder a or b, see docs/firmware.md. Ctrl-C gives a prompt.
import boot_selector

boot_selector.run()
"""


def compile_for(chip: Chip, board: str) -> Image:
    """The firmware for this chip. Raises CannotCompile."""
    return make_image(firmware_files(board, chip.mpy), firmware_version(), board, chip.mpy & 0xFF)


def keep_awake(prompt: Prompt) -> None:
    """A firmware that ran until now left its watchdog and perhaps clocks behind."""
    if prompt.ask("'boot_selector.py' in os.listdir('/')"):
        prompt.run(
            f"import machine\nmachine.WDT(timeout={INSTALLING_MS})\nfor n in (0, 1): machine.Timer(n).deinit()"
        )


def free_folder(prompt: Prompt) -> int:
    """The folder that does not run: 0 (a) on a fresh board."""
    if not prompt.ask("'boot_selector.py' in os.listdir('/')"):
        return 0
    told: list[int] = prompt.ask(
        "(lambda b: [b.BootState('/').choose(), 0])(__import__('boot_selector'))"
    )
    is_there = prompt.ask(
        f"'manifest' in (os.listdir('/{'ab'[told[0]]}') if '{'ab'[told[0]]}' in os.listdir('/') else [])"
    )
    return 1 - told[0] if is_there else 0


def fill_folder(prompt: Prompt, chip: Chip, image: Image, folder: str, say: Say) -> None:
    """Bring every file there, keep what is the same already, and compare all of it."""
    wanted = {f"/{folder}/{name}": content for name, content in image.files}
    there = prompt.hashes(f"/{folder}")
    prompt.remove(f"/{folder}/manifest")  # first: half a folder must not look like a whole one
    for path in set(there) - set(wanted):
        prompt.remove(path)
    missing = {
        path: content
        for path, content in wanted.items()
        if there.get(path) != sha256(content).hexdigest()
    }
    needed = sum(len(content) // BLOCK + 1 for content in missing.values()) * BLOCK
    if needed + RESERVE_BYTES > chip.free_bytes:
        raise InstallFailed(
            f"The flash of the ESP32 has {chip.free_bytes // 1024} kB free, and {(needed + RESERVE_BYTES) // 1024} kB are "
            "needed with the journal. Remove what is not Backplane's, or flash MicroPython anew with --micropython."
        )
    _copy(prompt, missing, say)
    _compare(prompt, wanted, folder)
    prompt.put_in_place(f"/{folder}/manifest", image.manifest)


def _copy(prompt: Prompt, files: dict[str, bytes], say: Say) -> None:
    total = sum(map(len, files.values())) or 1
    say(f"Copying {len(files)} files, {total // 1024 + 1} kB ...")
    sent, told = 0, 0

    def count(size: int) -> None:
        nonlocal sent, told
        sent += size
        if sent * 4 // total > told:
            told = sent * 4 // total
            say(f"  {told * 25} %")

    for path, content in sorted(files.items()):
        prompt.write(path, content, count)


def _compare(prompt: Prompt, wanted: dict[str, bytes], folder: str) -> None:
    there = prompt.hashes(f"/{folder}")
    for path, content in wanted.items():
        if there.get(path) != sha256(content).hexdigest():
            raise InstallFailed(
                f"{path} reads back otherwise than it was written. Try again; if it fails again, replace the ESP32."
            )


def make_it_start(prompt: Prompt, folder: int) -> str:
    """Put the boot selector into the root and let it start this folder. Says what it put aside, if anything."""
    aside = ""
    main = prompt.ask("open('/main.py').read() if 'main.py' in os.listdir('/') else ''")
    if main and main.encode() != MAIN:
        prompt.run("os.rename('/main.py', '/main.py.old')")
        aside = "/main.py was another program's; it is /main.py.old now."
    prompt.put_in_place(SELECTOR, (FIRMWARE / "boot_selector.py").read_bytes())
    prompt.put_in_place("/main.py", MAIN)
    prompt.remove("/failures")  # what is installed by hand has its chances anew
    prompt.run(
        "import sys\nsys.modules.pop('boot_selector', None)\nimport boot_selector\n"
        "s = boot_selector.BootState('/')\n"
        f"s.good, s.trial, s.tries, s.outcome, s.crashes = {folder}, boot_selector.NONE, 0, 0, 0\n"
        "s.save()"
    )
    return aside


def start(prompt: Prompt, image: Image, folder: str) -> None:
    """Restart, and wait until the firmware says on the same port that it runs."""
    expected = f"Backplane {image.version} on {image.board} runs from folder {folder}"
    prompt.restart()
    heard: list[str] = []
    has_failed = False
    for line in prompt.lines(STARTS_WITHIN_S):
        heard.append(line)
        if expected in line:
            return
        if has_failed and _ERROR.match(line):
            raise InstallFailed(
                f"The firmware stopped as it started: {line}. Is it the right board? Check the wiring against its file."
            )
        has_failed = has_failed or "Traceback" in line
    last = "; ".join(line for line in heard[-3:] if line) or "nothing"
    raise InstallFailed(
        f"The ESP32 did not say within {STARTS_WITHIN_S:.0f} s that the firmware runs. It printed: {last}"
    )
