"""The forest plot: each result's square and interval, the pooled diamond, where the next school will likely be.

Right is always 'got better', also where down is better, because effects come oriented.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from gettext import NullTranslations

from nic_node.charts.scale import told
from nic_node.charts.svg import TEXT_WIDTH, Size, across, down, path, picture, px, rect, text
from nic_node.evidence.pool_many import Together
from nic_node.evidence.pooling import Interval
from nic_node.evidence.sentence import ENGLISH, Sentence
from nic_node.i18n import N_

TOP = 30.0
ROW = {"wide": 38.0, "narrow": 41.0}
PLOT = {"wide": (288.0, 580.0), "narrow": (10.0, 316.0)}
WIDTH = {"wide": 744.0, "narrow": 326.0}
FARTHEST = 2.0  # d: a line beyond it ends in an arrow
FARTHEST_PREDICTION = 1.0
LEAST_REACH = 0.5  # the axis shows at least so much to either side
STEPS = (0.25, 0.5, 1.0)
MOST_TICKS = 6
SMALLEST_SQUARE, LARGEST_SQUARE = 7.0, 14.0
LABEL_ROOM = {"wide": 270.0, "narrow": 178.0}


@dataclass(frozen=True, slots=True)
class ForestRow:
    """One result: its context, what was printed, its effect with the 95 % interval, its share of the pool 0 to 1."""

    label: str
    sublabel: str
    estimate: float
    interval: Interval
    weight: float
    short_label: str = ""  # for the narrow drawing


@dataclass(frozen=True, slots=True)
class _Frame:
    size: Size
    low: float
    high: float
    step: float
    rows: int  # with the pooled one and the prediction

    @property
    def bottom(self) -> float:
        return TOP + self.rows * ROW[self.size] + 2

    @property
    def width(self) -> float:
        return WIDTH[self.size]

    @property
    def halo(self) -> str:
        """On the narrow drawing, words stand on the grid's lines."""
        return " ch-halo" if self.size == "narrow" else ""

    def x(self, d: float) -> float:
        left, right = PLOT[self.size]
        return left + (d - self.low) / (self.high - self.low) * (right - left)

    def middle(self, row: int) -> float:
        """y of a row's square: beside its words, or under them on the narrow drawing."""
        return TOP + row * ROW[self.size] + (19.0 if self.size == "wide" else 29.5)


def forest_svg(
    title: str,
    says: str,
    rows: Sequence[ForestRow],
    *,
    pooled: Together | None,
    size: Size = "wide",
    catalogue: NullTranslations = ENGLISH,
) -> str:
    """The drawing, 744 px wide or 326 px narrow; without `pooled` the results stand alone."""
    frame = _frame(rows, pooled, size)
    parts = [
        *_axis(frame, catalogue),
        *(part for place, row in enumerate(rows) for part in _result(frame, place, row, rows)),
        *(_together(frame, len(rows), pooled, catalogue) if pooled else ()),
    ]
    return picture(size, frame.width, frame.bottom + 22, title, says, parts)


def effect_words(estimate: float | None, interval: Interval, catalogue: NullTranslations = ENGLISH) -> str:
    """'0.28 (0.03 to 0.52)', or the interval alone."""
    low, high = told(interval[0], 2), told(interval[1], 2)
    bounds = Sentence(N_("({low} to {high})"), {"low": low, "high": high}).said(catalogue)
    return bounds if estimate is None else f"{told(estimate, 2)} {bounds}"


def _frame(rows: Sequence[ForestRow], pooled: Together | None, size: Size) -> _Frame:
    ends = [end for row in rows for end in row.interval]
    ends += pooled.ci if pooled else ()
    # Three results predict next to nothing: their bar may leave the axis, so that the results stay readable.
    ends += [min(max(end, -FARTHEST_PREDICTION), FARTHEST_PREDICTION) for end in (pooled and pooled.pi) or ()]
    low = max(min([*ends, -LEAST_REACH]), -FARTHEST)
    high = min(max([*ends, LEAST_REACH]), FARTHEST)
    step = next((step for step in STEPS if (high - low) / step < MOST_TICKS), STEPS[-1])
    extra = (2 if pooled.pi else 1) if pooled else 0
    return _Frame(size, low, high, step, len(rows) + extra)


def _axis(frame: _Frame, catalogue: NullTranslations) -> Iterator[str]:
    for place in range(math.ceil(frame.low / frame.step), math.floor(frame.high / frame.step) + 1):
        x = frame.x(place * frame.step)
        yield down("ch-grid" if place else "ch-zero", x, TOP, frame.bottom)
        decimals = 2 if frame.step < 0.5 else 1
        yield text(x, frame.bottom + 17, told(place * frame.step, decimals) if place else "0", anchor="middle")
    zero = frame.x(0)
    yield text(zero - 8, 18, catalogue.gettext(N_("got worse")), anchor="end")
    yield text(zero + 8, 18, catalogue.gettext(N_("got better")))
    if frame.size == "wide":
        yield text(0, 18, catalogue.gettext(N_("Context, printed start to end")))
        yield text(frame.width, 18, catalogue.gettext(N_("Effect (95\u202f% interval)")), anchor="end")


