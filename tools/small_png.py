"""Makes a screenshot small: at most 256 colours, as an indexed PNG. The browser counts pixels, zlib does the rest.

Screens are flat: their most frequent colours stay exact, the few others become their nearest.
"""

import base64
import struct
import zlib

from playwright.sync_api import BrowserContext

_COLOURS = 256
_REDUCE = """async ([png, most]) => {
  const blob = await (await fetch(`data:image/png;base64,${png}`)).blob();
  const image = await createImageBitmap(blob);
  const { width, height } = image;
  const pen = new OffscreenCanvas(width, height).getContext("2d");
  pen.drawImage(image, 0, 0);
  const { data } = pen.getImageData(0, 0, width, height);
  const keys = new Uint32Array(width * height);
  const counts = new Map();
  for (let at = 0; at < keys.length; at += 1) {
    keys[at] = (data[4 * at] << 16) | (data[4 * at + 1] << 8) | data[4 * at + 2];
    counts.set(keys[at], (counts.get(keys[at]) ?? 0) + 1);
  }
  const byCount = [...counts].sort((a, b) => b[1] - a[1]).map(([key]) => key);
  // Half by frequency; half spread over the rest, so that rare hues such as a small lamp's stay.
  const palette = byCount.slice(0, most / 2);
  const distance = (a, b) =>
    ((a >> 16) - (b >> 16)) ** 2 + (((a >> 8) & 255) - ((b >> 8) & 255)) ** 2 + ((a & 255) - (b & 255)) ** 2;
  const far = byCount.map((key) => Math.min(...palette.map((one) => distance(one, key))));
  while (palette.length < Math.min(most, byCount.length)) {
    const farthest = far.reduce((best, value, at) => (value > far[best] ? at : best), 0);
    palette.push(byCount[farthest]);
    far.forEach((value, at) => { far[at] = Math.min(value, distance(byCount[farthest], byCount[at])); });
  }
  const nearest = new Map(byCount.map((key) => [key,
    palette.reduce((best, one, at) => (distance(one, key) < distance(palette[best], key) ? at : best), 0)]));
  let indexes = "";
  for (const key of keys) indexes += String.fromCharCode(nearest.get(key));
  return { width, height, palette, indexes: btoa(indexes) };
}"""


def small_png(context: BrowserContext, png: bytes) -> bytes:
    """Return the same picture with at most 256 colours; opaque pictures only."""
    page = context.new_page()
    try:
        found = page.evaluate(_REDUCE, [base64.b64encode(png).decode(), _COLOURS])
    finally:
        page.close()
    width, height, indexes = found["width"], found["height"], base64.b64decode(found["indexes"])
    rows = b"".join(
        b"\0" + indexes[row * width : (row + 1) * width] for row in range(height)
    )  # filter 0, as indexed pictures like it
    palette = b"".join(colour.to_bytes(3, "big") for colour in found["palette"])
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = (
        (b"IHDR", header),
        (b"PLTE", palette),
        (b"IDAT", zlib.compress(rows, 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in parts)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
