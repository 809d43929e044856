"""Reads tests/wire_vectors.json, the golden bytes of BP/1 that host and firmware both answer to."""

import json
from pathlib import Path
from typing import Any

_PATH = Path(__file__).parent.parent / "wire_vectors.json"


def wire_vectors() -> list[dict[str, Any]]:
    vectors: list[dict[str, Any]] = json.loads(_PATH.read_text())["vectors"]
    return vectors


def wire_vector(name: str) -> dict[str, Any]:
    return next(vector for vector in wire_vectors() if vector["name"] == name)
