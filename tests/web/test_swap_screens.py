"""What a reader's screen of a swap shows: pure, from hand-made stages."""

from dataclasses import replace
from typing import Any, cast

import pytest

from backplane.live.rendering import SlotView
from backplane.live.swaps.screens import Holding, Reader, Screen, Whole, runs_of, screen_of, twin_of
from backplane.swaps.stage import Button, Field, LampHint, Stage

HOLDER = Reader(is_technician=True, is_operator=False, is_holder=True)
FOLLOWER = replace(HOLDER, is_holder=False)
OPERATOR = replace(FOLLOWER, is_operator=True)
VIEWER = Reader(is_technician=False, is_operator=False, is_holder=False)
BLUE = LampHint(7, "hotswap", "blue", "on", "steady blue")
REASON = Field("reason", "Why?", "text")


def screen(stage: Stage, reader: Reader = HOLDER, **changes: Any) -> Screen:  # noqa: ANN401  (fields of Whole)
    whole = Whole(
        swap_id=118, slot=7, is_open=True, version=5, reader=reader, holding=Holding("Ana", False)
    )
    return screen_of(stage, replace(whole, **changes))


def stage(**changes: Any) -> Stage:  # noqa: ANN401  (fields of Stage)
    return replace(Stage("4", 4, "pull", "eject", "Pull slot 7"), **changes)


def bay(lamps: dict[str, dict[str, str]] | None, number: int = 7) -> SlotView:
    return cast("SlotView", {"n": number, "lamps": lamps})


def lamps(colour: str, pattern: str) -> dict[str, dict[str, str]]:
    return {"hotswap": {"colour": colour, "pattern": pattern}}


@pytest.mark.parametrize(
    ("who", "reader", "why"),
    [
        ("holder", HOLDER, ""),
        ("holder", FOLLOWER, "Ana has this swap."),
        ("holder", OPERATOR, "Ana has this swap."),
        ("holder", VIEWER, "Needs the role technician."),
        ("anybody", FOLLOWER, ""),
        ("anybody", VIEWER, "Needs the role technician."),
        ("operator", HOLDER, "Needs the role operator."),
        ("operator", OPERATOR, ""),
    ],
)
def test_each_button_says_why_it_is_not_for_this_reader(who: Any, reader: Reader, why: str) -> None:  # noqa: ANN401  (a literal)
    shown = screen(stage(buttons=(Button("finish", "Finish", who=who),)), reader)
    assert shown.buttons[0].why == why
    assert shown.whys == ((why,) if why else ())


def test_the_stages_own_reason_counts_after_the_readers() -> None:
    late = Button("power_now", "Power on", why_not="6 W are free, 9 W are needed.")
    assert screen(stage(buttons=(late,))).buttons[0].why == "6 W are free, 9 W are needed."
    assert screen(stage(buttons=(late,)), VIEWER).buttons[0].why == "Needs the role technician."


def test_a_swap_nobody_has_asks_to_be_taken_over() -> None:
    shown = screen(
        stage(buttons=(Button("finish", "Finish"),)), FOLLOWER, holding=Holding("", True)
    )
    assert shown.buttons[0].why == "Nobody has this swap: take it over first."


def test_the_bar_holds_two_buttons_the_urgent_first_and_the_rest_stand_behind_more() -> None:
    more = ("park", "cancel", "light_missing", "take_over", "message")
    buttons = tuple(Button(do, do, who="anybody") for do in more)
    shown = screen(stage(more=buttons))
    assert [one.button.do for one in shown.bar] == ["light_missing", "cancel"]
    assert [one.button.do for one in shown.rest] == ["park"]
    assert shown.message
    assert shown.message.button.do == "message"
    followed = screen(stage(more=buttons), FOLLOWER)
    assert [one.button.do for one in followed.bar] == ["take_over", "light_missing"]
    assert followed.button("message") is followed.message
    assert followed.button("nothing") is None


def test_what_the_reader_may_press_comes_before_what_he_may_not() -> None:
    more = (Button("cancel", "Cancel"), Button("park", "Park", who="anybody"))
    assert [one.button.do for one in screen(stage(more=more), FOLLOWER).bar] == ["park", "cancel"]