def _result(frame: _Frame, place: int, row: ForestRow, rows: Sequence[ForestRow]) -> Iterator[str]:
    label = row.label if frame.size == "wide" else row.short_label or row.label
    yield from _words(frame, place, label, row.sublabel, effect_words(row.estimate, row.interval), "ch-m", "")
    y = frame.middle(place)
    yield path("ch-interval", _interval(frame, y, row.interval))
    heaviest = max(other.weight for other in rows) or 1.0
    side = SMALLEST_SQUARE + (LARGEST_SQUARE - SMALLEST_SQUARE) * math.sqrt(row.weight / heaviest)
    if frame.low <= row.estimate <= frame.high:
        yield rect("ch-square", frame.x(row.estimate) - side / 2, y - side / 2, side, side)


def _together(frame: _Frame, place: int, pooled: Together, catalogue: NullTranslations) -> Iterator[str]:
    interval = pooled.ci
    yield across("ch-rule", 0, frame.width, TOP + place * ROW[frame.size])
    kind = Sentence(N_("random effects, {count} results"), {"count": place})
    numbers = effect_words(pooled.estimate, interval, catalogue)
    yield from _words(frame, place, catalogue.gettext(N_("Together")), kind.said(catalogue), numbers, "ch-k", "ch-k")
    yield path("ch-pooled", _diamond(frame, frame.middle(place), pooled.estimate, interval))
    if pooled.pi:
        yield from _next_school(frame, place + 1, pooled.pi, catalogue)


def _next_school(frame: _Frame, place: int, prediction: Interval, catalogue: NullTranslations) -> Iterator[str]:
    label = catalogue.gettext(N_("Next school, likely"))
    kind = catalogue.gettext(N_("95\u202f% prediction interval"))
    yield from _words(frame, place, label, kind, effect_words(None, prediction, catalogue), "ch-k", "ch-k")
    yield path("ch-prediction", _bar(frame, frame.middle(place), prediction))


def _words(
    frame: _Frame, place: int, label: str, sublabel: str, numbers: str, label_kind: str, number_kind: str
) -> Iterator[str]:
    y = TOP + place * ROW[frame.size]
    named = (label_kind + frame.halo).strip()
    counted = f"{number_kind} ch-num{frame.halo}".strip()
    if frame.size == "wide":
        yield text(0, y + 17, _fitting(label, frame.size), named)
        yield text(0, y + 32, _fitting(sublabel, frame.size), "ch-s")
        yield text(frame.width, y + 23.5, numbers, counted, "end")
    else:
        yield text(0, y + 16.5, _fitting(label, frame.size), named)
        yield text(frame.width, y + 16.5, numbers, counted, "end")


def _interval(frame: _Frame, y: float, interval: Interval) -> str:
    """A line; an end beyond the axis is an arrow."""
    low, high = interval
    line = f"M{px(frame.x(_within(frame, low)))} {px(y)}H{px(frame.x(_within(frame, high)))}"
    if low < frame.low:
        line += f"M{px(frame.x(frame.low) + 6)} {px(y - 4)}l-6 4 6 4"
    if high > frame.high:
        line += f"M{px(frame.x(frame.high) - 6)} {px(y - 4)}l6 4-6 4"
    return line


def _diamond(frame: _Frame, y: float, estimate: float, interval: Interval) -> str:
    """From end to end of an interval, 16 px high at its middle; cut off flat where it leaves the axis."""
    low, high = (_within(frame, end) for end in interval)
    middle = _within(frame, estimate)
    half_left = 8 * _share_outside(interval[0], low, estimate)
    half_right = 8 * _share_outside(interval[1], high, estimate)
    left, peak, right = (px(frame.x(d)) for d in (low, middle, high))
    top, foot = px(y - 8), px(y + 8)
    return (
        f"M{left} {px(y - half_left)}L{peak} {top} {right} {px(y - half_right)}V{px(y + half_right)}"
        f"L{peak} {foot} {left} {px(y + half_left)}Z"
    )


def _share_outside(end: float, cut: float, estimate: float) -> float:
    """How much of the way from an interval's end to its middle lies beyond the cut, 0 to 1."""
    return (cut - end) / (estimate - end) if estimate != end else 0.0


def _bar(frame: _Frame, y: float, interval: Interval) -> str:
    """A hollow bar 9 px high; round at an end that is on the axis, pointed at one beyond it."""
    low, high = (frame.x(_within(frame, end)) for end in interval)
    top, foot = px(y - 4.5), px(y + 4.5)
    right_end = f"L{px(high + 7)} {px(y)} {px(high)} {foot}" if interval[1] > frame.high else "a4.5 4.5 0 0 1 0 9"
    left_end = f"L{px(low - 7)} {px(y)}Z" if interval[0] < frame.low else "a4.5 4.5 0 0 1 0-9Z"
    inset_right = 0.0 if interval[1] > frame.high else 4.5
    inset_left = 0.0 if interval[0] < frame.low else 4.5
    start, end = px(low + inset_left), px(high - inset_right)
    return f"M{start} {top}H{end}{right_end}H{start}{left_end}"


def _within(frame: _Frame, d: float) -> float:
    return min(max(d, frame.low), frame.high)


def _fitting(words: str, size: Size) -> str:
    most = int(LABEL_ROOM[size] / TEXT_WIDTH)
    return words if len(words) <= most else words[: most - 1].rstrip(" ,") + "…"
