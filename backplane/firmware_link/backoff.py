"""How long to wait before the next try: full jitter between 0.2 s and 5 s, growing with failures."""

import random

LEAST_S = 0.2
MOST_S = 5.0


class BackOff:
    def __init__(self) -> None:
        self._ceiling_s = LEAST_S

    def next_s(self) -> float:
        """Each call doubles the ceiling; jitter keeps many links from trying in step."""
        self._ceiling_s = min(MOST_S, self._ceiling_s * 2)
        return random.uniform(LEAST_S, self._ceiling_s)  # noqa: S311  (spreads load, keeps no secret)

    def reset(self) -> None:
        self._ceiling_s = LEAST_S
