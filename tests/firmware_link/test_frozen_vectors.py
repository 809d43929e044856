"""BP/1 is released: a golden frame is never edited, whatever else is added."""

import copy

from tools.freeze_vectors import changed, digests, frozen, golden


def test_no_golden_frame_was_changed_since_the_release() -> None:
    assert changed(digests(golden()), frozen()) == []


def test_every_golden_frame_is_frozen() -> None:
    assert set(digests(golden())) == set(frozen()), "run: python -m tools.freeze_vectors"


def test_a_changed_byte_or_a_lost_frame_is_noticed() -> None:
    vectors = copy.deepcopy(golden())
    vectors[0]["body"] = vectors[0]["body"][:-2] + "ff"
    del vectors[-1]
    assert changed(digests(vectors), digests(golden())) == sorted(
        [golden()[0]["name"], golden()[-1]["name"]]
    )
