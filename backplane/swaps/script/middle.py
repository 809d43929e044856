"""The words of steps 4 to 6: pull, insert, identify. Pure."""

from backplane.swaps.facts import SwapFacts
from backplane.swaps.rules.seen import Seen, seen_of
from backplane.swaps.script import buttons
from backplane.swaps.script.first import stage
from backplane.swaps.stage import Button, Field, LampHint, Stage


def blue(f: SwapFacts) -> LampHint | None:
    """The lamp that says "pull"; None where the board has none."""
    if "hotswap" not in f.slot.lamps:
        return None
    return LampHint(f.slot.number, "hotswap", "blue", "on", "blue, steady")


def _out(f: SwapFacts) -> tuple[Button, ...]:
    """A tap where the board has no presence contact."""
    if f.slot.senses.presence:
        return ()
    return (Button("already_out", "It is out", look="main"),)


def pull(f: SwapFacts) -> Stage:
    n = f.slot.number
    if seen_of(f) is Seen.SUSPICIOUS:
        return _suspicious(f)
    senses = f.slot.senses.presence
    return stage(
        "pull",
        "eject",
        f"Pull slot {n}",
        "The *blue* light is on and steady. Power is off."
        if blue(f)
        else "Power is *off*. This board has no blue light to say so.",
        ends_by="This moves on by itself when the Pi is out."
        if senses
        else "This board cannot sense it: say when it is out.",
        hint=blue(f),
        buttons=_out(f),
        more=(buttons.light_missing("Light is not blue"),) if blue(f) else (),
    )


def _suspicious(f: SwapFacts) -> Stage:
    n = f.slot.number
    return stage(
        "stop",
        "fault",
        f"Stop at slot {n}",
        "It looks empty, yet current flows.",
        sub="Push the Pi back in, take other cables off it, and pull again "
        + ("when blue is steady." if blue(f) else "when this page says so."),
        is_alert=True,
        buttons=_out(f),
    )


def not_pulled(f: SwapFacts) -> Stage:
    n = f.slot.number
    was_on = bool(f.row.kept.get("was_on"))
    back = "Power it on again" if was_on else "Leave it in"
    return stage(
        "pull",
        "eject",
        f"Pull slot {n}, or leave it in",
        "It has been safe to pull for 10 minutes.",
        hint=blue(f),
        buttons=(
            *_out(f),
            Button(
                "power_back",
                back,
                guard=2,
                question=f"Leave the Pi in slot {n}?",
                consequence=(
                    "The blue light goes off and this swap ends. "
                    if blue(f)
                    else "This swap ends. "
                )
                + (f"Slot {n} is powered on again." if was_on else f"Slot {n} stays off."),
            ),
            Button("try_again", "Keep waiting"),
        ),
    )


def _invites(f: SwapFacts) -> str:
    """What the light of an empty slot that wants a Pi does, where it has one."""
    verb = "blinks" if f.slot.shows_invite else "is asked to blink"
    if "locate" in f.slot.lamps:
        return f" Its light {verb} *white*, slowly."
    return f" Its light {verb} slowly." if "status" in f.slot.lamps else ""


def insert(f: SwapFacts) -> Stage:
    n = f.slot.number
    who = f"*{f.expected_name}*" if f.expected_name else "the new Pi"
    senses = f.slot.senses.presence
    if seen_of(f) is Seen.SUSPICIOUS:
        return _suspicious(f)
    if seen_of(f) is not Seen.EMPTY:
        return stage("wait", "id", f"Hold still: slot {n}", "A Pi is in. One second.")
    taps = () if senses else (Button("is_in", "It is in", look="main"),)
    return stage(
        "insert",
        "down",
        f"Insert into slot {n}",
        f"Put {who} into slot {n}.{_invites(f)}",
        sub="Move the cables over first." if f.checklist else "",
        ends_by="This moves on by itself when the Pi is in."
        if senses
        else "This board cannot sense it: say when it is in.",
        hint=LampHint(n, "locate", "white", "slow", "white, slow blink")
        if "locate" in f.slot.lamps
        else None,
        buttons=(*taps, *_moves_over(f)),
        more=(
            *((buttons.light_missing("Light does not blink"),) if f.slot.lamps else ()),
            buttons.expect(f, "Choose which Pi comes"),
            Button(
                "finish",
                f"Leave slot {n} empty",
                guard=2,
                question=f"Leave slot {n} empty?",
                consequence="The swap ends here, and the removal is recorded.",
            ),
        ),
    )


