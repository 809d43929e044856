"""All chips with pins of a board: adoption at boot, set-up, silence and return, and what a loss of power looks like.

A chip that has just got power is told from one that only lost its controller by its power-on signature. Loss of the
chassis' power is told when all of them show it at once; one alone has merely been reset and is set up again.
"""

from .compat import const
from .drivers.port import Port

_RETRY_MS = const(20)  # a silent chip is asked again this much later
_TOGETHER_MS = const(1000)  # chips that got power together have all answered by then


class Latches:
    """Ports by name. `answering` holds the names whose last sample is true."""

    def __init__(self, ports: dict[str, Port]) -> None:
        self.ports = ports
        self.answering: set[str] = set()
        self.power_was_lost = False
        self._telling = {name for name, port in ports.items() if port.tells_power_loss}
        self._ready: set[str] = set()  # set up and not silent since
        self._fresh: dict[str, int] = {}  # since when a chip shows its power-on signature
        self._retry_at: dict[str, int] = {}
        self._names = list(ports)
        self._turn = 0

    def sample(self, now_ms: int) -> None:
        """Read every chip once; one that does not answer keeps its last levels and latches."""
        answering = set()
        for name in self._names:
            if now_ms < self._retry_at.get(name, now_ms):
                continue
            try:
                if name in self._ready or self._take_up(name, now_ms):
                    self.ports[name].sample()
                    answering.add(name)
            except OSError:
                self._lose(name, now_ms)
        self.answering = answering
        self._verify_next()

    def forget_power_loss(self) -> None:
        """Flash knows why the chips are fresh: the next sample sets them up, which ends their signature."""
        self.power_was_lost = False
        for name in self._fresh:
            self._fresh[name] = -_TOGETHER_MS

    def _take_up(self, name: str, now_ms: int) -> bool:
        """Set a chip up, unless it has to wait for what its freshness means. Whether it may be read."""
        if self.ports[name].adopt() and name in self._telling:
            since = self._fresh.setdefault(name, now_ms)
            if since >= 0 and self._may_mean_a_loss(now_ms - since):
                return self.power_was_lost
        self.ports[name].prepare()
        self._fresh.pop(name, None)
        self._ready.add(name)
        return True

    def _may_mean_a_loss(self, waited_ms: int) -> bool:
        """Whether all chips are fresh, or those that are not may still turn out to be."""
        if self._telling.issubset(self._fresh):
            self.power_was_lost = True
            return True
        return not self._telling & self._ready and waited_ms < _TOGETHER_MS

    def _lose(self, name: str, now_ms: int) -> None:
        self._ready.discard(name)
        self._fresh.pop(name, None)
        self._retry_at[name] = now_ms + _RETRY_MS

    def _verify_next(self) -> None:
        """One chip a sample: a chip that was reset behind our back has lost its pull-ups and directions."""
        self._turn = (self._turn + 1) % len(self._names)
        name = self._names[self._turn]
        if name not in self._ready:
            return
        try:
            is_set_up = self.ports[name].verify()
        except OSError:
            is_set_up = False
        if not is_set_up:
            self._ready.discard(name)
            self.answering.discard(name)
