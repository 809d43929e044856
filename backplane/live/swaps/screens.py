"""What one reader's screen of a swap shows: a Stage with the buttons this reader may press, and why not the others.

Pure. The services check again; this keeps a person from trying in vain.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from backplane.live.lamps import Lamp
from backplane.live.rendering import SlotView
from backplane.live.swaps.veil import hides_number, veiled
from backplane.swaps.stage import Button, LampHint, Stage, StepLine

HOLD_OR_TYPE: Final = 3
ASK_FIRST: Final = 2
_IN_BAR: Final = 2  # what a thumb reaches; the others stand behind "More"
# What may have to be found in a hurry comes first; buttons not named here keep their order after these.
_BAR_ORDER: Final = ("take_over", "keep_out", "light_missing", "locate_but", "cancel")


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks. `is_holder`: the swap is theirs right now; `is_here`: they may act at this site."""

    is_technician: bool
    is_operator: bool
    is_holder: bool
    is_here: bool = True


@dataclass(frozen=True, slots=True)
class Holding:
    """Who has the swap. `is_quiet`: not heard of for so long that others may take over."""

    name: str
    is_quiet: bool
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """Some words of a sentence, the emphasised ones strong."""

    text: str
    is_strong: bool


@dataclass(frozen=True, slots=True)
class ButtonView:
    """One button as drawn. `why`: what keeps this reader from it; `asks`: a question comes before the deed."""

    button: Button
    why: str
    asks: bool
    confirm: str  # what the confirmed form carries: the slot's number for the gravest

    @property
    def must_hold(self) -> bool:
        return self.button.guard == HOLD_OR_TYPE

    @property
    def has_pad(self) -> bool:
        """Whether its keys send it: then it needs no button beside them."""
        return any(field.kind == "slots" for field in self.button.fields)


@dataclass(frozen=True, slots=True)
class Twin:
    """The lamp that the step is about, as the board reports it; `said` None: its word is not known."""

    hint: LampHint
    lamp: Lamp | None
    said: str
    differs: bool
    slot_words: str  # whose lamp: "Slot 7"


@dataclass(frozen=True, slots=True)
class Whole:
    """What a screen is made from, beside the stage."""

    swap_id: int
    slot: int
    is_open: bool
    version: int
    reader: Reader
    holding: Holding
    steps: Sequence[StepLine] = ()
    bays: Sequence[SlotView] = ()


@dataclass(frozen=True, slots=True)
class Screen:
    """Everything `swaps/_screen.html` draws."""

    whole: Whole
    stage: Stage
    step_words: str
    lead: tuple[Run, ...]
    sub: tuple[Run, ...]
    twin: Twin | None
    buttons: tuple[ButtonView, ...]
    bar: tuple[ButtonView, ...]
    rest: tuple[ButtonView, ...]
    message: ButtonView | None  # has a place of its own, below the log
    whys: tuple[str, ...]
    wants_light: bool  # steps in which the phone should stay awake
    slot: int | None  # None: the reader is asked for it just now

    @property
    def slot_words(self) -> str:
        """Return what the slot is called in the middle of a sentence."""
        return "this slot" if self.slot is None else f"slot {self.slot}"

    def told(self, text: str) -> str:
        """Return a sentence from elsewhere as this screen may say it."""
        return veiled(text, self.whole.slot) if self.slot is None else text

    @property
    def asking(self) -> tuple[ButtonView, ...]:
        """Return the buttons that have a question of their own, each deed once."""
        every = (*self.buttons, *self.bar, *self.rest)
        return tuple({one.button.do: one for one in every if one.asks}.values())

    def button(self, do: str) -> ButtonView | None:
        """Return the button that sends `do`, if the stage has one."""
        own_place = (self.message,) if self.message else ()
        every = (*self.buttons, *self.bar, *self.rest, *own_place)
        return next((one for one in every if one.button.do == do), None)


