"""A QR code of one of our own addresses, to be shown or printed."""

import segno
from markupsafe import Markup


def qr_code(address: str) -> Markup:
    """Black on white, also in the dark: some cameras read nothing else. The style sheet says how large it is."""
    code = segno.make(address, error="m")
    drawn = code.svg_inline(scale=5, border=4, light="#fff", svgclass="qr", lineclass=None, omitsize=True)
    return Markup(drawn)  # noqa: S704 - drawn by a library from our own address
