"""When rounds come back."""

from datetime import UTC, datetime, timedelta

import pytest

from backplane.supervisor.rounds import until_next_round_s

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("deadlines_s", "pause_s"),
    [
        ([], 1.0),
        ([0.5], 0.5),  # the next rail's turn
        ([30.0, 0.3], 0.3),
        ([600.0], 1.0),  # a lost nudge costs a second at the most
        ([-5.0], 0.02),  # what has passed must not make it spin
    ],
)
def test_a_round_follows_the_first_deadline(deadlines_s: list[float], pause_s: float) -> None:
    deadlines = [NOW + timedelta(seconds=each) for each in deadlines_s]
    assert until_next_round_s(deadlines, NOW) == pytest.approx(pause_s)
