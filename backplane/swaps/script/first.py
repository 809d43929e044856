"""The words of steps 1 to 3: find the slot, make sure, shut down. Pure."""

from backplane.swaps.facts import Ask, SwapFacts
from backplane.swaps.rules.seen import Seen, seen_of
from backplane.swaps.script import buttons
from backplane.swaps.stage import Button, Field, LampHint, Stage, Tone


def _why(f: SwapFacts, otherwise: str = "") -> str:
    why: str = f.row.noted.get("why") or otherwise
    return why


def white(f: SwapFacts) -> LampHint | None:
    """The lamp to look for; None where the board has no white one."""
    if "locate" not in f.slot.lamps:
        return None
    return LampHint(f.slot.number, "locate", "white", "fast", "white, fast blink")


def _colour(f: SwapFacts) -> str:
    """What a located slot shows: white, or its status lamp of whatever colour, or nothing at all."""
    if "locate" in f.slot.lamps:
        return " *white*"
    return "" if "status" in f.slot.lamps else _NO_LAMP


def blue_flashes(f: SwapFacts) -> LampHint | None:
    """The hot-swap lamp while a slot stops; None where the board has none."""
    if "hotswap" not in f.slot.lamps:
        return None
    return LampHint(f.slot.number, "hotswap", "blue", "short", "blue, short blink")


_NO_LAMP = "no lamp"


def stage(tone: Tone, icon: str, title: str, lead: str = "", **more: object) -> Stage:
    """Return a stage; key and step are filled in by whoever chose the words."""
    return Stage("", 0, tone, icon, title, lead, **more)  # type: ignore[arg-type]  # Stage's own names


def locate(f: SwapFacts) -> Stage:
    n = f.slot.number
    is_there = f.row.noted.get("at_rack")
    here = Button("at_rack", "I am at the rack", look="main")
    return stage(
        "locate",
        "loc",
        f"Go to slot {n}",
        "You are at the rack; the light is being checked." if is_there else _lit(f),
        sub=f"It is in {f.chassis}. Nothing is switched yet.",
        ends_by="Scan the label of the slot, or say that you are there.",
        hint=white(f),
        buttons=() if is_there else (here, *_again(f)),
        more=(buttons.light_missing("Light does not blink"),) if f.slot.lamps else (),
    )


def _again(f: SwapFacts) -> tuple[Button, ...]:
    """A light that came to nothing, by a restart of the program say, can be asked for once more."""
    asked = f.asked.get(Ask.LOCATE_ON)
    is_dark = asked is not None and asked.has_failed and not f.slot.shows_locate
    return (Button("try_again", "Light it again"),) if is_dark else ()


def _lit(f: SwapFacts) -> str:
    n, colour = f.slot.number, _colour(f)
    if colour == _NO_LAMP:
        return f"This board has no lamp at its slots: look for the *number {n}*."
    if f.slot.shows_locate:
        return f"Slot {n} blinks{colour}."
    asked = f.asked.get(Ask.LOCATE_ON)
    return (
        f"Slot {n} is asked to blink{colour}."
        if asked is None or not asked.has_failed
        else (f"The light of slot {n} could not be lit: {asked.outcome}")
    )


def no_read_back(f: SwapFacts) -> Stage:
    n, colour = f.slot.number, _colour(f)
    if colour == _NO_LAMP:
        return _by_number(f, Button("at_rack", "I have found its number", look="main"))
    return stage(
        "wait",
        "warn",
        f"Does slot {n} blink{colour.replace('*', '')}?",
        _why(f, "The board does not report the light."),
        sub="Look at the lamp itself. If it is dead, light all the others.",
        hint=white(f),
        buttons=(
            Button("at_rack", "I see it blink anyway", look="main"),
            Button("try_again", "Light it again"),
            buttons.LAMP_TEST,
            buttons.locate_but(f),
        ),
    )


def pad(f: SwapFacts) -> Field:
    return Field("slot", "Slot", "slots", tuple((str(n), str(n)) for n in f.slot_numbers))


def _by_number(f: SwapFacts, button: Button) -> Stage:
    """Where no lamp can say it, the number printed at the slot does."""
    return stage(
        "locate",
        "loc",
        "Which number is at the slot?",
        "This board has no lamp at its slots: read the *number* printed there.",
        sub=f"It is in {f.chassis}. Follow the cable, if in doubt.",
        buttons=(button,),
    )


