"""What keeps the firmware from an ESP32, as a sentence for a person."""


class InstallFailed(Exception):  # noqa: N818  (named for what happened)
    """The text says what is wrong and what to do."""


class NoPrompt(InstallFailed):
    """No MicroPython answers on the port."""
