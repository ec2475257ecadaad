"""Where things stand on the drawing of a series, in px: axis, grid, the strip of phases on top, the dates below."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from nic_node.charts.scale import Scale
from nic_node.charts.svg import TEXT_WIDTH, ChartSize, across, down, path, px, rect, text

Decision = Literal["adopt", "adapt", "abandon"]

STRIP_HEIGHT = 24
PLOT_HEIGHT: dict[ChartSize, float] = {"wide": 202.0, "narrow": 178.0, "small": 124.0}
WIDTH: dict[ChartSize, float] = {"wide": 744.0, "narrow": 326.0, "small": 326.0}
PLOT_RIGHT: dict[ChartSize, float] = {"wide": 640.0, "narrow": 316.0, "small": 316.0}
BRACKET_ROOM = 34.0  # px that a bracket and its words need
LABEL_GAP: dict[ChartSize, float] = {"wide": 66.0, "narrow": 60.0, "small": 60.0}  # least px between two date labels
WIDE_GAP: dict[ChartSize, float] = {"wide": 190.0, "narrow": 150.0, "small": 300.0}  # px that leave room for one more
DECISION_SIDE = 9.0


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """A period: its date as people read it, and a second line (the project's day).

    `left_out` is the value of a point that does not count, `note` what stands beside the point in the table.
    """

    label: str
    sublabel: str = ""
    left_out: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of the strip on top, from its first point (0-based) to the next phase; `before` is drawn quiet."""

    label: str
    start: int
    before: bool = False


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision, at the point (0-based) that was the latest then."""

    decision: Decision
    at: int


@dataclass(frozen=True, slots=True)
class Frame:
    size: ChartSize
    left: float
    top: float
    bottom: float
    lowest: float  # y of the lowest tick: above the bottom where a bracket needs the room
    count: int
    scale: Scale

    @property
    def width(self) -> float:
        return WIDTH[self.size]

    @property
    def right(self) -> float:
        return PLOT_RIGHT[self.size]

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

    def edge(self, index: int) -> float:
        """x between a point and the one before it; the plot's own edges outside."""
        if index <= 0:
            return self.left
        return self.right if index >= self.count else self.x(index - 0.5)

    def y(self, value: float) -> float:
        share = (value - self.scale.low) / (self.scale.high - self.scale.low)
        return self.lowest - share * (self.lowest - self.top)

    def holds(self, value: float) -> bool:
        """Whether a value is on the axis."""
        return self.scale.low <= value <= self.scale.high


def frame_of(scale: Scale, size: ChartSize, count: int, *, has_phases: bool) -> Frame:
    """The frame of a chart of so many points, with room for brackets above."""
    longest = max(len(scale.tick(tick)) for tick in scale.ticks)
    top = STRIP_HEIGHT + BRACKET_ROOM - 2 if has_phases else BRACKET_ROOM
    bottom = top + PLOT_HEIGHT[size]
    return Frame(size, max(44.0, 8 + TEXT_WIDTH * longest), top, bottom, bottom, count, scale)


def grid(frame: Frame) -> Iterator[str]:
    for tick in frame.scale.ticks:
        y = frame.y(tick)
        if y < frame.bottom:
            yield across("ch-grid", frame.left, frame.right, y)
        yield text(frame.left - 8, y + 4.5, frame.scale.tick(tick), anchor="end")
    yield across("ch-axis", frame.left, frame.right, frame.bottom)


def strip(frame: Frame, phases: Sequence[Phase]) -> Iterator[str]:
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


def decisions_on(frame: Frame, decided: Sequence[Decided]) -> Iterator[str]:
    """Their marks on the axis."""
    for one in decided:
        yield from decision_mark(one.decision, frame.x(one.at), frame.bottom)


def decision_mark(decision: Decision, x: float, y: float) -> Iterator[str]:
    """Filled square adopted, half square adapted, cross abandoned."""
    half, side = DECISION_SIDE / 2, px(DECISION_SIDE)
    left, top = px(x - half), px(y - half)
    if decision == "abandon":
        yield path("ch-abandoned", f"M{left} {top}l{side} {side}m0-{side}l-{side} {side}")
        return
    yield rect("ch-adopted" if decision == "adopt" else "ch-adapted", x - half, y - half, DECISION_SIDE, DECISION_SIDE)
    if decision == "adapt":
        yield path("ch-adopted", f"M{left} {px(y + half)}l{side}-{side}h-{side}z")


def dates(frame: Frame, points: Sequence[ChartPoint], starts: Sequence[int]) -> Iterator[str]:
    """Date labels under the axis; `starts` are points that should bear one."""
    for index in _labelled(frame, starts):
        x = frame.x(index)
        yield down("ch-axis", x, frame.bottom, frame.bottom + 5)
        yield text(x, frame.bottom + 19, points[index].label, anchor="middle")
        if points[index].sublabel:
            yield text(x, frame.bottom + 35, points[index].sublabel, anchor="middle")


def _fitting(label: str, room: float) -> str:
    """The label, else its last word ('Cycle 3' -> '3'), else nothing."""
    for shorter in (label, label.rsplit(maxsplit=1)[-1] if label else ""):
        if len(shorter) * TEXT_WIDTH <= room:
            return shorter
    return ""


def _labelled(frame: Frame, starts: Sequence[int]) -> list[int]:
    """Which points bear their date: the last, the starts, the first, then the middles of wide gaps."""
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


def _is_clear(frame: Frame, index: int, kept: Sequence[int]) -> bool:
    return all(abs(frame.x(index) - frame.x(other)) >= LABEL_GAP[frame.size] for other in kept)
