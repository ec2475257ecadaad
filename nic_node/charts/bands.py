"""Printed bands as a drawing: a bar from the lower to the upper bound, a pale ribbon between, the end darker.

Nobody, here or there, sees a number more finely than its band, so there is never a point or a line through middles.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from nic_node.charts.scale import Scale, value_scale
from nic_node.charts.svg import TEXT_WIDTH, Size, across, path, picture, px, rect, text

WIDTH = {"wide": 300.0, "narrow": 326.0}
BOTTOM = {"wide": 148.0, "narrow": 132.0}
LEFT, TOP = 44.0, 22.0
BAR = 52.0
LEAST_BAR_HEIGHT = 4.0
FROM_ZERO_BELOW = 50.0  # an axis of percentages that are all above this need not start at 0


@dataclass(frozen=True, slots=True)
class Band:
    """A printed value: its bounds on the axis, how it is printed, when it was; `end` is drawn darker."""

    label: str
    sublabel: str
    lower: float
    upper: float
    printed: str
    end: bool = False


def bands_svg(title: str, says: str, bands: Sequence[Band], *, unit: str = "%", size: Size = "wide") -> str:
    """The drawing, 300 px wide (beside text) or 326 px narrow.

    Args:
        title: what was measured; the accessible name.
        says: the values in words; the description.
        bands: in time order, at least one.
        unit: '%' or '' for means and rates.
        size: 'wide' or 'narrow'.
    """
    scale = _scale(bands, unit)
    slot = (WIDTH[size] - LEFT) / len(bands)
    bar = min(BAR, slot - 8)
    placed = [(LEFT + slot * (place + 0.5), band) for place, band in enumerate(bands)]
    parts = [*_grid(scale, size), *_ribbons(placed, scale, size, bar), *_bars(placed, scale, size, bar, slot)]
    return picture(size, WIDTH[size], BOTTOM[size] + 44, title, says, parts)


def _scale(bands: Sequence[Band], unit: str) -> Scale:
    lowest, highest = min(band.lower for band in bands), max(band.upper for band in bands)
    return value_scale([lowest if lowest >= FROM_ZERO_BELOW or lowest < 0 else 0.0, highest], unit)


def _y(scale: Scale, size: Size, value: float) -> float:
    return BOTTOM[size] - (value - scale.low) / (scale.high - scale.low) * (BOTTOM[size] - TOP)


def _grid(scale: Scale, size: Size) -> Iterator[str]:
    for tick in scale.ticks:
        y = _y(scale, size, tick)
        yield across("ch-axis" if tick == scale.low else "ch-grid", LEFT, WIDTH[size], y)
        yield text(LEFT - 8, y + 4.5, scale.tick(tick), anchor="end")


def _edges(band: Band, scale: Scale, size: Size) -> tuple[float, float]:
    """y of the bar's top and bottom; an exact value still shows as a thin bar."""
    top, bottom = _y(scale, size, band.upper), _y(scale, size, band.lower)
    missing = max(LEAST_BAR_HEIGHT - (bottom - top), 0.0)
    return top - missing / 2, bottom + missing / 2


def _ribbons(placed: Sequence[tuple[float, Band]], scale: Scale, size: Size, bar: float) -> Iterator[str]:
    for (left, before), (right, after) in pairwise(placed):
        top, bottom = _edges(before, scale, size)
        next_top, next_bottom = _edges(after, scale, size)
        start, end = left + bar / 2, right - bar / 2
        outline = f"M{px(start)} {px(top)}L{px(end)} {px(next_top)}V{px(next_bottom)}L{px(start)} {px(bottom)}Z"
        yield path("ch-ribbon", outline)


def _bars(placed: Sequence[tuple[float, Band]], scale: Scale, size: Size, bar: float, slot: float) -> Iterator[str]:
    bottom = BOTTOM[size]
    for x, band in placed:
        top, foot = _edges(band, scale, size)
        yield rect("ch-band-end" if band.end else "ch-band", x - bar / 2, top, bar, foot - top, 1.5)
        yield text(x, top - 8, _fitting(band.printed, slot), "ch-k ch-halo", "middle")
        yield text(x, bottom + 19, band.label, "ch-m", "middle")
        if TEXT_WIDTH * len(band.sublabel) <= slot:
            yield text(x, bottom + 35, band.sublabel, anchor="middle")


def _fitting(printed: str, room: float) -> str:
    """Without its unit where the bars stand close; the axis has it."""
    return printed if TEXT_WIDTH * len(printed) <= room else printed.rstrip("%").rstrip()
