"""The level lines of a chart: centre and limits of each stretch, the target; and their names at the right."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from gettext import NullTranslations

from nic_node.charts.frame import Frame
from nic_node.charts.svg import across, down, path, px, text
from nic_node.evidence.control_chart import ControlChart, Stretch
from nic_node.evidence.sentence import Sentence
from nic_node.evidence.series import Series
from nic_node.i18n import N_

LABEL_LEFT = 648
LINE_HEIGHT = 16.0
FARTHEST_OFF = 32  # px that a label may stand off its line

CENTRES = {"run": N_("Median")}
MEAN = N_("Mean")


@dataclass(frozen=True, slots=True)
class _Label:
    lines: tuple[str, ...]
    y: float  # of the line that it names
    kind: str


def centre_name(chart: ControlChart) -> str:
    """'Median' or 'Mean', to be translated."""
    return CENTRES.get(chart.kind, MEAN)


def level_lines(frame: Frame, chart: ControlChart, target: float | None) -> Iterator[str]:
    for kind, limit in (("ch-limit", chart.lower), ("ch-limit", chart.upper)):
        drawn = "".join(_stepped(frame, limit, stretch) for stretch in chart.stretches)
        if drawn:
            yield path(kind, drawn)
    if target is not None and frame.holds(target):
        yield across("ch-target", frame.left, frame.right, frame.y(target))
    for stretch in chart.stretches:
        if stretch.centre is not None:
            kind = "ch-median" if chart.kind == "run" else "ch-mean"
            yield across(kind, frame.edge(stretch.start), frame.edge(stretch.end), frame.y(stretch.centre))
        if stretch.start:
            yield down("ch-split", frame.edge(stretch.start), frame.top, frame.bottom)


def _stepped(frame: Frame, limit: Series, stretch: Stretch) -> str:
    """A limit over a stretch, a step a point where it varies; gaps where it is missing or off the axis."""
    drawn = ""
    last_y = ""
    for index in range(stretch.start, stretch.end):
        value = float(limit[index])
        if math.isnan(value) or not frame.holds(value):
            drawn += f"H{px(frame.edge(index))}" if last_y else ""
            last_y = ""
            continue
        y = px(frame.y(value))
        if not last_y:
            drawn += f"M{px(frame.edge(index))} {y}"
        elif y != last_y:
            drawn += f"H{px(frame.edge(index))}V{y}"
        last_y = y
    return drawn + f"H{px(frame.edge(stretch.end))}" if last_y else drawn


def level_names(frame: Frame, chart: ControlChart, target: float | None, catalogue: NullTranslations) -> Iterator[str]:
    """Labels of the wide drawing: the centre's, the latest value's, the target's, the limits'; later ones give way."""
    taken: list[tuple[float, float]] = []
    for label in _labels(frame, chart, target, catalogue):
        height = LINE_HEIGHT * len(label.lines)
        top = _clear_of(label.y - height / 2, height, taken, frame.bottom + LINE_HEIGHT / 2)
        if top is None:
            continue
        taken.append((top, top + height))
        for number, line in enumerate(label.lines):
            kind = label.kind if number == 0 else ""
            yield text(LABEL_LEFT, top + 12 + LINE_HEIGHT * number, line, kind)


def _labels(frame: Frame, chart: ControlChart, target: float | None, catalogue: NullTranslations) -> Iterator[_Label]:
    stretch, value, level = chart.current, frame.scale.value, frame.scale.level
    if stretch.centre is not None:
        name = catalogue.gettext(centre_name(chart))
        lines = (f"{name} {level(stretch.centre)}",) if chart.has_limits else (name, frame.scale.middle(stretch.centre))
        yield _Label(lines, frame.y(stretch.centre), "ch-k")
    latest = next(((i, y) for i, y in reversed(list(enumerate(chart.y.tolist()))) if not math.isnan(y)), None)
    if latest is not None:
        is_signal = latest[0] in chart.signal_indexes or latest[0] in chart.sigma_signals
        told = Sentence(N_("{value} latest"), {"value": value(latest[1])}).said(catalogue)
        yield _Label((told,), frame.y(latest[1]), "ch-a" if is_signal else "ch-k")
    if target is not None and frame.holds(target):
        told = Sentence(N_("Target {value}"), {"value": value(target)}).said(catalogue)
        yield _Label((told,), frame.y(target), "")
    for name, limit in ((N_("Upper {value}"), chart.upper), (N_("Lower {value}"), chart.lower)):
        ends = limit[stretch.start : stretch.end]
        last = next((end for end in reversed(ends.tolist()) if not math.isnan(end)), None)
        if last is not None and frame.holds(last):
            yield _Label((Sentence(name, {"value": level(last)}).said(catalogue),), frame.y(last), "")


def _clear_of(top: float, height: float, taken: Sequence[tuple[float, float]], lowest: float) -> float | None:
    """The nearest place that is free, None where all near ones are taken; below `lowest` stand the dates."""
    for away in range(FARTHEST_OFF + 1):
        for place in (top - away, top + away):
            if place + height <= lowest and all(place + height <= other or place >= end for other, end in taken):
                return place
    return None
