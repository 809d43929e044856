"""`manage.py link_trace`: a link in words, frame by frame: live (listening only), or from a recording.

Speaks to a board only to ask who it is, and to a port that somebody has not at all.
"""

import asyncio
import contextlib
import itertools
import math
import signal
import time
from argparse import ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, DjangoHelpFormatter

from backplane.firmware_link.errors import BadPortUrl, LinkError, PortTaken
from backplane.firmware_link.framing import encode_frame
from backplane.firmware_link.messages import HelloFlags, HelloReq, type_of
from backplane.firmware_link.ports import open_port, parse_port
from backplane.firmware_link.recording import (
    FROM_BOARD,
    TO_BOARD,
    Recorder,
    check_title,
    parse_line,
)
from backplane.firmware_link.trace import Chunk, Traced, Tracer
from backplane.firmware_link.transport import Transport

_ASK_EVERY_S = 3.0  # a listener is told state and readings for some seconds after it asked
_LOOK_AGAIN_S = 0.2
_TAP = "Or set RECORD_LINKS=DIR for that server, and trace the newest file in DIR with --follow."
_EXAMPLES = """
  link_trace /dev/ttyUSB0                      a board that no server has: asks who it is, and listens
  link_trace /dev/ttyUSB0 --silent             says nothing at all: an adapter on the board's TX line
  link_trace /dev/ttyUSB0 --record it.bplink   and keeps it
  link_trace it.bplink                         what was recorded
  link_trace var/recordings/x.bplink --follow  a link of the running server, with RECORD_LINKS=var/recordings
"""


