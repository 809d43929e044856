"""Makes the JSON of a board file for the ESP32, which has no TOML. Refuses what cannot be, with all reasons at once.

python -m firmware.tools.compile_board firmware/boards/reference-10.toml board.json
"""

import json
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from firmware.tools.board_checks import problems, warnings


def compile_board(source: Path, target: Path) -> list[str]:
    """Write target as JSON and return warnings. Raises ValueError with a sentence for each thing that is wrong."""
    data = read_board(source)
    target.write_text(as_json(data))
    return warnings(data)


def as_json(data: dict[str, Any]) -> str:
    """A board file as the ESP32 reads it."""
    return json.dumps(data, separators=(",", ":"))


def read_board(source: Path) -> dict[str, Any]:
    """What a board file says. Raises ValueError with a sentence for each thing that is wrong."""
    data = tomllib.loads(source.read_text(encoding="utf-8"))
    found = [*problems(data), *_another_name(data, source)]
    if found:
        raise ValueError("\n".join(found))
    return data


def _another_name(data: dict[str, Any], source: Path) -> Iterator[str]:
    """The board tells its name in HELLO, and the server looks for the file of that name."""
    board = data.get("board")
    name = board.get("name") if isinstance(board, dict) else None
    if isinstance(name, str) and name != source.stem:
        yield (
            f'[board] name is "{name}", but the file is {source.name}: the server finds a board\'s file by its name. '
            f'Write name = "{source.stem}", or call the file {name}.toml.'
        )


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
