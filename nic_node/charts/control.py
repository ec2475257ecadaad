"""The drawing of a run chart or control chart.

Hollow points; the centre and the limits of each stretch; shifts as filled diamonds under a bracket, points outside the
limits ringed, points that were left out crossed; the project's cycles on top, its decisions on the axis.
"""

import math
from collections.abc import Iterator, Sequence
from gettext import NullTranslations
from itertools import pairwise
from typing import NamedTuple

from nic_node.charts.frame import (
    BRACKET_ROOM,
    ChartPoint,
    Decided,
    Frame,
    Phase,
    dates,
    decisions_on,
    frame_of,
    grid,
    strip,
)
from nic_node.charts.levels import level_lines, level_names
from nic_node.charts.scale import PERCENT, Scale, value_scale
from nic_node.charts.svg import Anchor, Box, ChartSize, path, picture, px, text, text_box
from nic_node.evidence.control_chart import ControlChart
from nic_node.evidence.run_chart import Shift
from nic_node.evidence.sentence import ENGLISH, Sentence
from nic_node.i18n import N_

CROWDED = 2.0  # px of radius
LINE, FARTHEST_LINE = 14.0, 2  # px between lines of words at a bracket, and how many it may be away
BRACKET_GAP = 9.0  # px between a shift's outermost point and its bracket

Values = Sequence[float | None]
_Segment = tuple[int, float, float]  # index of its first point, its two values


def control_chart_svg(
    title: str,
    says: str,
    points: Sequence[ChartPoint],
    chart: ControlChart,
    *,
    unit: str = "",
    target: float | None = None,
    phases: Sequence[Phase] = (),
    decided: Sequence[Decided] = (),
    size: ChartSize = "wide",
    catalogue: NullTranslations = ENGLISH,
) -> str:
    """The drawing, 744 px wide, or 326 px narrow or small.

    Args:
        title: what is charted; the drawing's accessible name.
        says: the sentence that says what it shows; its description.
        points: in time order, one a value of the chart.
        chart: on the scale that is shown.
        unit: '%' or ''; it stands after each number.
        target: on the same scale.
        phases: the project's cycles, in order; the first may start at 0.
        decided: what was decided, and when.
        size: 'wide', 'narrow' or 'small', for a wall of charts.
        catalogue: the language of the words inside.
    """
    values: list[float | None] = [None if math.isnan(y) else y for y in chart.y.tolist()]
    if chart.n == 0:
        return picture(size, 326, 40, title, says, [text(0, 24, catalogue.gettext(N_("No numbers yet.")))])
    frame = _with_room_below(
        frame_of(chart_scale(chart, unit, target), size, len(values), has_phases=bool(phases)), values, chart.shifts
    )
    height = frame.bottom + (44 if any(point.sublabel for point in points) else 28)
    starts = [*(phase.start for phase in phases), *(stretch.start for stretch in chart.stretches[1:])]
    parts = [
        *grid(frame),
        *strip(frame, phases),
        *level_lines(frame, chart, target),
        *_lines(frame, values, chart),
        *_points(frame, values, chart),
        *_left_out(frame, points),
        *_brackets(frame, values, chart, catalogue),
        *(level_names(frame, chart, target, catalogue) if size == "wide" else ()),
        *decisions_on(frame, decided),
        *dates(frame, points, starts),
    ]
    return picture(size, frame.width, height, title, says, parts)


def chart_scale(chart: ControlChart, unit: str, target: float | None = None) -> Scale:
    """The value axis: it holds every value, centre and limit; limits of percents beyond 0 and 100 are left off it."""
    on_axis = [value for value in chart.y.tolist() if not math.isnan(value)]
    on_axis += [stretch.centre for stretch in chart.stretches if stretch.centre is not None]
    limits = [limit for limit in (*chart.lower.tolist(), *chart.upper.tolist()) if not math.isnan(limit)]
    limits += [] if target is None else [target]
    if unit == PERCENT and all(0 <= value <= 100 for value in on_axis):
        limits = [limit for limit in limits if 0 <= limit <= 100]
    return value_scale([*on_axis, *limits], unit, whole=all(value.is_integer() for value in on_axis))


def _with_room_below(frame: Frame, values: Values, shifts: Sequence[Shift]) -> Frame:
    """Lower brackets get their room from the plot's height."""
    below = [_outermost(frame, values, shift) for shift in shifts if shift.side == "below"]
    if not below or max(below) + BRACKET_ROOM <= frame.bottom:
        return frame
    return Frame(frame.size, frame.left, frame.top, frame.bottom, frame.bottom - BRACKET_ROOM, frame.count, frame.scale)


def _outermost(frame: Frame, values: Values, shift: Shift) -> float:
    """y of the shift's point that is farthest from the centre."""
    ys = [frame.y(value) for value in values[shift.start : shift.end + 1] if value is not None]
    return min(ys) if shift.side == "above" else max(ys)


def _lines(frame: Frame, values: Values, chart: ControlChart) -> Iterator[str]:
    """The curve: grey, and blue along shifts and trends; broken where a point is missing."""
    grey: list[_Segment] = []
    blue: list[_Segment] = []
    marked = [(shift.start, shift.end) for shift in chart.shifts]
    marked += [(trend.start, trend.end) for trend in chart.trends]
    for index, (here, after) in enumerate(pairwise(values)):
        if here is None or after is None:
            continue
        is_marked = any(start <= index and index + 1 <= end for start, end in marked)
        (blue if is_marked else grey).append((index, here, after))
    for kind, segments in (("ch-line", grey), ("ch-line-on", blue)):
        if segments:
            yield path(kind, _polyline(frame, segments))


