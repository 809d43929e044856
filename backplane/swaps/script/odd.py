"""The words of what can befall any step: silence, a wrong pull, a queue, our own slot. Pure."""

from backplane.swaps.facts import AlarmSlot, Ask, SwapFacts
from backplane.swaps.script import buttons
from backplane.swaps.script.first import stage
from backplane.swaps.stage import Button, LampHint, Stage


def link_lost(f: SwapFacts) -> Stage:
    n = f.slot.number
    why = f.link_message if not f.link_is_up else f"Slot {n} cannot be read."
    return stage(
        "wait",
        "link",
        f"Slot {n} is not known now",
        why or "The chassis does not answer.",
        sub="The lights still guide you: steady blue is safe to pull. Nothing is lost."
        if "hotswap" in f.slot.lamps
        else "Pull nothing until it is. Nothing is lost.",
        ends_by="This moves on by itself when the chassis answers.",
    )


def wrong_pull(f: SwapFacts) -> Stage:
    alarm = f.alarms[0] if f.alarms else AlarmSlot(f.row.noted.get("wrong", 0), "")
    n = alarm.number
    held = f"Slot {f.slot.number} is held. " if n != f.slot.number else ""
    return stage(
        "stop",
        "fault",
        f"That was slot {n}",
        _what_to_put_back(alarm, "status" in f.slot.lamps),
        sub=f"{held}This clears when slot {n} is back.",
        ends_by=f"This moves on by itself when the same carrier is in slot {n}.",
        hint=LampHint(n, "status", "red", "fast", "red, fast blink")
        if "status" in f.slot.lamps
        else None,
        is_alert=True,
        buttons=_put_back(alarm),
        more=(_keep_out(alarm),),
    )


def _what_to_put_back(alarm: AlarmSlot, has_lamp: bool) -> str:
    n, name = alarm.number, alarm.name or "it"
    if alarm.is_in and alarm.read:
        return f"*{alarm.read}* is in slot *{n}* now: take it out, and put {name} back."
    if alarm.is_in:
        return f"Something is in slot *{n}* again; who it is was not read."
    return f"Put {name} back in slot *{n}*{', the one blinking *red*' if has_lamp else ''}."


def _put_back(alarm: AlarmSlot) -> tuple[Button, ...]:
    """A tap where the carrier that is back cannot be read."""
    if not alarm.is_in or alarm.read:
        return ()
    n, name = alarm.number, alarm.name or "It"
    question = f"Is {alarm.name or 'it'} back in slot {n}?"
    words = "The alarm ends on your word."
    return (Button("put_back", f"{name} is back", guard=2, question=question, consequence=words),)


def _keep_out(alarm: AlarmSlot) -> Button:
    n = alarm.number
    label = f"End the alarm of slot {n}" if alarm.is_in else f"Keep slot {n} out"
    swap = f"slot {n} gets a swap of its own, put aside"
    return Button(
        "keep_out",
        label,
        guard=2,
        question=f"{label}?",
        consequence=f"The alarm ends; {'what is in it stays' if alarm.is_in else swap}.",
        fields=(buttons.REASON,),
    )


def restore(f: SwapFacts) -> Stage:
    n = f.row.noted.get("wrong", 0)
    asked = f.asked.get(Ask.RESTORE)
    is_under_way = asked is not None and asked.is_under_way
    lead = "Its power is *off* since it was pulled."
    if asked is not None:
        lead = asked.outcome if asked.has_failed else asked.waiting_for or "It is being powered on."
    return stage(
        "wait",
        "power",
        f"Slot {n} is back",
        lead,
        sub=f"Then go on with slot {f.slot.number}.",
        ends_by=f"This moves on by itself when slot {n} has power." if is_under_way else "",
        buttons=(Button("leave_off", f"Do not wait for slot {n}"),)
        if is_under_way
        else (
            Button("restore_power", f"Power on slot {n}", look="main"),
            Button("leave_off", f"Leave slot {n} off"),
        ),
    )


def own_slot(f: SwapFacts) -> Stage:
    n = f.slot.number
    return stage(
        "stop",
        "warn",
        f"This program runs on slot {n}",
        "When it is shut down, every screen goes dark, this one too.",
        sub=(
            "The firmware goes on alone and the blue light tells when to pull. "
            if "hotswap" in f.slot.lamps
            else "The firmware goes on alone, but no light tells when to pull. "
        )
        + "This swap goes on when the program runs again.",
        is_alert=True,
        buttons=(
            Button(
                "confirm_own_slot",
                f"Swap slot {n} all the same",
                look="danger",
                guard=3,
                question=f"Swap slot {n}, which this program runs on?",
                consequence="The program goes down with it.",
            ),
        ),
    )


def queued(f: SwapFacts) -> Stage:
    ahead = f.ahead[0] if f.ahead else None
    who = f" {ahead.holder} has it." if ahead and ahead.holder else ""
    first = f"slot {ahead.slot}" if ahead else "another slot"
    return stage(
        "wait",
        "clock",
        f"Slot {f.slot.number} waits its turn",
        f"One slot at a time: *{first}* is first.{who}",
        sub="So there is never more than one slot to pull.",
        ends_by="This moves on by itself when it is your turn.",
    )


def undoing(f: SwapFacts) -> Stage:
    n = f.slot.number
    return stage(
        "wait",
        "back",
        f"Putting slot {n} back",
        "The swap is being cancelled.",
        ends_by="This ends by itself.",
        buttons=(Button("finish", "End it now", who="anybody"),),
    )
