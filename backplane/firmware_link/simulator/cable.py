"""The cable between board and host: what noise and silence do to bytes.

Pure. Whoever carries the bytes passes each piece through `carry`, both ways.
"""

import math
import random


class Cable:
    """A cable that is perfect until told otherwise; its noise repeats with its seed."""

    def __init__(self, seed: int = 0) -> None:
        self.is_silent = False
        self.noise_rate = 0.0
        self.bytes_hurt = 0
        self._random = random.Random(seed)  # noqa: S311  (a fault that repeats is what is wanted)
        self._until_hit = 0

    def set_noise(self, rate: float) -> None:
        """Hurt each byte with this probability, 0..1: half of the hurt ones flip, half are lost."""
        self.noise_rate = rate
        self._until_hit = self._gap()

    def carry(self, data: bytes) -> bytes:
        """Return what arrives at the other end."""
        if self.is_silent:
            return b""
        if not self.noise_rate:
            return data
        return self._hurt(data)

    def _hurt(self, data: bytes) -> bytes:
        arrived = bytearray()
        for byte in data:
            if self._until_hit > 0:
                self._until_hit -= 1
                arrived.append(byte)
                continue
            self._until_hit = self._gap()
            self.bytes_hurt += 1
            if self._random.random() < 0.5:
                arrived.append(byte ^ (1 << self._random.randrange(8)))
        return bytes(arrived)

    def _gap(self) -> int:
        """Return how many bytes pass unhurt before the next hit (geometric distribution)."""
        if self.noise_rate <= 0.0 or self.noise_rate >= 1.0:
            return 0
        return int(math.log(1.0 - self._random.random()) / math.log(1.0 - self.noise_rate))
