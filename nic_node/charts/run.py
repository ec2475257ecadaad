"""The run chart as a drawing: hollow points, the median dashed and named, shifts as filled diamonds under a bracket."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from gettext import NullTranslations
from itertools import pairwise

from nic_node.charts.scale import Scale, value_scale
from nic_node.charts.svg import TEXT_WIDTH, Box, Size, across, down, path, picture, px, rect, text, text_box
from nic_node.evidence.control_chart import ControlChart
from nic_node.evidence.run_chart import Shift
from nic_node.evidence.sentence import ENGLISH, Sentence
from nic_node.i18n import N_

STRIP_HEIGHT = 24
PLOT_HEIGHT = {"wide": 202.0, "narrow": 178.0}
BRACKET_GAP = 9.0  # px between a shift's outermost point and its bracket
BRACKET_ROOM = 34.0  # px that a bracket and its words need
LABEL_GAP = {"wide": 66.0, "narrow": 60.0}  # least px between two date labels
WIDE_GAP = {"wide": 190.0, "narrow": 150.0}  # px between labels that leave room for one more


_Segment = tuple[int, float, float]  # index of its first point, its two values


@dataclass(frozen=True, slots=True)
class RunPoint:
    """A period: its value or None, its date as people read it, and a second line (the project's day)."""

    value: float | None
    label: str
    sublabel: str = ""


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of the strip on top, from its first point (0-based) to the next phase; `before` is drawn quiet."""

    label: str
    start: int
    before: bool = False


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where things stand on the drawing, in px."""

    size: Size
    width: float
    left: float
    right: float
    top: float
    bottom: float
    lowest: float  # y of the lowest tick: above the bottom where a bracket needs the room
    count: int
    scale: Scale

    @property
    def step(self) -> float:
        return (self.right - self.left - 20) / max(self.count - 1, 1)

    @property
    def radius(self) -> float:
        """Of a point: 3.5 (narrow 3), smaller where points crowd."""
        full = 3.5 if self.size == "wide" else 3.0
        return max(1.2, min(full, self.step * 0.45))

    def x(self, index: float) -> float:
        return (self.left + self.right) / 2 if self.count == 1 else self.left + 10 + index * self.step

    def y(self, value: float) -> float:
        share = (value - self.scale.low) / (self.scale.high - self.scale.low)
        return self.lowest - share * (self.lowest - self.top)


def run_chart_svg(
    title: str,
    says: str,
    points: Sequence[RunPoint],
    chart: ControlChart,
    *,
    unit: str = "",
    phases: Sequence[Phase] = (),
    size: Size = "wide",
    catalogue: NullTranslations = ENGLISH,
) -> str:
    """The drawing, 744 px wide or 326 px narrow.

    Args:
        title: what is charted; the drawing's accessible name.
        says: the sentence that says what it shows; its description.
        points: in time order, the same that `chart` was computed from.
        chart: `evidence.run_chart.run_chart` of their values.
        unit: '%' or '' ; it stands after each number.
        phases: the project's cycles, in order; the first may start at 0.
        size: 'wide' or 'narrow'.
        catalogue: the language of the words inside.
    """
    values = [point.value for point in points]
    present = [value for value in values if value is not None]
    if chart.centre is None or not present:
        return picture(size, 326, 40, title, says, [text(0, 24, catalogue.gettext(N_("No numbers yet.")))])
    frame = _frame(size, value_scale([*present, chart.centre], unit), values, chart, has_phases=bool(phases))
    height = frame.bottom + (44 if any(point.sublabel for point in points) else 28)
    parts = [
        *_grid(frame),
        *_strip(frame, phases),
        across("ch-median", frame.left, frame.right, frame.y(chart.centre)),
        *_lines(frame, values, chart.shifts),
        *_points(frame, values, chart),
        *_brackets(frame, values, chart.shifts, catalogue),
        *(_names(frame, values, chart, catalogue) if size == "wide" else ()),
        *_dates(frame, points, phases),
    ]
    return picture(size, frame.width, height, title, says, parts)


def _frame(
    size: Size, scale: Scale, values: Sequence[float | None], chart: ControlChart, *, has_phases: bool
) -> _Frame:
    longest = max(len(scale.tick(tick)) for tick in scale.ticks)
    left = max(44.0, 8 + TEXT_WIDTH * longest)
    top = STRIP_HEIGHT + BRACKET_ROOM - 2 if has_phases else BRACKET_ROOM
    bottom = top + PLOT_HEIGHT[size]
    width, right = (744.0, 640.0) if size == "wide" else (326.0, 316.0)
    frame = _Frame(size, width, left, right, top, bottom, bottom, len(values), scale)
    below = [_outermost(frame, values, shift) for shift in chart.shifts if shift.side == "below"]
    if below and max(below) + BRACKET_ROOM > bottom:
        return _Frame(size, width, left, right, top, bottom, bottom - BRACKET_ROOM, len(values), scale)
    return frame


def _outermost(frame: _Frame, values: Sequence[float | None], shift: Shift) -> float:
    """y of the shift's point that is farthest from the median."""
    ys = [frame.y(value) for value in values[shift.start : shift.end + 1] if value is not None]
    return min(ys) if shift.side == "above" else max(ys)


def _grid(frame: _Frame) -> Iterator[str]:
    for tick in frame.scale.ticks:
        y = frame.y(tick)
        if y < frame.bottom:
            yield across("ch-grid", frame.left, frame.right, y)
        yield text(frame.left - 8, y + 4.5, frame.scale.tick(tick), anchor="end")
    yield across("ch-axis", frame.left, frame.right, frame.bottom)


def _strip(frame: _Frame, phases: Sequence[Phase]) -> Iterator[str]:
    lead = min(frame.step / 2, 6.0)
    starts = [frame.left if phase.start <= 0 else frame.x(phase.start) - lead for phase in phases]
    for phase, (start, end) in zip(phases, pairwise([*starts, frame.right]), strict=True):
        gap = 2.0 if phase.start > 0 else 0.0
        yield rect("ch-before" if phase.before else "ch-cycle", start + gap, 0, max(end - start - gap - 2, 1), 24, 3)
        label = _fitting(phase.label, end - start - 10)
        if label:
            yield text((start + gap + end - 2) / 2, 16.5, label, "" if phase.before else "ch-a", "middle")
        if phase.start > 0:
            yield down("ch-start", start, 0, frame.bottom)


def _fitting(label: str, room: float) -> str:
    """The label, else its last word ('Cycle 3' -> '3'), else nothing."""
    for shorter in (label, label.rsplit(maxsplit=1)[-1] if label else ""):
        if len(shorter) * TEXT_WIDTH <= room:
            return shorter
    return ""


def _lines(frame: _Frame, values: Sequence[float | None], shifts: Sequence[Shift]) -> Iterator[str]:
    """The curve: grey, and blue from the first to the last point of a shift; broken where a point is missing."""
    grey: list[_Segment] = []
    blue: list[_Segment] = []
    for index, (here, after) in enumerate(pairwise(values)):
        if here is None or after is None:
            continue
        in_shift = any(shift.start <= index and index + 1 <= shift.end for shift in shifts)
        (blue if in_shift else grey).append((index, here, after))
    for kind, segments in (("ch-line", grey), ("ch-line-on", blue)):
        if segments:
            yield path(kind, _polyline(frame, segments))


def _polyline(frame: _Frame, segments: Sequence[_Segment]) -> str:
    drawn = ""
    previous = -2
    for index, here, after in segments:
        drawn += " " if index == previous + 1 else f"M{px(frame.x(index))} {px(frame.y(here))}L"
        drawn += f"{px(frame.x(index + 1))} {px(frame.y(after))}"
        previous = index
    return drawn


def _points(frame: _Frame, values: Sequence[float | None], chart: ControlChart) -> Iterator[str]:
    on = set(chart.signal_indexes)
    spots = [(index, frame.x(index), frame.y(value)) for index, value in enumerate(values) if value is not None]
    within = {index for shift in chart.shifts for index in range(shift.start, shift.end + 1)} - on
    for kind, indexes in (("ch-dot", set(range(len(values))) - on - within), ("ch-dot-on", within)):
        rings = "".join(_ring(x, y, frame.radius) for index, x, y in spots if index in indexes)
        if rings:
            yield path(kind, rings)
    diamonds = "".join(_diamond(x, y, frame.radius + 2) for index, x, y in spots if index in on)
    if diamonds:
        yield path("ch-mark", diamonds)


def _ring(x: float, y: float, radius: float) -> str:
    # One arc all but round, then closed: the shortest way to write a circle inside a path.
    return f"M{px(x + radius)} {px(y)}a{px(radius)} {px(radius)} 0 1 1 0-.1z"


def _diamond(x: float, y: float, reach: float) -> str:
    r = px(reach)
    return f"M{px(x)} {px(y - reach)}l{r} {r}-{r} {r}-{r}-{r}z"


def _brackets(
    frame: _Frame, values: Sequence[float | None], shifts: Sequence[Shift], catalogue: NullTranslations
) -> Iterator[str]:
    taken: list[Box] = []
    for shift in sorted(shifts, key=lambda shift: -shift.length):
        away = -1 if shift.side == "above" else 1
        y = _outermost(frame, values, shift) + away * (frame.radius + BRACKET_GAP)
        left, right = frame.x(shift.start) - 4, frame.x(shift.end) + 4
        yield path("ch-bracket", f"M{px(left)} {px(y - 5 * away)}v{5 * away}H{px(right)}v{-5 * away}")
        baseline = y - 6 if shift.side == "above" else y + 16
        for words in (_told(shift).said(catalogue), str(shift.length)):
            fits_left = right - TEXT_WIDTH * len(words) >= frame.left - 4
            x = right if fits_left else max(left, frame.left)
            box = text_box(x, baseline, words, "end" if fits_left else "start")
            if box.right <= frame.width and not any(box.meets(other) for other in taken):
                taken.append(box)
                yield text(x, baseline, words, "ch-a ch-halo", "end" if fits_left else "start")
                break


def _told(shift: Shift) -> Sentence:
    above, below = N_("{count} in a row above the median"), N_("{count} in a row below the median")
    return Sentence(above if shift.side == "above" else below, {"count": shift.length})


def _names(
    frame: _Frame, values: Sequence[float | None], chart: ControlChart, catalogue: NullTranslations
) -> Iterator[str]:
    """The median's and the latest value's labels at the right; the latest gives way."""
    if chart.centre is None:
        return
    median_y = frame.y(chart.centre)
    yield text(648, median_y - 1, catalogue.gettext(N_("Median")), "ch-k")
    yield text(648, median_y + 15, frame.scale.value(chart.centre))
    index, latest = next((i, v) for i, v in reversed(list(enumerate(values))) if v is not None)
    y = frame.y(latest) + 5
    if median_y - 18 < y < median_y + 31:
        y = median_y - 18 if latest >= chart.centre else median_y + 31
    told = Sentence(N_("{value} latest"), {"value": frame.scale.value(latest)}).said(catalogue)
    yield text(648, y, told, "ch-a" if index in chart.signal_indexes else "ch-k")


def _dates(frame: _Frame, points: Sequence[RunPoint], phases: Sequence[Phase]) -> Iterator[str]:
    for index in _labelled(frame, [phase.start for phase in phases]):
        x = frame.x(index)
        yield down("ch-axis", x, frame.bottom, frame.bottom + 5)
        yield text(x, frame.bottom + 19, points[index].label, anchor="middle")
        if points[index].sublabel:
            yield text(x, frame.bottom + 35, points[index].sublabel, anchor="middle")


def _labelled(frame: _Frame, starts: Sequence[int]) -> list[int]:
    """Which points bear their date: the last, the phases' starts, the first, then the middles of wide gaps."""
    last = frame.count - 1
    kept: list[int] = []
    for index in (last, *(start for start in starts if 0 < start < last), 0):
        if _is_clear(frame, index, kept):
            kept.append(index)
    for left, right in pairwise(sorted(kept)):
        parts = int((right - left) * frame.step // WIDE_GAP[frame.size]) + 1
        middles = [left + round((right - left) * part / parts) for part in range(1, parts)]
        kept += [index for index in middles if _is_clear(frame, index, kept)]
    return sorted(kept)


def _is_clear(frame: _Frame, index: int, kept: Sequence[int]) -> bool:
    return all(abs(frame.x(index) - frame.x(other)) >= LABEL_GAP[frame.size] for other in kept)
