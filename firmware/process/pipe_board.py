"""A board whose pins, latches, meters and chips are at the other end of the pipe. Keeps no rule."""

from binascii import unhexlify

from ..board import Board
from ..board_spec import BoardSpec
from .pipe import ask, ask_number


class PipeBoard(Board):
    """Every question goes to the rack as it is asked; nothing is remembered but the last sample."""

    def __init__(self, spec: BoardSpec, facts: dict) -> None:
        super().__init__(spec)
        self.board_id = unhexlify(facts["board_id"])
        self.simulated = facts["simulated"]
        self.reset_cause = facts["reset_cause"]
        self.chassis_power_was_lost = facts["chassis_power_was_lost"]

    def sample(self, now_ms: int) -> None:
        (
            self.present,
            self.handles_closed,
            self.power_good,
            self.tripped,
            self.halted,
            self.answering,
            self.supplies_good,
        ) = [int(word) for word in ask("sample %d" % now_ms).split()]

    def rails(self) -> int:
        return ask_number("rails")

    def set_rail(self, slot: int, on: bool) -> None:
        ask("set_rail %d %d" % (slot, on))

    def set_shutdown_line(self, slot: int, asserted: bool) -> None:
        ask("set_shutdown_line %d %d" % (slot, asserted))

    def clear_trip(self, slot: int) -> None:
        ask("clear_trip %d" % slot)

    def rearm_halted(self, slot: int) -> None:
        ask("rearm_halted %d" % slot)

    def set_lights(self, slot: int, word: int) -> None:
        ask("set_lights %d %d" % (slot, word))

    def show_lights(self) -> None:
        ask("show_lights")

    def meter(self, slot: int) -> tuple[int, int]:
        mv, ma = ask("meter %d" % slot).split()
        return int(mv), int(ma)

    def temperature(self, slot: int) -> int:
        return ask_number("temperature %d" % slot)

    def identity(self, slot: int) -> tuple[bytes, bytes, bytes] | None:
        answer = ask("identity %d" % slot)
        if not answer:
            return None
        uid, serial, model = [unhexlify(part) for part in answer.split(",")]
        return uid, serial, model

    def device_address(self, slot: int) -> int:
        return ask_number("device_address %d" % slot)

    def set_fan(self, fan: int, duty: int) -> None:
        ask("set_fan %d %d" % (fan, duty))

    def fan_rpm(self, fan: int) -> int:
        return ask_number("fan_rpm %d" % fan)

    def forget_power_loss(self) -> None:
        super().forget_power_loss()
        ask("forget_power_loss")

    def feed_watchdog(self) -> None:
        """The other side has one of its own: it waits for each answer only so long."""

    def reboot(self) -> None:
        ask("reboot")
