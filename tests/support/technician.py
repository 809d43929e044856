"""A technician in virtual time: looks at the stage and at the lamps of the rack, presses what is offered, uses hands.

Knows nothing of a swap's rules. Where neither button, light nor deadline leads on, `finish` fails.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from backplane.live.lamps import unpack_lamps
from backplane.people.audit import Actor
from backplane.people.models import User
from backplane.people.roles import Role
from backplane.slots.models import Command
from backplane.slots.ops import UNFINISHED
from backplane.swaps import selectors, services
from backplane.swaps.errors import NotPossible, StaleSwap
from backplane.swaps.models import Swap
from backplane.swaps.stage import Button, LampHint, Stage
from backplane.swaps.steps import Branch, SwapState
from tests.support.whole_rack import WholeRack

NEW_UID = "1b2c3d4e"
LOOK_S = 0.5  # between two looks at the screen
_ENDED = (SwapState.DONE, SwapState.CANCELLED)
# What a sensible person presses where no button is the main one, or the main one would not end the swap.
SENSIBLE: Mapping[str, str] = {
    "3/hangs": "cut",
    "3/refused": "cut",
    "4/restore": "restore_power",
    "5/restore": "restore_power",
    "6/unknown": "name_new",
    "6/elsewhere": "accept_carrier",
    "6/no_identity": "name_new",
}


def person(name: str = "ana", role: Role = Role.TECHNICIAN) -> Actor:
    user, _ = User.objects.get_or_create(username=name, defaults={"role": role})
    return Actor(user.pk, name, role, "phone")


@dataclass
class Technician:
    """One person with a phone at one rack, on one swap. `puts` is the carrier they have brought; "" the old one."""

    rack: WholeRack
    swap_id: int
    actor: Actor = field(default_factory=person)
    puts: str = NEW_UID
    choices: Mapping[str, str] = field(default_factory=dict)
    trail: list[str] = field(default_factory=list)
    lies: list[str] = field(default_factory=list)  # stages whose light was not the rack's
    _looked: tuple[float, Stage] | None = None

    # -- eyes -------------------------------------------------------------------
    @property
    def swap(self) -> Swap:
        return Swap.objects.select_related("chassis", "slot").get(pk=self.swap_id)

    def look(self) -> Stage:
        """Return what the screen says now; at one moment it is read once."""
        now = self.rack.loop.time()
        if self._looked is None or self._looked[0] != now:
            self._looked = (now, selectors.stage_for(self.swap, self.rack.now))
        return self._looked[1]

    @property
    def key(self) -> str:
        return self.look().key

    def offered(self) -> dict[str, Button]:
        """Return the buttons that this person may press now."""
        stage, swap = self.look(), self.swap
        buttons = {each.do: each for each in (*stage.buttons, *stage.more) if not each.why_not}
        return {do: each for do, each in buttons.items() if self._is_mine(each, swap)}

    def _is_mine(self, button: Button, swap: Swap) -> bool:
        if button.who == "operator":
            return Role(self.actor.role).includes(Role.OPERATOR)
        return button.who == "anybody" or swap.holder_id == self.actor.user_id

    def sees(self, hint: LampHint) -> bool:
        """Whether the lamp on the rack does what the screen says."""
        lamp = unpack_lamps(self.rack.lights_seen(hint.slot))[hint.lamp]
        is_lit = lamp["colour"] == hint.colour or hint.lamp != "status"
        return is_lit and lamp["pattern"] == hint.pattern

    def blinking(self) -> int | None:
        """Return the one slot whose white lamp blinks fast."""
        found = [
            number
            for number in self.rack.numbers
            if unpack_lamps(self.rack.lights_seen(number))["locate"]["pattern"] == "fast"
        ]
        return found[0] if len(found) == 1 else None

    # -- hands ------------------------------------------------------------------
    def press(self, do: str, **values: object) -> None:
        """Press what is offered now, with these values; others are filled in."""
        button = self.offered().get(do)
        assert button is not None, f"{do} is not offered: {self.story()}"
        filled = {**self._fill(button), **{name: [str(said)] for name, said in values.items()}}
        self.trail.append(f"{self.key}:{do}")
        deed = services.Deed(do, filled, self.actor, Role(self.actor.role), self.swap.version)
        before = self.key
        try:
            services.act(self.swap_id, deed, self.rack.now)
        except (StaleSwap, NotPossible):  # the hardware was quicker than the finger
            self.rack.run(LOOK_S)
            assert self.key != before, f"{do} was offered and refused: {self.story()}"
        self.rack.run(0.1)

    def _fill(self, button: Button) -> dict[str, list[str]]:
        return {each.name: [self._value(each.name)] for each in button.fields if each.name}

    def _value(self, name: str) -> str:
        known = {
            "slot": str(self.blinking() or self.swap.slot.number),
            "name": f"web-{self.swap.slot.number:02d}",
            "serial": f"{self.swap.slot.number}f31",
        }
        return known.get(name, "because I say so" if name in {"reason", "note", "text"} else "")

    def _hand(self, stage: Stage) -> bool:
        """Pull or insert where the light really says so."""
        hint = stage.hint
        if hint is None or not self.sees(hint):
            return False
        seated = self.rack.rig.world.bay(hint.slot).carrier
        if stage.tone == "pull" and seated is not None:
            return self._do(f"pull {hint.slot}")
        if stage.tone == "insert" and seated is None:
            return self._do(f"insert {hint.slot} {self.puts}".strip())
        if stage.tone == "stop" and hint.colour == "red" and seated is None:
            return self._do(f"insert {hint.slot}")
        return False

    def _do(self, line: str) -> bool:
        answer = self.rack.tell(line)
        assert answer["ok"], answer
        self.trail.append(line)
        self.rack.run(0.3)
        return True

    # -- going on ----------------------------------------------------------------
    def step(self) -> None:
        """Do the next sensible thing; where there is nothing to do, wait a little."""
        stage = self.look()
        if self._hand(stage):
            return
        do = self._next(stage)
        if do is None:
            self.rack.run(LOOK_S)
            self._compare()
        else:
            self.press(do)

    def _next(self, stage: Stage) -> str | None:
        offered = self.offered()
        if not self._holds() and "take_over" in offered and stage.key != "parked":
            return "take_over"
        wanted = self.choices.get(stage.key) or SENSIBLE.get(stage.key)
        if wanted is not None and wanted in offered:
            return wanted
        main = [each.do for each in stage.buttons if each.look == "main" and each.do in offered]
        is_dark = stage.hint is not None and not self.sees(stage.hint)
        if main and is_dark and main[0] in {"slot", "at_rack"}:
            return "try_again" if "try_again" in offered else None
        return next(iter(main), None)

    def _holds(self) -> bool:
        return self.swap.holder_id == self.actor.user_id

    def _compare(self) -> None:
        """Note a light that differs from the screen's, with all commands settled and the link up."""
        swap, stage = self.swap, self.look()
        if stage.hint is None or swap.branch == Branch.LINK_LOST or not self.rack.is_seen():
            return
        if Command.objects.filter(state__in=UNFINISHED, slot=swap.slot).exists():
            return
        if not self.sees(stage.hint) and not says_dark(stage):
            lamps = unpack_lamps(self.rack.lights_seen(stage.hint.slot))
            self.lies.append(f"{stage.key} {stage.lead!r} {stage.hint}: {lamps}")

    def until(self, *keys: str, within_s: float = 120.0) -> Stage:
        """Go on until the screen is one of these."""
        end = self.rack.loop.time() + within_s
        while self.key not in keys:
            assert self.rack.loop.time() < end, f"not at {keys}: {self.story()}"
            self.step()
        return self.look()

    def finish(self, within_s: float = 240.0) -> Swap:
        """Go on until the swap is over."""
        end = self.rack.loop.time() + within_s
        while self.swap.state not in _ENDED:
            assert self.rack.loop.time() < end, f"no way on: {self.story()}"
            self.step()
        self.rack.run(2)
        return self.swap

    def story(self) -> str:
        stage = self.look()
        entries = [entry.text for entry in self.swap.entries.all()]
        buttons = [each.do for each in (*stage.buttons, *stage.more)]
        return f"{stage.key} {stage.title!r} {stage.lead!r} {buttons} {self.trail} {entries}"


def says_dark(stage: Stage) -> bool:
    """Whether the screen itself says that the light may not be as it should."""
    words = f"{stage.lead} {stage.sub}"
    return any(
        each in words
        for each in (
            "could not be lit",
            "does not report",
            "reports the light as off",
            "asked to blink",
        )
    ) or stage.key in {"1/no_read_back", "2/wrong_slot", "4/not_pulled"}


def start(rack: WholeRack, slot: int, by: Actor | None = None, **more: object) -> Technician:
    """Begin a swap of a slot."""
    actor = by or person()
    request = services.SwapRequest(rack.chassis.pk, slot, actor, **more)  # type: ignore[arg-type]  # SwapRequest's own names
    return Technician(rack, services.start_swap(request, rack.now).pk, actor)
