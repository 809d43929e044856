"""Noise and silence on the cable."""

from backplane.firmware_link.simulator.cable import Cable

SENT = bytes(range(256)) * 400


def test_a_cable_left_alone_is_perfect() -> None:
    assert Cable().carry(SENT) == SENT


def test_a_silent_cable_carries_nothing() -> None:
    cable = Cable()
    cable.is_silent = True
    assert cable.carry(SENT) == b""


def test_noise_hurts_about_as_many_bytes_as_asked_by_flips_and_losses() -> None:
    cable = Cable(seed=5)
    cable.set_noise(0.01)
    arrived = cable.carry(SENT)
    assert 800 < cable.bytes_hurt < 1_250
    lost = len(SENT) - len(arrived)
    assert 350 < lost < 700
    assert lost < cable.bytes_hurt


def test_the_same_seed_hurts_the_same_bytes_however_they_are_cut() -> None:
    whole, pieces = Cable(seed=9), Cable(seed=9)
    whole.set_noise(0.05)
    pieces.set_noise(0.05)
    cut = b"".join(pieces.carry(SENT[at : at + 7]) for at in range(0, len(SENT), 7))
    assert whole.carry(SENT) == cut


def test_noise_ends_when_told() -> None:
    cable = Cable()
    cable.set_noise(1.0)
    assert cable.carry(SENT) != SENT
    cable.set_noise(0.0)
    assert cable.carry(SENT) == SENT
