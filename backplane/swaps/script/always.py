"""What is offered below every stage: put aside, cancel, message, take over. Pure."""

from dataclasses import replace

from backplane.swaps.facts import Ask, SwapFacts
from backplane.swaps.rules.seen import Seen, is_stopping, seen_of
from backplane.swaps.stage import Button, Field
from backplane.swaps.steps import Branch, Step

_MESSAGE = Button("message", "Message", fields=(Field("text", "Message", "text"),), who="anybody")
_NOTE = Button("note", "Note", fields=(Field("text", "Note for the receipt", "text"),))


def of_open(f: SwapFacts) -> tuple[Button, ...]:
    """Return the buttons below an open swap."""
    if f.row.branch is Branch.UNDOING or f.row.step is Step.RECORD:
        return (_MESSAGE,)
    return (_take_over(f), _cancel(f), _park(f), _MESSAGE, _NOTE)


def of_parked(f: SwapFacts) -> tuple[Button, ...]:
    """Return the buttons below a parked swap, whose holder may be gone."""
    cancel = _cancel(f)
    return (replace(cancel, who="anybody"), _MESSAGE)


def _take_over(f: SwapFacts) -> Button:
    """Anybody, once the holder is silent; an operator at any time."""
    until = f.row.lease_until
    is_silent = not f.row.holder or until is None or until <= f.now
    holder = f.row.holder or "Nobody"
    return Button(
        "take_over",
        "Take over",
        guard=2,
        question=f"Take over swap {f.row.id}?",
        consequence=f"{holder} has it now, and is told.",
        who="anybody" if is_silent else "operator",
    )


def _park(f: SwapFacts) -> Button:
    n = f.slot.number
    return Button(
        "park",
        "Put aside",
        guard=2,
        question="Put this swap aside?",
        consequence=f"The lights of slot {n} go off. Anybody can go on with it later.",
    )


def _cancel(f: SwapFacts) -> Button:
    return Button(
        "cancel",
        "Cancel swap",
        guard=2,
        question=f"Cancel swap {f.row.id}?",
        consequence=cancel_words(f),
    )


def cancel_words(f: SwapFacts) -> str:
    """Say what cancelling does, before it is done."""
    n = f.slot.number
    if not f.link_is_up:
        return f"The chassis does not answer: slot {n} stays as it is, lights and power."
    word = seen_of(f)
    return _on_its_way(f) or _as_seen(f, word)


def _as_seen(f: SwapFacts, word: Seen) -> str:
    n = f.slot.number
    powers_on = bool(f.row.kept.get("was_on")) and f.row.step <= Step.PULL
    match word:
        case Seen.ON | Seen.HALTED | Seen.SUSPICIOUS:
            return f"Slot {n} stays as it is: its power is on."
        case Seen.EMPTY:
            return f"Slot {n} stays empty."
        case Seen.RELEASED | Seen.OFF if powers_on:
            return f"{_dark(f)}slot {n} is powered on again.".capitalize()
        case Seen.NOT_KNOWN:
            return f"Slot {n} stays as it is; what it does is not known."
        case _:
            return f"{_dark(f)}slot {n} stays off.".capitalize()


def _dark(f: SwapFacts) -> str:
    """What happens to the blue light, where there is one."""
    return "The blue light goes off, and " if "hotswap" in f.slot.lamps else ""


def _on_its_way(f: SwapFacts) -> str:
    """What was sent already cannot be called back; "" when nothing was."""
    n, power = f.slot.number, f.asked.get(Ask.POWER)
    if power is not None and power.is_under_way and power.sent_at:
        return f"Power for slot {n} is on its way and comes; this swap ends."
    if not (seen_of(f) is Seen.ON and is_stopping(f)):
        return ""
    stop = f.asked.get(Ask.CUT) or f.asked.get(Ask.SHUTDOWN)
    if stop is None or stop.has_failed:
        return f"Slot {n} was told to shut down: should it stop yet, its power goes off."
    return f"The shutdown cannot be called back; then slot {n} is powered on again."
