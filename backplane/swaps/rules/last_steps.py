"""Steps 5 to 8 as hardware and clock move them: insert, identify, power on, health. Pure."""

from datetime import datetime, timedelta

from backplane.swaps.facts import Ask, CarrierFacts, SwapFacts
from backplane.swaps.health import all_checks
from backplane.swaps.moves import Accept, Do, Go, Move, Park, Record
from backplane.swaps.rules.following import gated
from backplane.swaps.rules.seen import Seen, may_power, seen_of, wants_light
from backplane.swaps.steps import (
    HEALTH_LIMIT_S,
    IDENTIFY_LIMIT_S,
    INSERT_LIMIT_S,
    INSERT_STABLE_S,
    POWER_ON_LIMIT_S,
    Branch,
    Step,
)


def insert(f: SwapFacts) -> Move | None:
    """Step 5: invite; end when something has been seated for a second."""
    if seen_of(f) in {Seen.EMPTY, Seen.SUSPICIOUS}:
        if f.is_past(INSERT_LIMIT_S):
            return Park(f"Nothing came within 30 minutes; parked, slot {f.slot.number} left empty.")
        is_dark = wants_light(f, Ask.INVITE_ON, is_shown=f.slot.shows_invite)
        return Do(Ask.INVITE_ON) if is_dark else None
    if f.now < stable_at(f):
        return None
    first = Step.POWER_ON if f.power_first else Step.IDENTIFY
    text = f"A Pi was put into slot {f.slot.number}"
    return gated(f, Go(first, text=text, is_fresh=True))


def stable_at(f: SwapFacts) -> datetime:
    """Return when what was inserted has been still for long enough."""
    return (f.slot.since or f.now) + timedelta(seconds=INSERT_STABLE_S)


def identify(f: SwapFacts) -> Move | None:
    """Step 6: who is it? Only what is expected, or a spare nobody misses, goes on by itself."""
    if f.slot.shows_white and Ask.INVITE_OFF not in f.asked:
        return Do(Ask.INVITE_OFF)
    if f.is_accepted:
        return _after_identity(f)
    carrier = f.slot.carrier
    if carrier is not None:
        return _judge(f, carrier)
    is_over = f.is_past(IDENTIFY_LIMIT_S) or not f.slot.senses.identity
    if is_over and f.row.branch is not Branch.NO_IDENTITY:  # what was read may be in doubt since
        can = f.slot.senses.identity
        why = "Nothing could be read." if can else "This board cannot read who it is."
        return Go(Step.IDENTIFY, Branch.NO_IDENTITY, why, noted={"why": why})
    return None


def _judge(f: SwapFacts, carrier: CarrierFacts) -> Move | None:
    branch = judgement(f, carrier)
    if branch is Branch.NONE:
        name = carrier.module_name or carrier.text
        word = "expected" if carrier.module_id == f.expected_id else "a known spare"
        return Accept(carrier.module_id, f"{name}, {word}")
    if f.row.branch is branch:
        return None
    name = carrier.module_name or carrier.text
    return Go(Step.IDENTIFY, branch, f"Read: {name}")


def judgement(f: SwapFacts, carrier: CarrierFacts) -> Branch:
    """Return what is odd about a carrier, NONE when nothing is."""
    if carrier.is_old:
        return Branch.SAME_BACK
    if carrier.module_id is None:
        return Branch.UNKNOWN
    if carrier.module_id == f.expected_id:
        return Branch.NONE
    if carrier.home:
        return Branch.ELSEWHERE
    return Branch.NOT_EXPECTED if f.expected_id is not None else Branch.NONE


def _after_identity(f: SwapFacts) -> Move:
    return gated(f, Go(step_after_identity(f), is_fresh=True))


def step_after_identity(f: SwapFacts) -> Step:
    """Return what follows once it is known who it is: where power came first, the health check."""
    is_on = f.power_first and seen_of(f) is Seen.ON
    return Step.HEALTH if is_on else Step.POWER_ON


def power_on(f: SwapFacts) -> Move | None:
    """Step 7: ask once; end by power good and a current that makes sense."""
    word = seen_of(f)
    if f.slot.shows_white and Ask.INVITE_OFF not in f.asked:
        return Do(Ask.INVITE_OFF)
    if not f.is_accepted and not f.power_first:
        return Go(Step.IDENTIFY, text="Who it is was not settled", is_fresh=True)
    if word is Seen.RELEASED:  # no contact told of the change; a person did
        return None if Ask.RELEASE_OFF in f.asked else Do(Ask.RELEASE_OFF)
    if is_powered(f):
        return _after_power(f)
    return _ask_power(f) or _power_trouble(f)


