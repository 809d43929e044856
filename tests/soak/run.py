"""One run of the soak: a seed, so many events, a verdict."""

from dataclasses import dataclass, field

from tests.soak.causes import Causes
from tests.soak.fates import Fates
from tests.soak.judge import Judge
from tests.soak.world import World
from tests.support.torn_flash import flash_instead_of_files


@dataclass
class Outcome:
    """What one run went through, and what is wrong."""

    seed: int
    wrongs: list[str]
    events: int = 0
    rows: int = 0
    told: int = 0
    excused: int = 0
    gaps: int = 0
    journals: int = 0
    boots: int = 0
    cuts: int = 0
    hosts: int = 0
    commands: int = 0
    switched: int = 0
    by_command: int = 0
    virtual_s: int = 0
    bytes_per_event: float = 0.0
    happened: dict[str, int] = field(default_factory=dict)


def soak(
    seed: int, events: int, weights: dict[str, float] | None = None, slots: int = 4
) -> Outcome:
    """Live through `events` events by a seed, settle, and judge."""
    with flash_instead_of_files(seed):
        world = World(seed, slots)
        fates = Fates(world, weights)
        fates.live(events)
        fates.settle()
    judge = Judge(world, world.store)
    judge.judge()
    causes = Causes(world, judge)
    causes.judge()
    verdict = judge.verdict
    other = Judge(world, world.other_store)
    other.judge_numbers(is_settled=False)
    known = {(row.journal, row.number): row.raw for row in world.store.rows}
    for row in world.other_store.rows:
        if known.get((row.journal, row.number), row.raw) != row.raw:
            verdict.wrong(f"event {row.number} is another one to the other installation")
    return Outcome(
        seed,
        verdict.wrongs + other.verdict.wrongs,
        events=world.event_count(),
        rows=len(world.store.rows),
        told=verdict.told,
        excused=verdict.excused,
        gaps=sum(gap.last is not None for gap in world.store.gaps),
        journals=sum(gap.last is None for gap in world.store.gaps),
        boots=len(world.board.boots),
        cuts=world.flash.cuts,
        hosts=world.store.epoch + world.other_store.epoch,
        commands=len(world.given),
        switched=causes.switched,
        by_command=causes.by_command,
        virtual_s=world.now_ms // 1000,
        bytes_per_event=world.flash.bytes_written / max(1, world.event_count()),
        happened=world.happened,
    )
