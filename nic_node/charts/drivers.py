"""A driver diagram: the aim, what drives it, the ideas for it; on each line how many results there are, and which way.

A line to an idea is solid and blue where more results got better than worse, dashed and amber where more got worse,
grey where neither, dotted where there are none: the words beside it say the same.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from nic_node.charts.svg import TEXT_WIDTH, Size, path, picture, px, rect, text

Way = Literal["better", "worse", "unclear", "none"]

WIDTH = {"wide": 744.0, "narrow": 326.0}
ROW = 46.0
TOP = 6.0
AIM_RIGHT, DRIVER_LEFT, DRIVER_RIGHT, IDEA_LEFT = 150.0, 200.0, 400.0, 456.0
LINE = 17.0
PADDING = 10.0
MOST_LINES = 5
THINNEST, THICKEST = 1.0, 4.0
MANY = 12  # results from which a line is as thick as it gets
INDENT = 28.0


@dataclass(frozen=True, slots=True)
class IdeaRow:
    """An idea, what its results say in words, how many there are, and which way most of them went."""

    label: str
    says: str
    results: int
    way: Way


@dataclass(frozen=True, slots=True)
class DriverBox:
    label: str
    ideas: Sequence[IdeaRow]


def drivers_svg(title: str, says: str, aim: str, drivers: Sequence[DriverBox], *, size: Size = "wide") -> str:
    """744 px wide with three columns, or 326 px narrow as a list with branches."""
    parts, height = _wide(aim, drivers) if size == "wide" else _narrow(aim, drivers)
    return picture(size, WIDTH[size], height, title, says, parts)


def _wide(aim: str, drivers: Sequence[DriverBox]) -> tuple[list[str], float]:
    parts: list[str] = []
    heights = [_height(driver) for driver in drivers]
    height = max(sum(heights), _box_height(aim, AIM_RIGHT) + 12)
    aim_y = TOP + height / 2
    top = TOP
    for driver, own in zip(drivers, heights, strict=True):
        middle = top + own / 2
        parts.append(path("ch-interval", _curve(AIM_RIGHT, aim_y, DRIVER_LEFT, middle)))
        parts += _box(DRIVER_LEFT, middle, DRIVER_RIGHT - DRIVER_LEFT, driver.label)
        step = own / max(len(driver.ideas), 1)
        for place, idea in enumerate(driver.ideas):
            y = top + step * (place + 0.5)
            parts += _edge(_curve(DRIVER_RIGHT, middle, IDEA_LEFT - 8, y), idea)
            parts += _idea(IDEA_LEFT, y, idea, WIDTH["wide"] - IDEA_LEFT)
        top += own
    return [*parts, *_box(0, aim_y, AIM_RIGHT, aim)], height + 2 * TOP


def _height(driver: DriverBox) -> float:
    """Room for its ideas, or for its own words."""
    return max(ROW * max(len(driver.ideas), 1), _box_height(driver.label, DRIVER_RIGHT - DRIVER_LEFT) + 12)


def _narrow(aim: str, drivers: Sequence[DriverBox]) -> tuple[list[str], float]:
    width = WIDTH["narrow"]
    y = TOP + _box_height(aim, width) / 2
    parts = list(_box(0, y, width, aim))
    y += _box_height(aim, width) / 2 + 14
    for driver in drivers:
        half = _box_height(driver.label, width - 12) / 2
        parts += _box(12, y + half, width - 12, driver.label)
        y += 2 * half
        start = y
        for idea in driver.ideas:
            middle = y + ROW / 2
            parts += _edge(f"M20 {px(start)}V{px(middle - 6)}q0 6 6 6h{px(INDENT - 18)}", idea)
            start = middle - 6
            parts += _idea(INDENT + 12, middle, idea, width - INDENT - 12)
            y += ROW
        y += 12
    return parts, y


def _edge(line: str, idea: IdeaRow) -> Iterator[str]:
    kinds = {"better": "ch-edge-better", "worse": "ch-edge-worse", "unclear": "ch-edge", "none": "ch-edge-none"}
    width = THINNEST + (THICKEST - THINNEST) * min(idea.results, MANY) / MANY
    yield f'<path class="{kinds[idea.way]}" stroke-width="{px(width)}" d="{line}"/>'


def _idea(x: float, y: float, idea: IdeaRow, room: float) -> Iterator[str]:
    yield text(x, y - 2, _fitting(idea.label, room), "ch-m")
    yield text(x, y + 14, _fitting(idea.says, room), "ch-s")


def _curve(left: float, from_y: float, right: float, to_y: float) -> str:
    middle = (left + right) / 2
    return f"M{px(left)} {px(from_y)}C{px(middle)} {px(from_y)} {px(middle)} {px(to_y)} {px(right)} {px(to_y)}"


def _box(x: float, middle: float, width: float, words: str) -> Iterator[str]:
    lines = _lines(words, width)
    height = _box_height(words, width)
    yield rect("ch-box", x + 0.5, middle - height / 2, width - 1, height, 4)
    first = middle - (len(lines) - 1) * LINE / 2 + 4.5
    for place, line in enumerate(lines):
        yield text(x + PADDING, first + place * LINE, line, "ch-m")


def _box_height(words: str, width: float) -> float:
    return len(_lines(words, width)) * LINE + 14


def _lines(words: str, width: float) -> list[str]:
    """Wrapped by words; what does not fit ends in dots."""
    most = int((width - 2 * PADDING) / TEXT_WIDTH)
    lines = [""]
    for word in words.split():
        joined = f"{lines[-1]} {word}".strip()
        if len(joined) <= most:
            lines[-1] = joined
        else:
            lines.append(word[:most])
    lines = [line for line in lines if line] or [""]
    if len(lines) > MOST_LINES:
        lines = [*lines[: MOST_LINES - 1], lines[MOST_LINES - 1][: most - 1].rstrip() + "…"]
    return lines


def _fitting(words: str, room: float) -> str:
    most = int(room / TEXT_WIDTH)
    return words if len(words) <= most else words[: most - 1].rstrip(" ,") + "…"
