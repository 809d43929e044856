"""The words of steps 7 and 8: power on, health. Pure."""

from backplane.swaps.facts import Ask, SwapFacts
from backplane.swaps.health import all_checks
from backplane.swaps.ports import Check
from backplane.swaps.script import buttons
from backplane.swaps.script.first import stage
from backplane.swaps.stage import Button, Field, LampHint, Line, Stage


def power_on(f: SwapFacts) -> Stage:
    n, name = f.slot.number, f.row.new_name or "the Pi"
    asked = f.asked.get(Ask.POWER)
    if asked is None and f.slot.facts.handle_closed is False:
        return stage(
            "insert",
            "lock",
            f"Close the handle of slot {n}",
            f"*{name}* gets power when it is closed.",
            ends_by="This moves on by itself when the handle is closed.",
        )
    return stage(
        "wait",
        "up",
        f"Powering slot {n}",
        f"*{name}* starts." if asked else f"Power for *{name}* is asked for.",
        ends_by="This moves on by itself when power is good.",
    )


def no_power(f: SwapFacts) -> Stage:
    n = f.slot.number
    asked = f.asked.get(Ask.POWER)
    why = (asked.waiting_for if asked else "") or "no power is free."
    return stage(
        "wait",
        "wait",
        f"Slot {n} waits for power",
        why[:1].upper() + why[1:],
        sub="You may put this swap aside; nothing is lost.",
        ends_by="This moves on by itself when power is free.",
    )


def power_fault(f: SwapFacts) -> Stage:
    n = f.slot.number
    return stage(
        "stop",
        "fault",
        f"Slot {n} has no good power",
        f.row.noted.get("why", "Power did not become good."),
        is_alert=True,
        buttons=(
            Button("retry_power", "Power on again", look="main"),
            buttons.swap_again(f),
        ),
    )


def refused(f: SwapFacts) -> Stage:
    n = f.slot.number
    return stage(
        "wait",
        "warn",
        f"Slot {n} was not powered on",
        f.row.noted.get("why", "The board did not do it."),
        buttons=(Button("power_now", "Power on", look="main"), buttons.swap_again(f)),
    )


def health(f: SwapFacts) -> Stage:
    checks = all_checks(f)
    n, name = f.slot.number, f.row.new_name or "the Pi"
    if f.has_reporters:
        lead, ends = f"*{name}* starts up.", "This moves on by itself when all is good."
    else:
        lead, ends = f"Does *{name}* work?", "Nobody reports from inside: you decide."
    return stage(
        "wait",
        "run",
        f"Check slot {n}",
        lead,
        ends_by=ends,
        hint=LampHint(n, "status", "green", "on", "green, steady")
        if "status" in f.slot.lamps
        else None,
        lines=tuple(_line(check) for check in checks),
        buttons=_accepts(f, checks),
        more=(buttons.swap_again(f),),
    )


def unhealthy(f: SwapFacts) -> Stage:
    checks = all_checks(f)
    dead = f.row.noted.get("is_dead", "")
    again = (
        Button("retry_power", "Power on again", look="main")
        if dead and not f.slot.facts.halted
        else Button("try_again", "Check again", look="main")
    )
    bad = ", ".join(check.name.lower() for check in checks if check.passed is False)
    missing = ", ".join(check.name.lower() for check in checks if check.passed is None)
    lead = dead or (f"Not good: {bad}." if bad else f"Not heard of: {missing}.")
    return stage(
        "stop",
        "warn",
        f"Slot {f.slot.number} is not well",
        lead,
        lines=tuple(_line(check) for check in checks),
        buttons=(again, buttons.swap_again(f), *_accepts(f, checks, look_main=False)),
    )


def _accepts(
    f: SwapFacts, checks: tuple[Check, ...], *, look_main: bool = True
) -> tuple[Button, ...]:
    """Who accepts what fails, or what should have been reported, says why."""
    needs_note = needs_a_note(f, checks)
    label = "Accept with a note" if needs_note else "It works"
    field = Field("note", "Note", "text", is_required=needs_note)
    is_main = look_main and not f.has_reporters
    look = "main" if is_main else "plain"
    return (Button("accept_health", label, look=look, fields=(field,), who="anybody"),)  # type: ignore[arg-type]  # one of the two


def needs_a_note(f: SwapFacts, checks: tuple[Check, ...]) -> bool:
    """Whether accepting needs a reason: a line has failed, or a report is missing."""
    if f.has_reporters:
        return not all(check.passed for check in checks)
    return any(check.passed is False for check in checks)


_MARKS = {True: "ok", False: "bad", None: "unknown"}


def _line(check: Check) -> Line:
    return Line(check.name, check.text, _MARKS[check.passed])  # type: ignore[arg-type]  # Line's own marks
