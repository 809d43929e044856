"""QR codes as pictures of an address. Draws only."""

import segno

_QUIET_ZONE = 4  # modules; ISO/IEC 18004 asks for four, and cameras miss codes with less


def qr_as_data_uri(text: str) -> str:
    """Return a QR of `text` as an SVG for an <img>; black on white in dark pages too, or cameras miss it."""
    code = segno.make(text, error="m", micro=False)
    return code.svg_data_uri(border=_QUIET_ZONE, dark="#000", light="#fff", omitsize=True)
