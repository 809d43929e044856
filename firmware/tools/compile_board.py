"""Makes the JSON of a board file for the ESP32, which has no TOML. Checks what the firmware relies on.

python -m firmware.tools.compile_board firmware/boards/reference-10.toml board.json
"""

import json
import sys
import tomllib
from pathlib import Path

from firmware.board_spec import BoardSpec

_NUMBERS = {
    "limits": (
        "budget_mw",
        "limit_ma",
        "over_temp_cdeg",
        "rail_mv",
        "rail_min_mv",
        "off_mv",
        "off_ma",
    ),
    "timing": ("stagger_ms", "power_good_ms"),
}


def compile_board(source: Path, target: Path) -> None:
    """Write target as JSON. Raises ValueError, naming the key, for a file that describes no board."""
    data = tomllib.loads(source.read_text())
    for section, keys in _NUMBERS.items():
        for key in keys:
            value = data.get(section, {}).get(key)
            if not isinstance(value, int) or value <= 0:
                raise ValueError(f"[{section}] {key} must be a positive whole number")
    BoardSpec(data)
    target.write_text(json.dumps(data, separators=(",", ":")))


def main() -> None:
    """Take source and target from the command line."""
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    compile_board(Path(sys.argv[1]), Path(sys.argv[2]))


if __name__ == "__main__":
    main()