def is_powered(f: SwapFacts) -> bool:
    """Whether power is good and a plausible current flows, as far as it is measured."""
    if seen_of(f) is not Seen.ON or not f.slot.facts.power_good:
        return False
    limits, ma = f.slot.limits, f.slot.reading.ma
    if not f.slot.senses.meter:
        return True
    return ma is not None and limits.off_ma < ma <= limits.limit_ma


def _after_power(f: SwapFacts) -> Move:
    after = Step.IDENTIFY if f.power_first and not f.is_accepted else Step.HEALTH
    return gated(f, Go(after, text=f"Power is good in slot {f.slot.number}", is_fresh=True))


def _ask_power(f: SwapFacts) -> Move | None:
    if seen_of(f) is Seen.TRIPPED and f.row.noted.get("retries"):
        return None if Ask.CLEAR_TRIP in f.asked else Do(Ask.CLEAR_TRIP)
    if Ask.POWER not in f.asked and may_power(f) and not has_open_handle(f):
        return Do(Ask.POWER)
    return None


def has_open_handle(f: SwapFacts) -> bool:
    """Whether a handle that is sensed stands open: somebody has not finished seating, or wants to pull."""
    return f.slot.facts.handle_closed is False


def _power_trouble(f: SwapFacts) -> Move | None:
    branch, why = power_trouble(f)
    if (f.row.branch, f.row.noted.get("why", "")) == (branch, why):
        return None
    return Go(Step.POWER_ON, branch, why, noted={"why": why})


def power_trouble(f: SwapFacts) -> tuple[Branch, str]:
    """Return what keeps step 7 from its end, and why in words."""
    asked = f.asked.get(Ask.POWER)
    if seen_of(f) is Seen.TRIPPED:
        return Branch.POWER_FAULT, "The rail was cut for over-current."
    if asked is None:
        # Whoever closes an open handle says: go on.
        is_late = f.is_past(POWER_ON_LIMIT_S) and not has_open_handle(f)
        return (Branch.POWER_FAULT, "It cannot be powered on.") if is_late else (Branch.NONE, "")
    if asked.is_under_way and asked.waiting_for:
        return Branch.NO_POWER, asked.waiting_for[:1].upper() + asked.waiting_for[1:]
    if asked.has_failed:
        return Branch.REFUSED, asked.outcome
    if asked.sent_at and f.is_past(POWER_ON_LIMIT_S, asked.sent_at):
        return Branch.POWER_FAULT, _what_is_wrong(f)
    return Branch.NONE, ""


def _what_is_wrong(f: SwapFacts) -> str:
    if seen_of(f) is not Seen.ON:
        return "The rail went off again."
    if not f.slot.facts.power_good:
        return "Power did not become good."
    return "The current does not look like a Pi."


def health(f: SwapFacts) -> Move | None:
    """Step 8: reports end it; with nobody to report, a person does. What is off has failed."""
    word = seen_of(f)
    if not f.is_accepted:
        return gated(f, Go(Step.IDENTIFY, text="Something else was put in", is_fresh=True))
    if word in {Seen.OFF, Seen.TRIPPED, Seen.HALTED}:
        return _unhealthy(f, _DEAD[word])
    checks = all_checks(f)
    if f.has_reporters and all(check.passed for check in checks):
        return Record()
    if f.row.branch is Branch.UNHEALTHY:
        return Go(Step.HEALTH) if f.row.noted.get("is_dead") else None
    is_settled = not f.has_reporters and all(check.passed is not False for check in checks)
    if f.is_past(HEALTH_LIMIT_S) and not is_settled:
        names = ", ".join(check.name.lower() for check in checks if not check.passed)
        return Go(Step.HEALTH, Branch.UNHEALTHY, f"Not good in 3 minutes: {names}.")
    return None


_DEAD = {
    Seen.OFF: "Its power went off.",
    Seen.TRIPPED: "It was cut for over-current.",
    Seen.HALTED: "Its operating system went down.",
}


def _unhealthy(f: SwapFacts, why: str) -> Move | None:
    if f.row.branch is Branch.UNHEALTHY and f.row.noted.get("is_dead") == why:
        return None
    return Go(Step.HEALTH, Branch.UNHEALTHY, why, noted={"is_dead": why})
