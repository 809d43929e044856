"""All chips with pins of a board: adoption at boot, set-up, silence and return, and what a loss of power looks like.

A chip that has just got power is told from one that only lost its controller by its power-on signature. Loss of the
chassis' power is told when all of them show it at once; one alone has merely been reset and is set up again.
"""

from .compat import const
from .drivers.port import Port

_RETRY_MS = const(20)  # a silent chip is asked again this much later
_TOGETHER_MS = const(1000)  # chips that got power together have all answered by then
_EXPLAINED = -1  # in place of a time: nothing has to be learned from a chip's freshness any more


class Latches:
    """Ports by name. `answering`: the chip was reached, its latches are as read; `ready`: its inputs count, too."""

    def __init__(self, ports: dict[str, Port]) -> None:
        self.ports = ports
        self.answering: set[str] = set()
        self.ready: set[str] = set()  # set up, and neither silent nor reset since
        self.power_was_lost = False
        self._telling = {name for name, port in ports.items() if port.tells_power_loss}
        self._fresh: dict[str, int] = {}  # since when a chip shows its power-on signature
        self._retry_at: dict[str, int] = {}
        self._names = sorted(ports)  # MicroPython's dicts keep no order
        self._turn = 0

    def sample(self, now_ms: int) -> None:
        """Read every chip once; one that does not answer keeps its last levels and latches."""
        self.answering = set()
        for name in self._names:
            if now_ms < self._retry_at.get(name, now_ms):
                continue
            try:
                self._read(name, now_ms)
            except OSError:
                self.ready.discard(name)
                self._fresh.pop(name, None)
                self._retry_at[name] = now_ms + _RETRY_MS
        if self._fresh:
            self._explain(now_ms)
        self._verify_next()

    def forget_power_loss(self) -> None:
        """Flash knows why the chips are fresh: the next sample sets them up, which ends their signature."""
        self.power_was_lost = False
        for name in self._fresh:
            self._fresh[name] = _EXPLAINED

    def _read(self, name: str, now_ms: int) -> None:
        port = self.ports[name]
        if name not in self.ready:
            is_fresh = port.adopt() and name in self._telling
            if is_fresh and self._fresh.setdefault(name, now_ms) != _EXPLAINED:
                return
            port.prepare()
            self._fresh.pop(name, None)
            self.ready.add(name)
        _sample(port)
        if port.is_set_up:
            self.answering.add(name)
        else:
            self.ready.discard(name)  # it was reset just now: none of its inputs counts

    def _explain(self, now_ms: int) -> None:
        """What fresh chips mean: all of them, a loss of power; some, a reset of these alone."""
        if self._telling.issubset(self._fresh):
            self.power_was_lost = True
            self.answering.update(self._fresh)
            return
        waited_ms = now_ms - min(self._fresh.values())
        if self._telling & self.ready or waited_ms >= _TOGETHER_MS:
            for name in self._fresh:
                self._fresh[name] = _EXPLAINED

    def _verify_next(self) -> None:
        """One chip a sample: a chip that was reset behind our back has lost its directions."""
        self._turn = (self._turn + 1) % len(self._names)
        name = self._names[self._turn]
        if name not in self.ready:
            return
        try:
            is_set_up = self.ports[name].verify()
        except OSError:
            is_set_up = False
        if not is_set_up:
            self.ready.discard(name)
            self.answering.discard(name)


def _sample(port: Port) -> None:
    """What changed is read again: an input counts once two reads agree, so a garbled transfer trips no slot.

    Nor does a latch change by itself, but in a reset.
    """
    inputs, before, latch = port.plan.inputs, port.levels, port.latch
    port.sample()
    first = port.levels
    if (first ^ before) & inputs or port.latch != latch:
        port.sample()
        unsure = (first ^ port.levels) & inputs
        port.levels = port.levels & ~unsure | before & unsure
