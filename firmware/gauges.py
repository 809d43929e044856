"""Meters, identities and thermometers of a board, and which of their chips are silent.

A silent meter makes readings not known and nothing else: the switches beside it still obey.
"""

from .board import UNKNOWN, UNKNOWN_CDEG
from .compat import const

_REST_MS = const(300)  # a silent chip is asked again this much later
_LOST_AFTER = const(2)  # failures in a row: one may be noise


class Gauges:
    """By slot; slot 0 is the chassis' supply.

    meters: (chip, channel); identities: chips; thermometers: chips on I2C; probes: those on 1-wire.
    """

    def __init__(self, meters: dict, identities: dict, thermometers: dict, probes: dict) -> None:
        self._meters = meters
        self._identities = identities
        self._thermometers = thermometers
        self._probes = probes
        self._turns = [probes[slot] for slot in sorted(probes)]
        self._failures: dict[int, int] = {}  # address: in a row
        self._retry_at: dict[int, int] = {}
        self._now_ms = 0

    def silent_address(self) -> int:
        """Bus address of a meter that does not answer, or 0. Carriers' chips come and go with their carriers."""
        silent = [address for address, count in self._failures.items() if count >= _LOST_AFTER]
        return min(silent) if silent else 0

    def step(self, now_ms: int) -> None:
        """Use one 1-wire bus at most: each use takes some milliseconds."""
        self._now_ms = now_ms
        for _ in range(len(self._turns)):
            probe = self._turns.pop(0)
            self._turns.append(probe)
            if probe.step(now_ms):
                return

    def meter(self, slot: int) -> tuple[int, int]:
        """(mV, mA), or UNKNOWN."""
        chip, channel = self._meters.get(slot, (None, 0))
        if chip is None or self._now_ms < self._retry_at.get(chip.address, 0):
            return UNKNOWN, UNKNOWN
        try:
            found = chip.read(channel)
        except OSError:
            self._failures[chip.address] = self._failures.get(chip.address, 0) + 1
            self._retry_at[chip.address] = self._now_ms + _REST_MS
            return UNKNOWN, UNKNOWN
        self._failures.pop(chip.address, None)
        return found

    def temperature(self, slot: int) -> int:
        """Centi-degrees, or UNKNOWN_CDEG."""
        probe = self._probes.get(slot)
        chip = self._thermometers.get(slot)
        found = None
        if probe is not None:
            found = probe.read(self._now_ms)
        elif chip is not None:
            try:
                found = chip.read()
            except OSError:
                found = None
        return UNKNOWN_CDEG if found is None else found

    def identity(self, slot: int) -> tuple[bytes, bytes, bytes] | None:
        """What the carrier says of itself, or None."""
        chip = self._identities.get(slot)
        try:
            return chip.read() if chip is not None else None
        except OSError:
            return None
