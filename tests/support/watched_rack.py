"""A whole rack under watch: what must hold at every moment is looked at every moment, and each wrong is told with its story.

Looks at the world, the wire and the rows from outside; knows no rule of the firmware or the services but those
that docs promise to people.
"""

from datetime import datetime, timedelta
from typing import Any

from backplane.bridge.questions import is_question
from backplane.firmware_link.codes import Op
from backplane.firmware_link.commands import OutgoingCommand
from backplane.slots.budget import chassis_feeds, powered_slots
from backplane.slots.models import Chassis, Command
from backplane.slots.ops import POWER_OPS, UNFINISHED, CommandOp, CommandState
from tests.support.whole_rack import Round, WholeRack, outside_the_loop

BLUE_STEADY = 1
SLICE_S = 0.05
LEAKS_MA = 20  # what a meter shows without a load
_STAGGER_MS = 500
_UNSAFE_FOR_MS = 1_000  # meters are read each 100 ms
_ORDERS = (Op.SET_POWER, Op.POWER_CYCLE, Op.REQUEST_SHUTDOWN, Op.RELEASE)


class WatchedRack(WholeRack):
    """Notes in `wrongs` whatever must never be; `story` tells what was done, by the clock."""

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401  (those of WholeRack)
        self.wrongs: list[str] = []
        self.story: list[str] = []
        self.power_losses = 0  # of the whole chassis, as hands made them
        self._wishes: dict[
            int, int
        ] = {}  # unfinished commands: the lease under which they were seen
        self._last_on_ms = -_STAGGER_MS
        self._unsafe_since: dict[int, int] = {}
        super().__init__(*args, **options)
        self.rig.on_rail = self._rail_changes

    def did(self, what: str) -> None:
        """Add a line to the story."""
        self.story.append(f"{self.loop.time():9.2f} s  {what}")

    def wrong(self, what: str) -> None:
        self.wrongs.append(f"{self.loop.time():.2f} s: {what}")

    def run(self, seconds: float) -> None:
        end = self.loop.time() + seconds
        size_s = SLICE_S if seconds <= 1 else 5 * SLICE_S
        while (left_s := end - self.loop.time()) > 1e-9:
            super().run(min(size_s, left_s))
            self._look()

    def tell(self, line: str) -> dict[str, Any]:
        self.did(line)
        self.power_losses += line == "power-loss"
        return super().tell(line)

    def start_host(self) -> None:
        super().start_host()
        send = self.link.send

        def watched(outgoing: OutgoingCommand) -> None:
            outside_the_loop(lambda: self._look_at_order(outgoing))
            send(outgoing)

        self.link.send = watched  # type: ignore[method-assign, assignment]  # this wire is watched
        self.handler.questions.connect(watched)

    # -- the world ----------------------------------------------------------------
    def _look(self) -> None:
        self._look_at_wishes()
        self.machine.now_ms()  # brings the world up to this moment
        world = self.rig.world
        if not world.is_powered:
            return
        for bay in world.bays:
            is_safe_blue = bay.lights >> 6 & 7 == BLUE_STEADY
            if not is_safe_blue:
                self._unsafe_since.pop(bay.number, None)
                continue
            if bay.rail_is_commanded or bay.is_live:
                self.wrong(f"slot {bay.number} is steady blue with its rail on")
            mv, ma = bay.rail_mv(world.now_ms), bay.rail_ma(world.now_ms)
            if not self.rig.spec.has(bay.number, "meter") or (mv < 500 and ma <= LEAKS_MA):
                self._unsafe_since.pop(bay.number, None)
            elif world.now_ms - self._unsafe_since.setdefault(bay.number, world.now_ms) > (
                _UNSAFE_FOR_MS
            ):
                self.wrong(f"slot {bay.number} is steady blue at {mv} mV, {ma} mA")
        self._look_into_firmware()

    def _look_at_wishes(self) -> None:
        """What was asked over a link that is gone is over, too, in the same moment."""
        chassis = Chassis.objects.filter(board_id=bytes(self.rig.board_id).hex()).first()
        if chassis is None:
            return
        unfinished = list(Command.objects.filter(chassis=chassis, state__in=UNFINISHED))
        for each in unfinished:
            is_older = each.created_at < (chassis.link_changed_at or each.created_at)
            if is_older or not chassis.link_is_up:
                self.wrong(f"{each.op} of {each.slot} outlives the link that it was asked over")
            if self._wishes.get(each.pk, chassis.epoch) != chassis.epoch:
                self.wrong(f"{each.op} of {each.slot} outlives the lease that it was asked under")
        kept = {each.pk: self._wishes.get(each.pk, chassis.epoch) for each in unfinished}
        self._wishes = kept

    def _look_into_firmware(self) -> None:
        core = self.machine._core
        if core is None:
            return
        for slot in core.chassis.slots:
            if slot.released and slot.rail:
                self.wrong(f"slot {slot.number} is released with its rail on")

    def _rail_changes(self, slot: int, on: bool) -> None:
        core = self.machine._core
        if core is None:
            self.wrong(f"slot {slot} goes {'on' if on else 'off'} as the board boots")
        if not on:
            return
        now_ms = self.rig.world.now_ms
        if now_ms - self._last_on_ms < _STAGGER_MS:
            self.wrong(f"slot {slot} comes up {now_ms - self._last_on_ms} ms behind another")
        self._last_on_ms = now_ms
        if core is not None and core.chassis.slots[slot - 1].released:
            self.wrong(f"slot {slot} comes up though it is released")
        # Whoever stands before it goes by the lamp, whatever the firmware believes.
        if self.rig.world.bay(slot).lights >> 6 & 7 == BLUE_STEADY:
            self.wrong(f"slot {slot} comes up while its blue light is steady")

    # -- the wire -----------------------------------------------------------------
    def _look_at_order(self, outgoing: OutgoingCommand) -> None:
        if is_question(outgoing.id) or outgoing.order.op not in _ORDERS:
            return
        number = outgoing.order.args[0]
        what = f"{outgoing.order.op.name} of slot {number}"
        command = Command.objects.filter(chassis=self.chassis, wire_id=outgoing.id).first()
        if command is None or command.state != CommandState.SENT:
            self.wrong(f"{what} goes out, and nobody asks for it now")
            return
        if command.expires_at <= self.now or outgoing.expires_in_ms <= 0:
            self.wrong(f"{what} goes out, too late")
        if command.created_at < (self.chassis.link_changed_at or command.created_at):
            self.wrong(f"{what} goes out, and was asked before the link was lost")
        if self.slot(number).facts.rail_on is None or self.slot(number).state == "M7":
            self.wrong(f"{what} goes out, and the slot is not known")
        if command.op in {CommandOp.POWER_ON, CommandOp.POWER_CYCLE}:
            self._look_at_budget(number)

    def _look_at_budget(self, starting: int) -> None:
        chassis = Chassis.objects.get(pk=self.chassis.pk)
        slots = powered_slots(chassis, list(chassis.slots.all()))
        begins = next(slot for slot in slots if slot.number == starting)
        if begins.counts:
            return  # it is on, and goes off and on again
        for feed in chassis_feeds(chassis):
            if starting not in feed.slots:
                continue
            on = [each for each in slots if each.number in feed.slots and each.counts]
            needs_mw = sum(each.need_mw for each in (*on, begins))
            if needs_mw > feed.budget_mw:
                self.wrong(
                    f"slot {starting} is admitted: {needs_mw} of {feed.budget_mw} mW of {feed.name}"
                )


def nudged(work: Round) -> Round:
    """Let rounds come as the supervisor's do: at each change of the chassis, else each second."""
    last: tuple[int, datetime] | None = None

    def when_due(chassis_id: int, now: datetime) -> None:
        nonlocal last
        revision = Chassis.objects.values_list("revision", flat=True).get(pk=chassis_id)
        if last is None or revision != last[0] or now - last[1] >= timedelta(seconds=1):
            last = revision, now
            work(chassis_id, now)

    return when_due


def command_behind(wire_id: int, rack: WholeRack, at_most: timedelta) -> Command | None:
    """Return the power command with this id, sent no longer than that ago."""
    commands = Command.objects.filter(chassis=rack.chassis, wire_id=wire_id, op__in=POWER_OPS)
    newest = commands.order_by("-pk").first()
    is_late = newest is None or newest.sent_at is None or rack.now - newest.sent_at > at_most
    return None if is_late else newest
