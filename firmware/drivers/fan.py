"""A fan with four wires: speed by 25 kHz PWM, turns by its tacho (Intel 4-Wire PWM Controlled Fans, rev. 1.3)."""

from ..board import UNKNOWN
from ..compat import const

_WINDOW_MS = const(2000)


class Fan:
    """Full speed until somebody says otherwise. tacho may be None."""

    def __init__(self, pwm, tacho, pulses_per_turn: int = 2) -> None:
        self._pwm = pwm
        self._pulses_per_turn = pulses_per_turn
        self._pulses = 0
        self._has_tacho = tacho is not None
        self._since_ms = -1
        self.rpm = UNKNOWN
        self.set_duty(255)
        if tacho is not None:
            tacho.irq(handler=self._pulse, trigger=tacho.IRQ_FALLING)

    def set_duty(self, duty: int) -> None:
        """0..255; the fan's own controller decides what a low duty means."""
        self.duty = duty
        self._pwm.duty_u16(duty * 257)

    def step(self, now_ms: int) -> None:
        """Count the turns of each window."""
        if not self._has_tacho:
            return
        spent = now_ms - self._since_ms
        if self._since_ms < 0 or spent >= _WINDOW_MS:
            if self._since_ms >= 0:
                self.rpm = self._pulses * 60000 // (spent * self._pulses_per_turn)
            self._pulses = 0
            self._since_ms = now_ms

    def _pulse(self, pin) -> None:  # noqa: ARG002 - the pin that called
        self._pulses += 1