class Command(BaseCommand):
    help = "Show a link in words: a live port (listening only) or a recording. Replay one with PORTS=replay:///FILE."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.epilog = "Examples:" + _EXAMPLES
        parser.formatter_class = _WithExamples
        parser.add_argument("source", help="a port as in PORTS, or a recording")
        parser.add_argument(
            "--details", action="store_true", help="each slot of STATE and TELEMETRY"
        )
        parser.add_argument("--record", metavar="FILE", help="keep what a port says")
        parser.add_argument("--silent", action="store_true", help="send nothing to the port")
        parser.add_argument("--seconds", type=_seconds, metavar="N", help="stop after so long")
        parser.add_argument("--follow", action="store_true", help="go on as the recording grows")

    def handle(self, **options: Any) -> None:
        printer = Printer(self._print, with_details=options["details"])
        source = Path(options["source"])
        try:
            if source.is_file():
                with contextlib.suppress(KeyboardInterrupt):
                    self._show_file(source, printer, options)
            else:
                _check_source(options["source"])
                if why := asyncio.run(_listen(options, printer)):
                    self.stderr.write(f"The port closed: {why}")
        except PortTaken as error:
            raise CommandError(f"{error} {_TAP}") from error
        except (LinkError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(printer.summary())

    def _print(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _show_file(self, path: Path, printer: "Printer", options: dict[str, Any]) -> None:
        limit_s = options["seconds"]
        end = None if limit_s is None else time.monotonic() + limit_s
        with path.open(encoding="ascii", errors="replace") as file:
            check_title(file.readline(), path)
            for chunk in _chunks(file, follows=options["follow"], end=end):
                printer.take(chunk)
        printer.end()


class _WithExamples(DjangoHelpFormatter, RawDescriptionHelpFormatter):
    """Leaves the lines of the examples as they are."""


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < math.inf:
        raise ArgumentTypeError(f"{text} is no time; give seconds above 0")
    return seconds


class Printer:
    """Prints each frame of both directions as it is complete."""

    def __init__(self, write: Callable[[str], None], *, with_details: bool) -> None:
        self._write = write
        self._with_details = with_details
        self._tracers = {True: Tracer(), False: Tracer()}
        self._at_s = 0.0
        self.good = self.bad = self.lost = 0

    def take(self, chunk: Chunk) -> None:
        self._at_s = chunk.at_s
        for traced in self._tracers[chunk.is_from_board].feed(chunk.data):
            self._show(traced, is_from_board=chunk.is_from_board)

    def end(self) -> None:
        for is_from_board, tracer in self._tracers.items():
            for traced in tracer.end():
                self._show(traced, is_from_board=is_from_board)

    def summary(self) -> str:
        return f"{self.good} good frames, {self.bad} bad, {self.lost} lost, in {self._at_s:.1f} s"

    def _show(self, traced: Traced, *, is_from_board: bool) -> None:
        self.good += traced.message is not None
        self.bad += traced.message is None
        self.lost += traced.lost
        direction = FROM_BOARD if is_from_board else TO_BOARD
        first, *more = traced.lines(with_details=self._with_details)
        self._write(f"{self._at_s:12.6f} {direction} {first}")
        for line in more:
            self._write(" " * 15 + line)


def _chunks(file: TextIO, *, follows: bool, end: float | None) -> Iterator[Chunk]:
    """Each chunk; with `follows` those too that are still to come. A line half written is read again."""
    begun = ""
    while end is None or time.monotonic() < end:
        line = begun + file.readline()
        if line.endswith("\n"):
            begun = ""
            chunk = parse_line(line)
            if chunk is not None:
                yield chunk
        elif follows:
            begun = line
            time.sleep(_LOOK_AGAIN_S)
        else:
            return


class Ear:
    """Listens to one port and hands on what passes, until something ends it."""

    def __init__(self, transport: Transport, printer: Printer, recorder: Recorder | None) -> None:
        self._transport = transport
        self._printer = printer
        self._recorder = recorder
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._over: asyncio.Future[str] = self._loop.create_future()

    async def listen(self, *, asks: bool, seconds: float | None) -> str:
        """Until Ctrl+C, SIGTERM, the end of the time or of the port, whose reason is returned."""
        for number in (signal.SIGINT, signal.SIGTERM):
            self._loop.add_signal_handler(number, self._end, "")
        self._transport.start(lambda data: self._pass(data, is_from_board=True), self._end)
        asking = self._loop.create_task(self._ask()) if asks else None
        try:
            await asyncio.wait([self._over], timeout=seconds)
        finally:
            if asking is not None:
                asking.cancel()
            self._transport.close()
        return self._over.result() if self._over.done() else ""

    async def _ask(self) -> None:
        request = HelloReq(0, 0, HelloFlags.LISTEN_ONLY)
        for seq in itertools.count():
            question = b"\0" + encode_frame(type_of(request), seq & 0xFF, request.to_body())
            self._pass(question, is_from_board=False)
            self._transport.write(question)
            await asyncio.sleep(_ASK_EVERY_S)

    def _pass(self, data: bytes, *, is_from_board: bool) -> None:
        self._printer.take(Chunk(self._loop.time() - self._began, is_from_board, data))
        if self._recorder is not None:
            self._recorder.note(data, is_from_board=is_from_board)

    def _end(self, why: str) -> None:
        if not self._over.done():
            self._over.set_result(why)


def _check_source(source: str) -> None:
    """Raise BadPortUrl for what is no port, or CommandError for a recording that is not there."""
    try:
        parse_port(source)
    except BadPortUrl as error:
        if "://" in source:
            raise
        raise CommandError(f"There is no file {source}, and as a port: {error}") from error


def _recorder(file: str | None, port: str) -> Recorder | None:
    try:
        return Recorder(Path(file), port) if file else None
    except FileExistsError as error:
        raise CommandError(
            f"{file} is there already and is not written over. Name another."
        ) from error
    except OSError as error:
        raise CommandError(f"{file} cannot be written: {error.strerror}.") from error


async def _listen(options: dict[str, Any], printer: Printer) -> str:
    transport = await open_port(options["source"], settings.DATA_DIR)
    try:
        recorder = _recorder(options["record"], options["source"])
    except CommandError:
        transport.close()
        raise
    try:
        ear = Ear(transport, printer, recorder)
        return await ear.listen(asks=not options["silent"], seconds=options["seconds"])
    finally:
        printer.end()
        if recorder is not None:
            recorder.close()
