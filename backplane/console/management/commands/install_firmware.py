"""`manage.py install_firmware`: puts the firmware onto an ESP32 by its USB port, from whatever state it is in."""

import asyncio
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backplane.console.esp32 import steps
from backplane.console.esp32.chip import Chip, TooOld, read_chip
from backplane.console.esp32.errors import InstallFailed, NoPrompt
from backplane.console.esp32.flashing import check_image, flash_micropython
from backplane.console.esp32.host_line import wait_for_hello
from backplane.console.esp32.prompt import Prompt
from backplane.firmware_link.errors import LinkError
from backplane.firmware_link.image import Image
from firmware.tools.compile_firmware import CannotCompile, board_names, board_warnings

HELLO_WITHIN_S = 15.0
_ERRORS = (InstallFailed, LinkError, CannotCompile)


class Command(BaseCommand):
    help = (
        "Put the firmware onto an ESP32 with MicroPython, by its USB port. Slots that are on stay on. Later versions "
        "come over the host line: update_firmware."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", required=True, metavar="PORT", help="the ESP32's USB port")
        parser.add_argument(
            "--board",
            required=True,
            metavar="NAME",
            help=f"which board: {', '.join(board_names())}",
        )
        parser.add_argument(
            "--micropython",
            metavar="FILE.bin",
            type=Path,
            help="flash this MicroPython first, if the chip has none or one that is too old; it empties the flash",
        )
        parser.add_argument(
            "--link",
            metavar="URL",
            help="the host line (another adapter, or socket://): wait for the board's HELLO on it",
        )

    def handle(self, **options: Any) -> None:
        board: str = options["board"]
        if board not in board_names():
            raise CommandError(f"There is no board {board}. Boards: {', '.join(board_names())}")
        try:
            with self._prompt(options["port"], options["micropython"]) as prompt:
                self._install(prompt, board)
            if options["link"]:
                self._greet(options["link"], board)
        except _ERRORS as error:
            raise CommandError(str(error)) from error
        if not options["link"]:
            self._say("Connect the host line now and start: make run PORTS=/dev/serial/by-id/...")

    def _prompt(self, port: str, micropython: Path | None) -> Prompt:
        """Open the prompt on a MicroPython that is new enough; flash one where there is none and a file is given."""
        if micropython is not None:
            check_image(micropython)
        try:
            prompt = Prompt(port)
        except NoPrompt:
            if micropython is None:
                raise
            return self._flash(port, micropython)
        try:
            read_chip(prompt)
        except TooOld:
            prompt.close()
            if micropython is None:
                raise
            return self._flash(port, micropython)
        except InstallFailed:
            prompt.close()
            raise
        if micropython is not None:
            self._say(
                "MicroPython is there and new enough: it stays, and so do the board's settings."
            )
        return prompt

    def _flash(self, port: str, micropython: Path) -> Prompt:
        flash_micropython(port, micropython, self._say)
        return Prompt(port)

    def _install(self, prompt: Prompt, board: str) -> None:
        steps.keep_awake(prompt)
        chip = read_chip(prompt)
        self._tell(chip)
        image = steps.compile_for(chip, board)
        for text in board_warnings(board):
            self._say(f"Mind: {text}")
        folder = steps.free_folder(prompt)
        letter = "ab"[folder]
        self._say(f"Firmware {image.version} for {board} goes into folder {letter}.")
        steps.fill_folder(prompt, chip, image, letter, self._say)
        self._say("Every file reads back as it was written.")
        if aside := steps.make_it_start(prompt, folder):
            self._say(aside)
        self._say("Restarting ...")
        steps.start(prompt, image, letter)
        self._done(image, letter)

    def _greet(self, url: str, board: str) -> None:
        self._say(f"Waiting for the board's HELLO on {url} ...")
        hello = asyncio.run(wait_for_hello(url, HELLO_WITHIN_S))
        if hello is None:
            raise CommandError(
                f"The firmware runs, but no HELLO came on {url} within {HELLO_WITHIN_S:.0f} s. Check the three wires: the "
                "board's TX to the adapter's RX, RX to TX, and ground; and that this is the host line's adapter."
            )
        if hello.board_name != board:
            raise CommandError(
                f"{url} leads to another board: {hello.board_name}, id {hello.board_id.hex()}."
            )
        told = (
            f"HELLO: board {hello.board_name}, id {hello.board_id.hex()}, firmware {hello.version}."
        )
        self.stdout.write(self.style.SUCCESS(told))
        self._say(f"Start the program with: make run PORTS={url}")

    def _tell(self, chip: Chip) -> None:
        self._say(
            f"{chip.machine or 'ESP32'}, MicroPython {chip.version_text}, {chip.free_bytes // 1024} kB free."
        )

    def _done(self, image: Image, letter: str) -> None:
        text = f"Firmware {image.version} for {image.board} runs from folder {letter}."
        self.stdout.write(self.style.SUCCESS(text))

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
