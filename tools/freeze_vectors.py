"""Freezes the golden bytes of BP/1: `python -m tools.freeze_vectors` adds what is new and refuses what was changed.

Of each golden frame tests/wire_vectors.frozen keeps its name and a digest of all that is said of it. A test holds the
two together: from its release on a layout only grows at its tail, by frames of new names.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
VECTORS: Final = ROOT / "tests" / "wire_vectors.json"
FROZEN: Final = ROOT / "tests" / "wire_vectors.frozen"


def digests(vectors: list[dict[str, Any]]) -> dict[str, str]:
    """Return a digest of each golden frame, by its name."""
    return {vector["name"]: _digest(vector) for vector in vectors}


def frozen() -> dict[str, str]:
    """Return what is frozen: a digest by name."""
    lines = FROZEN.read_text().splitlines() if FROZEN.exists() else []
    return dict(line.split() for line in lines)


def changed(now: dict[str, str], before: dict[str, str]) -> list[str]:
    """Return the names of frozen frames that are gone or are not what they were."""
    return sorted(name for name, digest in before.items() if now.get(name) != digest)


def golden() -> list[dict[str, Any]]:
    vectors: list[dict[str, Any]] = json.loads(VECTORS.read_text())["vectors"]
    return vectors


def _digest(vector: dict[str, Any]) -> str:
    text = json.dumps(vector, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def main() -> int:
    now = digests(golden())
    if names := changed(now, frozen()):
        print(
            f"Frozen and changed: {', '.join(names)}. Put them back, and add frames of new names."
        )
        return 1
    FROZEN.write_text("".join(f"{name} {digest}\n" for name, digest in now.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