def _polyline(frame: Frame, segments: Sequence[_Segment]) -> str:
    drawn = ""
    previous = -2
    for index, here, after in segments:
        drawn += " " if index == previous + 1 else f"M{px(frame.x(index))} {px(frame.y(here))}L"
        drawn += f"{px(frame.x(index + 1))} {px(frame.y(after))}"
        previous = index
    return drawn


def _points(frame: Frame, values: Values, chart: ControlChart) -> Iterator[str]:
    on = set(chart.signal_indexes)
    outside = set(chart.sigma_signals)
    spots = [(index, frame.x(index), frame.y(value)) for index, value in enumerate(values) if value is not None]
    within = {index for shift in chart.shifts for index in range(shift.start, shift.end + 1)} - on - outside
    crowded = frame.radius < CROWDED
    for kind, indexes in (
        ("ch-dot", set(range(len(values))) - on - within - outside),
        ("ch-dot-on", within),
        ("ch-out", outside),
    ):
        drawn = "".join(_speck(x, y) if crowded else _ring(x, y, frame.radius) for i, x, y in spots if i in indexes)
        if drawn:
            yield path(f"{kind}-speck" if crowded else kind, drawn)
    diamonds = "".join(_diamond(x, y, frame.radius + 2) for i, x, y in spots if i in on - outside)
    if diamonds:
        yield path("ch-mark", diamonds)
    around = "" if crowded else "".join(_ring(x, y, frame.radius + 3) for i, x, y in spots if i in outside)
    if around:
        yield path("ch-out-ring", around)


def _left_out(frame: Frame, points: Sequence[ChartPoint]) -> Iterator[str]:
    """Crosses; one whose value is off the axis stands at the edge that is nearest to it."""
    half = max(frame.radius, 2.0)
    side = px(2 * half)
    crosses = ""
    for index, point in enumerate(points):
        if point.left_out is not None:
            y = frame.y(min(max(point.left_out, frame.scale.low), frame.scale.high))
            crosses += f"M{px(frame.x(index) - half)} {px(y - half)}l{side} {side}m0-{side}l-{side} {side}"
    if crosses:
        yield path("ch-left-out", crosses)


def _speck(x: float, y: float) -> str:
    """A line of no length, which its round ends make a dot: a ring would be no more than that where points crowd."""
    return f"M{px(x)} {px(y)}h0"


def _ring(x: float, y: float, radius: float) -> str:
    # One arc all but round, then closed: the shortest way to write a circle inside a path.
    return f"M{px(x + radius)} {px(y)}a{px(radius)} {px(radius)} 0 1 1 0-.1z"


def _diamond(x: float, y: float, reach: float) -> str:
    r = px(reach)
    return f"M{px(x)} {px(y - reach)}l{r} {r}-{r} {r}-{r}-{r}z"


def _brackets(frame: Frame, values: Values, chart: ControlChart, catalogue: NullTranslations) -> Iterator[str]:
    taken: list[Box] = []
    spots = _spots(frame, values)
    for shift in sorted(chart.shifts, key=lambda shift: -shift.length):
        away = -1 if shift.side == "above" else 1
        y = _outermost(frame, values, shift) + away * (frame.radius + BRACKET_GAP)
        left, right = frame.x(shift.start) - 4, frame.x(shift.end) + 4
        yield path("ch-bracket", f"M{px(left)} {px(y - 5 * away)}v{5 * away}H{px(right)}v{-5 * away}")
        baseline = y - 6 if shift.side == "above" else y + 16
        for words in (_told(shift, chart).said(catalogue), str(shift.length)):
            wanted = _places(frame, words, (left, right), baseline, away)
            places = [place for place in wanted if not place.box.meets_any(taken)]
            if places:
                # Beside other points where there is room, else over them: the halo keeps the words readable.
                place = next((place for place in places if not place.box.meets_any(spots)), places[0])
                taken.append(place.box)
                yield text(place.x, place.baseline, words, "ch-a ch-halo", place.anchor)
                break


class _Place(NamedTuple):
    """Where words may stand beside a bracket."""

    x: float
    baseline: float
    anchor: Anchor
    box: Box


def _places(frame: Frame, words: str, ends: tuple[float, float], baseline: float, away: int) -> Iterator[_Place]:
    """Up to the bracket's right end, from its left end, over its middle, then a line or two farther from it.

    As far as the words stay in the picture. `away` is -1 above, 1 below.
    """
    left, right = ends
    sides: tuple[tuple[float, Anchor], ...] = (
        (right, "end"),
        (max(left, frame.left), "start"),
        ((left + right) / 2, "middle"),
    )
    for line in range(FARTHEST_LINE + 1):
        y = baseline + away * LINE * line
        for x, anchor in sides:
            box = text_box(x, y, words, anchor)
            is_inside = line == 0 or (box.top >= 0 and box.bottom <= frame.bottom)
            if is_inside and box.left >= frame.left - 4 and box.right <= frame.width:
                yield _Place(x, y, anchor, box)


def _spots(frame: Frame, values: Values) -> list[Box]:
    """The room that the points take, with what is drawn around them."""
    reach = frame.radius + 3
    known = ((frame.x(index), frame.y(value)) for index, value in enumerate(values) if value is not None)
    return [Box(x - reach, y - reach, x + reach, y + reach) for x, y in known]


def _told(shift: Shift, chart: ControlChart) -> Sentence:
    if chart.kind == "run":
        above, below = N_("{count} in a row above the median"), N_("{count} in a row below the median")
    else:
        above, below = N_("{count} in a row above the mean"), N_("{count} in a row below the mean")
    return Sentence(above if shift.side == "above" else below, {"count": shift.length})
