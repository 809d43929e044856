"""How an identity that a board read is shown to people. Pure.

The database keeps the bytes as hex; makers often write a readable label into the EEPROM, a DS2401 is a bare number.
"""

_PRINTABLE = range(
    0x21, 0x7F
)  # no blanks: a label that starts or ends with one could not be told apart
_LEAST_TEXT = 4  # shorter runs of letters are chance


def carrier_text(uid: str) -> str:
    """Return the label in a carrier's uid (hex) if all of its bytes are one, else the hex itself."""
    try:
        data = bytes.fromhex(uid)
    except ValueError:
        return uid
    is_label = len(data) >= _LEAST_TEXT and all(byte in _PRINTABLE for byte in data)
    return data.decode("ascii") if is_label else uid
