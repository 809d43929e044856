"""The form of a line in the log. Takes out what must never lie there: the secret of a phone's QR.

It is in an address, and addresses come into the log from many sides: errors, refused forms, tracebacks.
"""

import logging
import re
from typing import Final

_SECRET_IN_ADDRESS: Final = re.compile(r"(/phone/)(?!state/|enter/)[\w%.~-]+")
_TOKEN: Final = re.compile(r"\bbp_[\w-]{16,}")


class LineFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """Return the whole line, traceback and all, without secrets."""
        line = _SECRET_IN_ADDRESS.sub(r"\1...", super().format(record))
        return _TOKEN.sub("bp_...", line)
