"""Makes the bytes of a carrier's 24C02, for any EEPROM programmer.

python -m firmware.tools.carrier_eeprom UID SERIAL MODEL eeprom.bin
"""

import sys
from pathlib import Path

from firmware.drivers.at24c02 import pack_identity


def main() -> None:
    """Take the three texts and the file to write from the command line."""
    if len(sys.argv) != 5:
        raise SystemExit(__doc__)
    uid, serial, model = (text.encode() for text in sys.argv[1:4])
    try:
        data = pack_identity(uid, serial, model)
    except ValueError as error:
        raise SystemExit(f"This identity does not fit: {error}.") from error
    Path(sys.argv[4]).write_bytes(data.ljust(256, b"\xff"))


if __name__ == "__main__":
    main()
