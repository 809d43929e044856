"""Makes the JSON of a board file for the ESP32, which has no TOML. Refuses what cannot be, with all reasons at once.

python -m firmware.tools.compile_board firmware/boards/reference-10.toml board.json
"""

import json
import sys
import tomllib
from pathlib import Path

from firmware.tools.board_checks import problems, warnings


def compile_board(source: Path, target: Path) -> list[str]:
    """Write target as JSON and return warnings. Raises ValueError with a sentence for each thing that is wrong."""
    data = tomllib.loads(source.read_text(encoding="utf-8"))
    found = problems(data)
    if found:
        raise ValueError("\n".join(found))
    target.write_text(json.dumps(data, separators=(",", ":")))
    return warnings(data)


def main() -> None:
    """Take source and target from the command line."""
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    try:
        warned = compile_board(source, target)
    except FileNotFoundError as error:
        raise SystemExit(f"There is no file {error.filename}.") from error
    except ValueError as error:
        raise SystemExit(f"{source} is no board:\n{error}") from error
    for text in warned:
        print(f"warning: {text}")


if __name__ == "__main__":
    main()
