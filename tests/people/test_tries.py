from backplane.people.tries import Tries


def test_who_fails_too_often_waits_until_the_first_failure_is_old() -> None:
    tries = Tries(limit=3, window_s=60)
    for now_s in (0, 10, 20):
        assert tries.wait_s("a", now_s) == 0
        tries.note_failure("a", now_s)
    assert tries.wait_s("a", 21) == 39
    assert tries.wait_s("b", 21) == 0
    assert tries.wait_s("a", 60) == 0
    tries.note_failure("a", 60)
    assert tries.wait_s("a", 61) == 9  # 10, 20 and 60 count now


def test_memory_is_bounded_whoever_tries() -> None:
    tries = Tries(limit=1, window_s=60)
    for number in range(5000):
        tries.note_failure(str(number), 0)
    assert tries.wait_s("0", 1) == 0
    assert tries.wait_s("4999", 1) == 59


def test_forgetting_lets_everybody_try_again() -> None:
    tries = Tries(limit=1, window_s=60)
    tries.note_failure("a", 0)
    tries.forget_all()
    assert tries.wait_s("a", 1) == 0