def test_a_guarded_button_asks_and_the_gravest_wants_the_slots_number() -> None:
    at_once, asked, held = (
        screen(stage(buttons=(Button("x", "X", guard=guard),))).buttons[0] for guard in (0, 2, 3)
    )
    assert (at_once.asks, asked.asks, held.asks) == (False, True, True)
    assert (asked.confirm, held.confirm) == ("yes", "7")
    assert (asked.must_hold, held.must_hold) == (False, True)


def test_a_field_stands_beside_its_button_on_the_card_and_in_a_question_in_the_bar() -> None:
    button = Button("keep_out", "Keep it out", fields=(REASON,))
    assert not screen(stage(buttons=(button,))).buttons[0].asks
    assert screen(stage(more=(button,))).bar[0].asks


@pytest.mark.parametrize(
    ("reported", "said", "differs"),
    [
        (lamps("blue", "on"), "The board reports it so.", False),
        (lamps("blue", "off"), "The board reports it dark.", True),
        (lamps("blue", "short"), "The board reports another pattern.", True),
        (lamps("white", "on"), "The board reports it white.", True),
        (None, "What the board shows is not known.", False),
    ],
)
def test_the_lamp_is_compared_with_what_is_read_back(
    reported: dict[str, dict[str, str]] | None, said: str, differs: bool
) -> None:
    twin = twin_of(BLUE, [bay(None, 6), bay(reported)], 7)
    assert (twin.said, twin.differs) == (said, differs)


def test_a_lamp_that_should_be_dark_is_told_when_it_burns() -> None:
    dark = replace(BLUE, pattern="off", words="off")
    assert twin_of(dark, [bay(lamps("blue", "on"))], 7).said == "The board reports it lit."
    assert not twin_of(dark, [bay(lamps("blue", "off"))], 7).differs


def test_a_slot_that_the_board_does_not_tell_of_has_no_known_lamp() -> None:
    assert twin_of(BLUE, [], 7).lamp is None


def test_asterisks_make_words_strong() -> None:
    runs = runs_of("The *blue* light is on.")
    assert [(run.text, run.is_strong) for run in runs] == [
        ("The ", False),
        ("blue", True),
        (" light is on.", False),
    ]
    assert runs_of("") == ()


def test_the_screen_stays_on_in_the_steps_at_the_rack() -> None:
    assert [number for number in range(1, 10) if screen(stage(step=number)).wants_light] == [
        3, 4, 5, 6, 7, 8,
    ]  # fmt: skip
    assert not screen(stage(step=4), is_open=False).wants_light


def test_an_alarm_says_stop_instead_of_the_step() -> None:
    assert screen(stage()).step_words == "Step 4 of 9"
    assert screen(stage(tone="stop", is_alert=True)).step_words == "Stop"
    assert screen(stage(), is_open=False).step_words == "Swap 118"


ASKED = Stage(
    "2",
    2,
    "locate",
    "loc",
    "Which slot blinks white?",
    hint=LampHint(7, "locate", "white", "fast", "white, fast blink"),
    sub="Slot 7 is near slot 17 and slot *7*.",
    buttons=(Button("slot", "Tap", fields=(Field("slot", "Slot", "slots", (("7", "7"),)),)),),
    more=(Button("locate_but", "Light all but slot 7", consequence="Slot 7 stays dark."),),
)


def test_the_answer_of_step_2_is_not_on_the_screen_of_whoever_is_asked() -> None:
    shown = screen(ASKED)
    assert shown.slot is None
    assert "".join(run.text for run in shown.sub) == "This slot is near slot 17 and this slot."
    assert shown.bar[0].button.label == "Light all but this slot"
    assert shown.bar[0].button.consequence == "This slot stays dark."
    assert shown.twin
    assert shown.twin.slot_words == "The light"
    assert shown.told("All but slot 7 are lit") == "All but this slot are lit"
    assert shown.buttons[0].button.fields[0].options == (("7", "7"),)  # the pad keeps all its keys


@pytest.mark.parametrize(
    ("asked", "reader"),
    [
        (ASKED, FOLLOWER),  # who follows is not asked
        (replace(ASKED, key="3", step=3), HOLDER),
        (replace(ASKED, key="2/own_slot"), HOLDER),  # wants the number typed
    ],
)
def test_where_the_slot_is_not_asked_for_it_is_named(asked: Stage, reader: Reader) -> None:
    shown = screen(asked, reader)
    assert (shown.slot, shown.slot_words) == (7, "slot 7")
    assert shown.told("Slot 7 stays") == "Slot 7 stays"
    assert shown.bar[0].button.label == "Light all but slot 7"
