"""Admission per feed: supplies, N+1, lost supplies, reservations, and the words of each wait."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from backplane.slots.boards import BoardProfile, Supply, load_profile
from backplane.slots.budget_lines import Demand, Draw, budget_lines
from backplane.slots.facts import SlotFacts, SlotFlag, SlotState
from backplane.slots.feeds import Caps, Feed, LimitKind, feeds_of
from backplane.slots.ops import CommandOp, CommandState
from backplane.slots.planner import OpenCommand, Refuse, Send, Surroundings, Wait, plan
from backplane.slots.power import PoweredSlot
from tests.support.slots import EMPTY, NOW, OFF, RUNNING, later

M1, M4, M6 = SlotState.INACTIVE, SlotState.ACTIVE, SlotState.DEACTIVATION_IN_PROGRESS
LEFT, RIGHT = (1, 2, 3, 4, 5), (6, 7, 8, 9, 10)
TWO_FEEDS = (Supply(1, "PSU A", 12_000, 30_000, LEFT), Supply(2, "PSU B", 12_000, 30_000, RIGHT))
PAIR = (Supply(1, "PSU A", 12_000, 60_000), Supply(2, "PSU B", 12_000, 60_000))
ROOMY = Caps(budget_mw=500_000)


def board(supplies: Sequence[Supply] = (), redundancy: str = "none") -> BoardProfile:
    return BoardProfile("b", "b", 10, supplies=tuple(supplies), redundancy=redundancy)


def off(number: int, need_mw: int = 9_000) -> PoweredSlot:
    return PoweredSlot(number, SlotFacts(M1, OFF), need_mw)


def on(number: int, need_mw: int = 9_000, state: SlotState = M4) -> PoweredSlot:
    return PoweredSlot(number, SlotFacts(state, RUNNING), need_mw)


def start(slot: int, order: int = 0, state: CommandState = CommandState.OPEN) -> OpenCommand:
    at = NOW + timedelta(milliseconds=order)
    return OpenCommand(slot, CommandOp.POWER_ON, slot, state, at, later(10))


def around(feeds: tuple[Feed, ...], slots: Iterable[PoweredSlot]) -> Surroundings:
    return Surroundings(tuple(slots), feeds, timedelta(milliseconds=500))


def reasons(surroundings: Surroundings, *starts: OpenCommand) -> dict[int, str]:
    """Return what becomes of each start: "sent", or its reason."""
    made = plan(starts, surroundings, NOW)
    return {
        each.command_id: each.reason if isinstance(each, Wait | Refuse) else "sent"
        for each in made.decisions
    }


def chassis_of(budget_mw: int, *slots: PoweredSlot) -> Surroundings:
    return around(feeds_of(board(), (), Caps(budget_mw)), slots)


# -- feeds ---------------------------------------------------------------------
def test_a_board_without_supplies_is_one_feed() -> None:
    (feed,) = feeds_of(board(), (), Caps(150_000))
    assert (feed.name, feed.budget_mw, feed.limit) == ("Chassis", 150_000, LimitKind.BUDGET)
    assert feed.slots == frozenset(range(1, 11))


def test_supplies_of_their_own_slots_are_feeds_of_their_own_under_the_chassis() -> None:
    feeds = feeds_of(board(TWO_FEEDS), (), ROOMY)
    assert [(feed.name, feed.budget_mw, len(feed.slots)) for feed in feeds] == [
        ("PSU A", 30_000, 5),
        ("PSU B", 30_000, 5),
        ("Chassis", 500_000, 10),
    ]


def test_n_plus_one_leaves_out_the_largest() -> None:
    big = replace(PAIR[1], rating_mw=100_000)
    (feed,) = feeds_of(board((PAIR[0], big), "n+1"), (), ROOMY)
    assert (feed.budget_mw, feed.spare_mw) == (60_000, 60_000)
    (plain,) = feeds_of(board((PAIR[0], big)), (), ROOMY)
    assert plain.budget_mw == 160_000


def test_a_single_supply_cannot_be_left_out() -> None:
    (feed,) = feeds_of(board(PAIR[:1], "n+1"), (), ROOMY)
    assert (feed.budget_mw, feed.wants_redundancy) == (60_000, False)


def test_a_lost_supply_of_a_pair_costs_the_reserve_first() -> None:
    pair = board(PAIR, "n+1")
    (feed,) = feeds_of(pair, [2], ROOMY)
    assert (feed.budget_mw, feed.full_mw, feed.lost, feed.spare_mw) == (
        60_000,
        60_000,
        ("PSU B",),
        0,
    )
    assert feeds_of(pair, [1, 2], ROOMY)[0].budget_mw == 0


def test_supplies_that_overlap_in_part_are_limits_alone_and_together() -> None:
    left = Supply(1, "A", 12_000, 20_000, (1, 2, 3, 4, 5, 6))
    right = Supply(2, "B", 12_000, 30_000, (5, 6, 7, 8, 9, 10))
    feeds = {feed.name: feed for feed in feeds_of(board((left, right)), (), ROOMY)}
    assert (feeds["A"].slots, feeds["A"].budget_mw) == (frozenset({1, 2, 3, 4}), 20_000)
    assert (feeds["B"].slots, feeds["B"].budget_mw) == (frozenset({7, 8, 9, 10}), 30_000)
    assert (len(feeds["A + B"].slots), feeds["A + B"].budget_mw) == (10, 50_000)


@pytest.mark.parametrize(
    ("caps", "budget_mw", "limit"),
    [
        (Caps(200_000), 120_000, LimitKind.SUPPLIES),
        (Caps(50_000), 50_000, LimitKind.BUDGET),
        (Caps(50_000, 40_000), 40_000, LimitKind.CEILING),
        (Caps(50_000, 90_000), 50_000, LimitKind.BUDGET),
    ],
)
def test_the_smallest_limit_holds_and_is_named(
    caps: Caps, budget_mw: int, limit: LimitKind
) -> None:
    (feed,) = feeds_of(board(PAIR), (), caps)
    assert (feed.budget_mw, feed.full_mw, feed.limit) == (budget_mw, budget_mw, limit)


@pytest.mark.parametrize(
    ("name", "slot_count", "lost", "told"),
    [
        ("reference-10", 10, (), [("PSU A", 150_000)]),
        ("redundant-10", 10, (2,), [("PSU A + PSU B", 150_000)]),
        ("redundant-10", 10, (1, 2), [("PSU A + PSU B", 0)]),
        ("twin-6", 6, (1,), [("PSU left", 0), ("PSU right", 60_000), ("Chassis", 120_000)]),
    ],
)
def test_the_boards_of_this_project_are_wired_as_their_files_say(
    name: str, slot_count: int, lost: tuple[int, ...], told: list[tuple[str, int]]
) -> None:
    profile = load_profile(name, slot_count)
    feeds = feeds_of(profile, lost, Caps(profile.limits.budget_mw))
    assert [(feed.name, feed.budget_mw) for feed in feeds] == told


# -- reservation -----------------------------------------------------------------
def test_a_large_start_is_not_overtaken_by_a_small_one() -> None:
    full = chassis_of(20_000, on(1), off(4, 14_000), off(7, 2_000))
    assert reasons(full, start(4, 1), start(7, 2)) == {
        4: "slot 4 needs 14 W, 11 W free; starts when slot 1 stops",
        7: "slot 7 waits behind slot 4",
    }


def test_who_comes_first_goes_first() -> None:
    free = chassis_of(20_000, on(1), off(4, 14_000), off(7, 2_000))
    assert reasons(free, start(7, 1), start(4, 2))[7] == "sent"


def test_a_start_of_another_feed_waits_for_nobody() -> None:
    slots = [on(1, 25_000), off(2), off(7)]
    feeds = feeds_of(board(TWO_FEEDS), (), ROOMY)
    told = reasons(around(feeds, slots), start(2, 1), start(7, 2))
    assert told == {2: "slot 2 needs 9 W, 5 W free; starts when slot 1 stops", 7: "sent"}


def test_a_reservation_holds_in_every_feed_of_the_slot() -> None:
    slots = [on(1, 25_000), off(2), off(7)]
    feeds = feeds_of(board(TWO_FEEDS), (), Caps(38_000))
    told = reasons(around(feeds, slots), start(2, 1), start(7, 2))
    assert told[7] == "slot 7 waits behind slot 2"  # 13 W of the chassis are free, 9 W of them kept


def test_a_start_that_waits_for_its_turn_has_its_power_already() -> None:
    told = reasons(
        chassis_of(30_000, on(1), off(2), off(3), off(4)), start(2), start(3, 1), start(4, 2)
    )
    assert told == {
        2: "sent",
        3: "slot 2 is starting; one at a time",
        4: "slot 4 needs 9 W, 3 W free; starts when slot 1 stops",
    }


# -- words -----------------------------------------------------------------------
def test_the_slot_that_is_stopping_already_is_the_one_waited_for() -> None:
    full = chassis_of(20_000, on(1, 6_000), on(3, 8_000, M6), off(7))
    assert reasons(full, start(7)) == {7: "slot 7 needs 9 W, 6 W free; starts when slot 3 stops"}


def test_two_that_are_stopping_are_both_named() -> None:
    full = chassis_of(18_000, on(2, 5_000, M6), on(3, 5_000, M6), on(4, 8_000), off(7))
    assert reasons(full, start(7))[7].endswith("0 W free; starts when slots 2 and 3 stop")


def test_the_least_draw_that_would_do_is_named_and_that_others_would_do_as_well() -> None:
    full = chassis_of(26_000, on(1, 2_000), on(2, 14_000), on(3, 9_000), off(7))
    assert reasons(full, start(7))[7] == (
        "slot 7 needs 9 W, 1 W free; starts when slot 3 or another of 9 W stops"
    )


def test_where_no_single_slot_would_do_the_sum_is_named() -> None:
    full = chassis_of(15_000, *(on(n, 5_000) for n in (1, 2, 3)), off(7))
    assert reasons(full, start(7))[7].endswith("0 W free; starts when slots of 9 W together stop")


def test_a_lost_supply_is_waited_for_in_words() -> None:
    feeds = feeds_of(board(TWO_FEEDS), [2], ROOMY)
    assert reasons(around(feeds, [off(7)]), start(7)) == {
        7: "slot 7 needs 9 W, 0 W free; PSU B is lost; starts when PSU B is back"
    }
    both = feeds_of(board(PAIR), [1, 2], ROOMY)
    assert "PSU A and PSU B are lost" in reasons(around(both, [off(7)]), start(7))[7]


@pytest.mark.parametrize(
    ("profile", "words"),
    [
        (board(TWO_FEEDS), "PSU B has 30 W."),
        (board(), "the whole chassis has 40 W."),
        (board(PAIR, "n+1"), "PSU A + PSU B (one supply kept in reserve) has 40 W."),
    ],
)
def test_what_can_never_fit_is_refused_and_says_where(profile: BoardProfile, words: str) -> None:
    feeds = feeds_of(profile, (), Caps(40_000))
    assert reasons(around(feeds, [off(7, 61_000)]), start(7)) == {7: f"Slot 7 needs 61 W; {words}"}


def test_a_running_slot_that_outgrew_its_feed_may_still_be_cycled() -> None:
    cycle = replace(start(7), op=CommandOp.POWER_CYCLE)
    made = plan([cycle], chassis_of(5_000, on(7)), NOW)
    assert made.decisions == (Send(7, 10_000),)


# -- the budget bar ----------------------------------------------------------------
def test_a_line_tells_what_is_spent_kept_drawn_and_waited_for() -> None:
    slots = [on(1), on(2), off(3), off(7, 14_000), PoweredSlot(8, SlotFacts(M1, EMPTY), 9_000)]
    demand = Demand(starting=(3,), waiting={7: "slot 7 needs 14 W, 13 W free"})
    (line,) = budget_lines(
        feeds_of(board(), (), Caps(40_000)), slots, demand, Draw(None, {1: 4_000, 2: 5_000})
    )
    assert (line.budget_mw, line.admitted_mw, line.drawn_mw) == (40_000, 27_000, 9_000)
    assert (line.reserved, line.waiting) == (
        ((7, 14_000),),
        ((7, "slot 7 needs 14 W, 13 W free"),),
    )
    assert (line.free_mw, line.warning, line.is_redundant) == (0, "", False)


def test_a_draw_that_is_not_known_of_one_slot_is_not_known_of_the_feed() -> None:
    slots, feeds = [on(1), on(2)], feeds_of(board(), (), Caps(40_000))
    (line,) = budget_lines(feeds, slots, Demand(), Draw(None, {1: 4_000}))
    assert line.drawn_mw is None
    all_ten = [*slots, *(off(n) for n in range(3, 11))]
    (line,) = budget_lines(feeds, all_ten, Demand(), Draw(9_500, {1: 4_000}))
    assert line.drawn_mw == 9_500  # the chassis has a meter of its own


@pytest.mark.parametrize(
    ("running", "lost", "is_redundant", "warning"),
    [
        (6, (), True, ""),
        (7, (), False, "63 W admitted, 60 W there. Nothing is cut;"),
        (6, (2,), False, "PSU B is lost. No reserve: one more lost supply leaves 0 W for 54 W."),
        (6, (1, 2), False, "PSU A and PSU B are lost. 54 W admitted, 0 W there. Nothing is cut;"),
    ],
)
def test_lost_redundancy_is_a_warning_and_never_a_cut(
    running: int, lost: tuple[int, ...], *, is_redundant: bool, warning: str
) -> None:
    slots = [on(n) if n <= running else off(n) for n in range(1, 11)]
    feeds = feeds_of(board(PAIR, "n+1"), lost, ROOMY)
    (line,) = budget_lines(feeds, slots, Demand(), Draw())
    assert line.is_redundant is is_redundant
    assert line.warning.startswith(warning)
    assert bool(line.warning) == bool(warning)
    assert plan([], around(feeds, slots), NOW).decisions == ()


def test_flags_alone_say_what_is_spent() -> None:
    suspicious = PoweredSlot(
        3, SlotFacts(SlotState.NOT_INSTALLED, EMPTY | SlotFlag.SUSPICIOUS), 9_000
    )
    (line,) = budget_lines(feeds_of(board(), (), Caps(40_000)), [suspicious], Demand(), Draw())
    assert line.admitted_mw == 9_000
