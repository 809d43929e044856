"""A whole firmware as one stream of bytes: the manifest, then each file in the manifest's order. Pure.

The manifest's first line: BPF1 VERSION BOARD MPY; then a line for each file: SIZE SHA256 PATH. The SHA-256 of
the manifest names the image (docs/firmware-link.md, "Firmware update").
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

DIGEST_HEAD = 8  # bytes of the digest that STATUS tells


@dataclass(frozen=True, slots=True)
class Image:
    """What a board is to run. `mpy` is the version of its .mpy files, 0 for Python source."""

    version: str
    board: str
    mpy: int
    files: tuple[tuple[str, bytes], ...]
    manifest: bytes
    digest: bytes

    @property
    def data(self) -> bytes:
        return self.manifest + b"".join(content for _, content in self.files)


def make_image(files: Mapping[str, bytes], version: str, board: str, mpy: int) -> Image:
    """Put an image together; the same files make the same image."""
    ordered = tuple(sorted(files.items()))
    rows = [f"BPF1 {version} {board} {mpy}"]
    rows += [f"{len(content)} {sha256(content).hexdigest()} {name}" for name, content in ordered]
    manifest = ("\n".join(rows) + "\n").encode()
    return Image(version, board, mpy, ordered, manifest, sha256(manifest).digest())