def confirm(f: SwapFacts) -> Stage:
    if _colour(f) == _NO_LAMP:
        return _by_number(f, Button("slot", "Tap the number", look="main", fields=(pad(f),)))
    is_but = bool(f.row.kept.get("but"))
    dark = f.slot.shows_locate is False and not is_but
    return stage(
        "locate",
        "loc",
        "Which slot is dark?" if is_but else f"Which slot blinks{_colour(f).replace('*', '')}?",
        "All the others blink." if is_but else "Tap its number.",
        sub="The board reports the light as off." if dark else "",
        hint=None if is_but else white(f),
        buttons=(
            Button("slot", "Tap the number", look="main", fields=(pad(f),)),
            *((Button("try_again", "Light it again"),) if dark else ()),
        ),
        more=(buttons.light_missing("No light blinks"), buttons.locate_but(f), buttons.LAMP_TEST),
    )


def wrong_slot(f: SwapFacts) -> Stage:
    named = f.row.noted.get("named")
    return stage(
        "stop",
        "fault",
        f"Stop: not slot {named}",
        f"You named slot {named}; this swap is for *another* slot.",
        sub=f"If slot {named} blinks, light and label disagree: do not go on."
        if f.slot.lamps
        else "",
        hint=white(f),
        is_alert=True,
        buttons=(
            Button("try_again", "Look again", look="main"),
            *((buttons.LAMP_TEST, buttons.locate_but(f)) if f.slot.lamps else ()),
        ),
    )


def shut_down(f: SwapFacts) -> Stage:
    n, name = f.slot.number, f.row.old_name or "the Pi"
    asked = f.asked.get(Ask.CUT) or f.asked.get(Ask.SHUTDOWN)
    word = seen_of(f)
    if not f.slot.facts.rail_on:
        return _going_off(f)
    if asked is not None and asked.is_under_way:
        verb = "Cutting power to" if Ask.CUT in f.asked else "Shutting down"
        return stage(
            "wait",
            "down",
            f"{verb} slot {n}",
            "The blue light gives *short* flashes: do not pull yet."
            if blue_flashes(f)
            else "Do not pull yet.",
            ends_by="This moves on by itself when its power is off.",
            hint=blue_flashes(f),
            buttons=(buttons.cut(f, "Already dead? Cut power"),) if Ask.CUT not in f.asked else (),
        )
    if word is Seen.HALTED:
        return stage(
            "plain",
            "halt",
            f"Slot {n} has halted",
            "Its operating system is down, its power is on.",
            buttons=(buttons.cut(f),),
        )
    return stage(
        "plain",
        "off",
        f"Shut down slot {n}",
        f"*{name}* runs there.",
        sub="Hold the button.",
        ends_by="This moves on by itself when its power is off.",
        buttons=(buttons.shut_down(f), buttons.cut(f, "Already dead? Cut power")),
    )


def _going_off(f: SwapFacts) -> Stage:
    n = f.slot.number
    return stage(
        "wait",
        "down",
        f"Slot {n} is going dark",
        "Wait for the steady *blue* light." if blue_flashes(f) else "Wait until this page says so.",
        ends_by="This moves on by itself when it is safe to pull.",
    )


def no_line(f: SwapFacts) -> Stage:
    n = f.slot.number
    return stage(
        "plain",
        "off",
        f"Shut down slot {n} from within",
        "This board has no shutdown line.",
        sub="Sign in to the Pi and shut it down; then cut its power here.",
        buttons=(buttons.cut(f),),
    )


def hangs(f: SwapFacts) -> Stage:
    n, name = f.slot.number, f.row.old_name or "The Pi"
    return stage(
        "wait",
        "warn",
        f"Slot {n} does not stop",
        f"{name} did not shut down. {_why(f)}".strip(),
        sub="You decide: wait for it, or cut its power.",
        hint=blue_flashes(f),
        buttons=(Button("wait_more", "Wait 90 s more", look="main"), buttons.cut(f)),
    )


def refused(f: SwapFacts) -> Stage:
    n = f.slot.number
    return stage(
        "wait",
        "warn",
        f"Slot {n} is still on",
        _why(f, "The board did not do it."),
        buttons=(buttons.shut_down(f, "Shut down again"), buttons.cut(f)),
    )


def not_off(f: SwapFacts) -> Stage:
    n = f.slot.number
    extra = (buttons.cut(f),) if f.slot.facts.rail_on else ()
    return stage(
        "wait",
        "warn",
        f"Do not pull slot {n} yet",
        _why(f, "It is not released."),
        sub="Something may feed it: HDMI, USB, a serial cable. Take cables off, then try again.",
        buttons=(Button("release_again", "Release again", look="main"), *extra),
    )
