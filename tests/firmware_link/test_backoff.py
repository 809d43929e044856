"""Waiting between tries stays between 0.2 s and 5 s, grows, and starts small again."""

from backplane.firmware_link.backoff import LEAST_S, MOST_S, BackOff


def test_waits_stay_within_their_bounds() -> None:
    back_off = BackOff()
    waits = [back_off.next_s() for _ in range(500)]
    assert min(waits) >= LEAST_S
    assert max(waits) <= MOST_S
    assert max(waits) > MOST_S / 2


def test_the_first_wait_is_short_again_after_a_reset() -> None:
    back_off = BackOff()
    for _ in range(20):
        back_off.next_s()
    back_off.reset()
    assert back_off.next_s() <= 2 * LEAST_S
