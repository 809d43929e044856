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
        sub="The lights still guide you: steady blue is safe to pull. Nothing is lost.",
        ends_by="This moves on by itself when the chassis answers.",
    )


def wrong_pull(f: SwapFacts) -> Stage:
    alarm = f.alarms[0] if f.alarms else AlarmSlot(f.row.noted.get("wrong", 0), "")
    n = alarm.number
    name = alarm.name or "it"
    held = f"Slot {f.slot.number} is held. " if n != f.slot.number else ""
    return stage(
        "stop",
        "fault",
        f"That was slot {n}",
        f"Put {name} back in slot *{n}*, the one blinking *red*.",
        sub=f"{held}This clears when slot {n} is back.",
        ends_by=f"This moves on by itself when the same carrier is in slot {n}.",
        hint=LampHint(n, "status", "red", "fast", "red, fast blink"),
        is_alert=True,
        more=(
            Button(
                "keep_out",
                f"Keep slot {n} out",
                guard=2,
                question=f"Keep slot {n} out?",
                consequence=f"The alarm ends; slot {n} gets a swap of its own, put aside.",
                fields=(buttons.REASON,),
            ),
        ),
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
        sub="The firmware goes on alone and the blue light tells when to pull. "
        "This swap goes on when the program runs again.",
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
        sub="So there is never more than one blue light to pull.",
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