def screen_of(stage: Stage, whole: Whole) -> Screen:
    """Return what this reader's screen shows of `stage`."""
    is_asked = hides_number(stage, is_open=whole.is_open, is_holder=whole.reader.is_holder)
    if is_asked:
        stage = veiled(stage, whole.slot)
        whole = replace(whole, steps=veiled(tuple(whole.steps), whole.slot))
    slot = None if is_asked else whole.slot
    buttons = tuple(_drawn(button, whole, in_bar=False) for button in stage.buttons)
    is_own = whole.reader.is_holder
    offered = [button for button in stage.more if not (is_own and button.do == "take_over")]
    more = [_drawn(button, whole, in_bar=True) for button in offered]
    more.sort(key=_bar_rank)
    message = next((one for one in more if one.button.do == "message"), None)
    more = [one for one in more if one is not message]
    return Screen(
        whole=whole,
        stage=stage,
        step_words=_step_words(stage, whole),
        lead=runs_of(stage.lead),
        sub=runs_of(stage.sub),
        twin=twin_of(stage.hint, whole.bays, slot) if stage.hint else None,
        buttons=buttons,
        bar=tuple(more[:_IN_BAR]),
        rest=tuple(more[_IN_BAR:]),
        message=message,
        whys=tuple(dict.fromkeys(one.why for one in (*buttons, *more) if one.why)),
        wants_light=whole.is_open and 3 <= stage.step <= 8,
        slot=slot,
    )


def runs_of(sentence: str) -> tuple[Run, ...]:
    """Split at *asterisks*: every second piece is strong."""
    pieces = sentence.split("*")
    return tuple(Run(text, index % 2 == 1) for index, text in enumerate(pieces) if text)


def twin_of(hint: LampHint, bays: Sequence[SlotView], slot: int | None) -> Twin:
    """Return the lamp of the hint beside what the board reports of it; `slot` None: it is not to be named."""
    words = "The light" if slot is None else f"Slot {hint.slot}"
    bay = next((one for one in bays if one["n"] == hint.slot), None)
    lamps = bay["lamps"] if bay else None
    if lamps is None:
        return Twin(
            hint, None, "What the board shows is not known.", differs=False, slot_words=words
        )
    lamp: Lamp = lamps[hint.lamp]
    said = _difference(hint, lamp)
    told = said or "The board reports it so."
    return Twin(hint, lamp, told, differs=bool(said), slot_words=words)


def _difference(hint: LampHint, lamp: Lamp) -> str:
    """Say how the reported lamp differs from the one that is meant; "" when it does not."""
    is_dark = "off" in (lamp["colour"], lamp["pattern"])
    if is_dark or hint.pattern == "off":
        is_meant_dark = hint.pattern == "off"
        if is_dark == is_meant_dark:
            return ""
        return "The board reports it dark." if is_dark else "The board reports it lit."
    if lamp["colour"] != hint.colour:
        return f"The board reports it {lamp['colour']}."
    return "" if lamp["pattern"] == hint.pattern else "The board reports another pattern."


def why_not(button: Button, reader: Reader, holder: str) -> str:
    """Return what keeps the reader from a button; "" when nothing does."""
    if not reader.is_technician:
        return "Needs the role technician."
    if not reader.is_here:
        return "Not at one of your sites."
    if button.who == "operator" and not reader.is_operator:
        if button.do == "take_over":
            return f"{holder} is at it: you may take over after 2 minutes of silence."
        return "Needs the role operator."
    if button.who == "holder" and not reader.is_holder:
        return f"{holder} has this swap." if holder else "Nobody has this swap: take it over first."
    return button.why_not


def _drawn(button: Button, whole: Whole, *, in_bar: bool) -> ButtonView:
    return ButtonView(
        button=button,
        why=why_not(button, whole.reader, whole.holding.name),
        # On the card a field stands beside its button; in the bar there is no room for it.
        asks=button.guard >= ASK_FIRST
        or (in_bar and bool(button.fields) and button.do != "message"),
        confirm=str(whole.slot) if button.guard == HOLD_OR_TYPE else "yes",
    )


def _bar_rank(one: ButtonView) -> tuple[bool, int]:
    do = one.button.do
    place = _BAR_ORDER.index(do) if do in _BAR_ORDER else len(_BAR_ORDER)
    return bool(one.why), place


def _step_words(stage: Stage, whole: Whole) -> str:
    if stage.tone == "stop" and stage.is_alert:
        return "Stop"
    return f"Step {stage.step} of 9" if whole.is_open else f"Swap {whole.swap_id}"
