"""A core that runs under MicroPython in a process of its own, in the shape the machine steps."""

import json
from pathlib import Path

from backplane.firmware_link.simulator.flash import version_of
from backplane.firmware_link.simulator.mcu.interpreters import ROOT, Interpreter
from backplane.firmware_link.simulator.mcu.process import McuFailed, McuProcess
from backplane.firmware_link.simulator.mcu.services import McuServices
from firmware.board import Board
from firmware.boot_selector import BootState


class RemoteCore:
    """As firmware.core.Core, as far as a machine needs it. Every method raises McuFailed."""

    def __init__(
        self, interpreter: Interpreter, board: Board, flash: Path, boot: BootState
    ) -> None:
        services = McuServices(board, flash)
        self.process = McuProcess(interpreter.command, ROOT, services.answer)
        self._due_ms = 0
        facts = {
            "spec": board.spec.data,
            "board_id": bytes(board.board_id).hex(),
            "simulated": board.simulated,
            "reset_cause": board.reset_cause,
            "chassis_power_was_lost": board.chassis_power_was_lost,
            "folder": boot.running,
            "version": version_of(boot),
        }
        try:
            self.process.call(f"boot {json.dumps(facts)}")
        except McuFailed:
            self.process.close()
            raise

    def receive(self, data: bytes, now_ms: int) -> None:
        self.process.call(f"receive {now_ms} {data.hex()}")

    def step(self, now_ms: int) -> bytes:
        sent, _, due = self.process.call(f"step {now_ms}").rpartition(" ")
        self._due_ms = int(due or now_ms)
        return bytes.fromhex(sent)

    def next_due(self) -> int:
        return self._due_ms

    def memory(self) -> int:
        """Bytes of its heap in use, garbage collected."""
        self.process.call("collect")
        return int(self.process.call("memory"))

    def close(self) -> None:
        """End it as a reset does."""
        self.process.close()


class UnderMicroPython:
    """A microcontroller for a machine: each boot is a fresh interpreter."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter

    def boot(self, board: Board, flash: Path, boot: BootState) -> RemoteCore:
        return RemoteCore(self.interpreter, board, flash, boot)

    def end(self, core: RemoteCore) -> None:
        core.close()
