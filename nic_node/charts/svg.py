"""The few SVG elements that our charts are made of, as strings.

Colours and type stand in the page's stylesheet under `ch-` classes, so there is no style attribute (strict CSP) and
dark mode and print work. Two sizes are drawn and one is hidden: text is never scaled below 12.5 px.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Literal

Size = Literal["wide", "narrow"]
ChartSize = Literal["wide", "narrow", "small"]
Anchor = Literal["start", "middle", "end"]

TEXT_WIDTH = 7.1  # px a character of 13-px Public Sans takes on average; used to keep labels apart


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle that something takes up, in px."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom

    def meets_any(self, others: Iterable["Box"]) -> bool:
        return any(map(self.meets, others))


def px(value: float) -> str:
    """A coordinate to a tenth of a pixel, as short as it goes."""
    return f"{value:.1f}".removesuffix(".0").replace("-0.", "-.") if value else "0"


def picture(
    size: ChartSize, width: float, height: float, title: str, says: str, parts: Iterable[str], *, kind: str = ""
) -> str:
    """A whole drawing with its name and description for those who don't see it."""
    classes = f"ch ch-{size}" + (f" {kind}" if kind else "")
    head = f'<svg class="{classes}" viewBox="0 0 {px(width)} {px(height)}" role="img">'
    return f"{head}<title>{escape(title)}</title><desc>{escape(says)}</desc>{''.join(parts)}</svg>"


def text(x: float, y: float, words: str, kind: str = "", anchor: Anchor = "start") -> str:
    named = f' class="{kind}"' if kind else ""
    anchored = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{px(x)}" y="{px(y)}"{named}{anchored}>{escape(words, quote=False)}</text>'


def path(kind: str, d: str) -> str:
    return f'<path class="{kind}" d="{d}"/>'


def across(kind: str, left: float, right: float, y: float) -> str:
    """A horizontal line."""
    return path(kind, f"M{px(left)} {px(y)}H{px(right)}")


def down(kind: str, x: float, top: float, bottom: float) -> str:
    """A vertical line."""
    return path(kind, f"M{px(x)} {px(top)}V{px(bottom)}")


def rect(kind: str, x: float, y: float, width: float, height: float, radius: float = 0) -> str:
    rounded = f' rx="{px(radius)}"' if radius else ""
    return f'<rect class="{kind}" x="{px(x)}" y="{px(y)}" width="{px(width)}" height="{px(height)}"{rounded}/>'


def text_box(x: float, baseline: float, words: str, anchor: Anchor) -> Box:
    """The room that a line of chart text takes."""
    width = TEXT_WIDTH * len(words)
    left = {"start": x, "middle": x - width / 2, "end": x - width}[anchor]
    return Box(left, baseline - 11, left + width, baseline + 4)