def _moves_over(f: SwapFacts) -> tuple[Button, ...]:
    """The checklist: ticks are noted and never hold anybody up."""
    ticked = f.row.kept.get("ticks", [])
    left = tuple((text, text) for text in f.checklist if text not in ticked)
    if not left:
        return ()
    field = Field("items", "Moved over", "checks", left, is_required=False)
    return (Button("check", "Tick off", fields=(field,)),)


def identify(f: SwapFacts) -> Stage:
    n = f.slot.number
    return stage(
        "wait",
        "id",
        f"Reading slot {n}",
        "Who is it? Nothing is powered before that is known."
        if not f.power_first
        else "Who is it?",
        ends_by="This moves on by itself when the carrier is read.",
        buttons=(buttons.reseat(f),),
    )


def unknown(f: SwapFacts) -> Stage:
    n = f.slot.number
    text = "" if f.slot.carrier is None else f.slot.carrier.text
    mine = (
        (Button("accept_carrier", f"It is {f.expected_name}", look="main", who="anybody"),)
        if f.expected_name
        else ()
    )
    return stage(
        "wait",
        "unk",
        f"Who is in slot {n}?",
        f"Carrier *{text}* was never seen here.",
        sub="It gets no power before somebody says who it is.",
        buttons=(*mine, buttons.name_new(), buttons.expect(f), buttons.reseat(f)),
    )


def elsewhere(f: SwapFacts) -> Stage:
    n, carrier = f.slot.number, f.slot.carrier
    name = "" if carrier is None else carrier.module_name
    home = "" if carrier is None else carrier.home
    return stage(
        "stop",
        "drift",
        f"{name} belongs elsewhere",
        f"Its place is *{home}*.",
        sub=f"It gets no power in slot {n} before somebody decides.",
        is_alert=True,
        buttons=(
            buttons.reseat(f, f"Take it to {home}"),
            Button(
                "accept_carrier",
                f"Keep it in slot {n}",
                guard=2,
                question=f"Keep {name} in slot {n}?",
                consequence=f"It is powered on here, not in {home}.",
                fields=(buttons.REASON,),
                who="anybody",
            ),
        ),
    )


def same_back(f: SwapFacts) -> Stage:
    n, name = f.slot.number, f.row.old_name or "the same carrier"
    return stage(
        "wait",
        "cycle",
        f"The same carrier is back in slot {n}",
        f"It is the one that was taken out: *{name}*.",
        buttons=(
            Button("accept_carrier", "The same Pi: go on", look="main", who="anybody"),
            Button("same_new_pi", "A new Pi on it", fields=buttons.MODULE_TEXTS, who="anybody"),
            buttons.reseat(f, "Take it out again"),
        ),
    )


def not_expected(f: SwapFacts) -> Stage:
    n, carrier = f.slot.number, f.slot.carrier
    name = "" if carrier is None else carrier.module_name
    return stage(
        "wait",
        "drift",
        f"{name} is in slot {n}",
        f"*{f.expected_name}* was expected.",
        buttons=(
            Button(
                "accept_carrier",
                f"Use {name}",
                look="main",
                guard=2,
                question=f"Use {name} in slot {n}?",
                consequence=f"{f.expected_name} is not expected here any more.",
                who="anybody",
            ),
            buttons.reseat(f),
        ),
    )


def no_identity(f: SwapFacts) -> Stage:
    n = f.slot.number
    why = f.row.noted.get("why", "Nothing could be read.")
    return stage(
        "wait",
        "unk",
        f"Who is in slot {n}?",
        why,
        sub="Seat it again, say who it is, or go on without.",
        buttons=(
            buttons.reseat(f, "Seat it again"),
            buttons.expect(f),
            buttons.name_new(),
            Button(
                "continue_without_id",
                "Go on without",
                guard=2,
                question=f"Go on without knowing who is in slot {n}?",
                consequence="It is powered on, and recorded as unknown.",
                who="anybody",
            ),
        ),
    )
