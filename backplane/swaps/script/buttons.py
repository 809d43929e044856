"""Buttons that more than one stage offers. Pure."""

from backplane.swaps.facts import SwapFacts
from backplane.swaps.stage import Button, Field

TRY_AGAIN = Button("try_again", "Try again", look="main")
LAMP_TEST = Button("lamp_test", "Lamp test")
REASON = Field("reason", "Why?", "text")
MODULE_TEXTS = (
    Field("name", "Name", "text", is_required=False),
    Field("serial", "Serial number", "text", is_required=False),
    Field("mac", "MAC address", "text", is_required=False),
)


def locate_but(f: SwapFacts) -> Button:
    n = f.slot.number
    return Button("locate_but", f"Light all but slot {n}")


def light_missing(label: str) -> Button:
    return Button("light_missing", label)


def cut(f: SwapFacts, label: str = "") -> Button:
    """Cut the power of the swap's slot: held, but for a system that is down already."""
    n = f.slot.number
    if f.slot.facts.halted:
        return Button(
            "cut",
            f"Cut power to slot {n}",
            look="main",
            guard=2,
            question=f"Cut power to slot {n}?",
            consequence="Its operating system is down: nothing is lost.",
        )
    name = f.row.old_name or "the Pi"
    return Button(
        "cut",
        label or f"Cut power to slot {n}",
        look="danger",
        guard=3,
        question=f"Cut power to slot {n}?",
        consequence=f"What {name} has not written yet is lost.",
    )


def shut_down(f: SwapFacts, label: str = "") -> Button:
    n, name = f.slot.number, f.row.old_name or "the Pi"
    return Button(
        "shut_down",
        label or f"Shut down slot {n}",
        look="main",
        guard=3,
        question=f"Shut down slot {n}?",
        consequence=f"{name} stops, then its power goes off.",
    )


def reseat(f: SwapFacts, label: str = "Take it out again") -> Button:
    n = f.slot.number
    return Button(
        "reseat",
        label,
        guard=2,
        question=f"Take it out of slot {n} again?",
        consequence=f"Slot {n} is released: "
        + ("its blue light" if "hotswap" in f.slot.lamps else "this page")
        + " says when to pull.",
        who="anybody",
    )


def swap_again(f: SwapFacts) -> Button:
    n = f.slot.number
    return Button(
        "swap_again",
        "Swap again",
        guard=2,
        question=f"Take this Pi out of slot {n} again?",
        consequence=f"Slot {n} is shut down and released first.",
    )


def expect(f: SwapFacts, label: str = "Choose which Pi this is") -> Button:
    options = tuple((str(pk), name) for pk, name in f.modules)
    field = Field("module", "Which Pi?", "choice", options)
    why = "" if options else "No spare Pi is known."
    return Button("expect", label, fields=(field,), who="anybody", why_not=why)


def name_new(label: str = "It is a new Pi") -> Button:
    return Button("name_new", label, fields=MODULE_TEXTS, who="anybody")
