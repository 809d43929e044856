"""A board for the scripts of this folder, in memory: honest switches, and what is on and there draws current.

Runs on MicroPython too, which finds it beside the script.
"""

# ruff: noqa: ANN001, ANN201, ANN204 - MicroPython
# mypy: ignore-errors

from firmware.board import Board


class StageBoard(Board):
    """Carriers are where `present` says."""

    def __init__(self, spec):
        super().__init__(spec)
        self.switches = 0

    def sample(self, now_ms):
        self.power_good = self.switches

    def rails(self):
        return self.switches

    def set_rail(self, slot, on):
        bit = 1 << slot
        self.switches = self.switches | bit if on else self.switches & ~bit

    def meter(self, slot):
        flows = slot == 0 or self.switches & self.present & 1 << slot
        return (12000, 400) if flows else (0, 0)

    def temperature(self, slot):
        return 4500 + slot

    def identity(self, slot):
        return (b"uid%02d" % slot, b"serial", b"model") if self.present & 1 << slot else None
