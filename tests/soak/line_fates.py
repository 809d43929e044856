"""What befalls the line, the host's disk and the board's flash."""

import random

from tests.soak.world import World


class LineFates:
    """The part of Fates that needs neither hands nor hosts."""

    world: World
    chance: random.Random

    def hand(self) -> None:
        """A contact changes for good: of the class that has hands."""
        raise NotImplementedError

    # -- the line and the disk --------------------------------------------------
    def cable(self) -> None:
        self.world.pull_cable()
        for _ in range(self.chance.randrange(1, 30)):
            self.hand()
            self.world.run(self.chance.randrange(5, 200))
        self.world.plug_cable()

    def storm(self) -> None:
        """So much happens while nobody listens that the ring overflows."""
        world = self.world
        world.pull_cable()
        goal = world.event_count() + self.chance.randrange(257, 400)
        while world.event_count() < goal:
            self.hand()
            world.run(self.chance.randrange(2, 20))
        world.plug_cable()

    def noise(self) -> None:
        rate = self.chance.uniform(0.001, 0.02)
        for wire in (self.world.to_board, self.world.to_host):
            wire.cable.set_noise(rate)
        self._mend_in(self.chance.randrange(300, 4_000))

    def drops(self) -> None:
        for wire in (self.world.to_board, self.world.to_host):
            wire.drops = self.chance.uniform(0.05, 0.4)
        self._mend_in(self.chance.randrange(300, 4_000))

    def mute_board(self) -> None:
        """The board hears, and nothing that it says arrives: results and events are lost."""
        self.world.to_host.is_mute = True
        self._mend_in(self.chance.randrange(200, 4_500))

    def mute_host(self) -> None:
        self.world.to_board.is_mute = True
        self._mend_in(self.chance.randrange(200, 4_500))

    def _mend_in(self, after_ms: int) -> None:
        def mend() -> None:
            self.world.to_board.mend()
            self.world.to_host.mend()

        self.world.at(self.world.now_ms + after_ms, mend)

    def slow_disk(self) -> None:
        self.world.slow_disk_ms = self.chance.randrange(200, 2_000)
        after_ms = self.chance.randrange(500, 4_000)
        self.world.at(self.world.now_ms + after_ms, lambda: setattr(self.world, "slow_disk_ms", 0))

    # -- damage that no journal can outlive unnoticed ---------------------------
    def flip(self) -> None:
        if any(self.world.flash.files.values()):
            self.world.crash()
            self.world.flash.flip(self.chance)
            self.world.board.damage()
            self.world.boot_in(self.chance.randrange(5, 500), self.chance.choice((1, 3)))

    def blank(self) -> None:
        self.world.crash()
        self.world.flash.files.clear()
        self.world.board.damage()
        self.world.boot_in(self.chance.randrange(5, 500), 1)

    def full(self) -> None:
        """The flash refuses every write for a while; the board goes on, and may reset meanwhile."""
        world = self.world
        world.flash.is_full = True
        world.board.damage()
        after_ms = self.chance.randrange(200, 3_000)
        world.at(world.now_ms + after_ms, lambda: setattr(world.flash, "is_full", False))
