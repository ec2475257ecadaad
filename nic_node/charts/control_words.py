"""What a chart shows, in a sentence; its rows for 'Show the numbers'; the key beneath it."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from gettext import NullTranslations
from types import MappingProxyType

import numpy as np

from nic_node.charts.control import chart_scale
from nic_node.charts.frame import ChartPoint, Decided, decision_mark
from nic_node.charts.levels import centre_name
from nic_node.charts.scale import Scale
from nic_node.charts.words import number_word
from nic_node.evidence.control_chart import ControlChart
from nic_node.evidence.run_chart import TOO_FEW_USEFUL, Shift, Trend
from nic_node.evidence.sentence import ENGLISH, Sentence
from nic_node.evidence.series import Series
from nic_node.i18n import N_

PERIODS: Mapping[str, str] = MappingProxyType(
    {
        "day": N_("school days"),
        "week": N_("weeks"),
        "lesson": N_("lessons"),
        "month": N_("months"),
        "point": N_("points"),
    }
)

ONE_PERIOD: Mapping[str, str] = MappingProxyType(
    {
        "day": N_("one school day"),
        "week": N_("one week"),
        "lesson": N_("one lesson"),
        "month": N_("one month"),
        "point": N_("one point"),
    }
)

DECIDED: Mapping[str, str] = MappingProxyType(
    {"adopt": N_("adopted"), "adapt": N_("adapted"), "abandon": N_("abandoned")}
)


@dataclass(frozen=True, slots=True)
class Swatch:
    """One entry of a chart's key."""

    svg: str
    label: str


def chart_says(
    points: Sequence[ChartPoint],
    chart: ControlChart,
    *,
    unit: str = "",
    period: str = "point",
    catalogue: NullTranslations = ENGLISH,
) -> str:
    """What stands above a chart: what moved and why that is not chance, or that nothing shows yet.

    It speaks of the process as it runs now, the last stretch.

    Args:
        points: those of the chart.
        chart: on the scale that is shown.
        unit: '%' or ''.
        period: what a point is, a key of PERIODS.
        catalogue: the language.
    """
    if chart.n == 0:
        return catalogue.gettext(N_("No numbers yet."))
    if chart.centre is None:
        return catalogue.gettext(N_("No number yet since the limits were made anew."))
    scale = chart_scale(chart, unit)
    about = N_("the median of {value}") if chart.kind == "run" else N_("the mean of {value}")
    told_level = scale.middle if chart.kind == "run" else scale.level
    values: dict[str, object] = {
        "centre": Sentence(about, {"value": told_level(chart.centre)}),
        "periods": Sentence(PERIODS[period]),
    }
    told = list(_signals(points, chart, scale, values)) or [_no_signal(chart, scale, values)]
    if chart.has_limits and chart.trial:
        told.append(Sentence(N_("So few points make trial limits: the next ones may move them.")))
    return " ".join(sentence.said(catalogue) for sentence in told)


def shift_tag(chart: ControlChart, catalogue: NullTranslations = ENGLISH) -> str | None:
    """The tag beside a chart's title, None without a signal; it judges nothing."""
    if not chart.signal:
        return None
    shift = chart.runs.shifts[-1] if chart.runs.shifts else None
    if shift is None or not lasts(chart, shift):
        return catalogue.gettext(N_("Signal"))
    return catalogue.gettext(N_("Shift up") if shift.side == "above" else N_("Shift down"))


def chart_columns(
    points: Sequence[ChartPoint], chart: ControlChart, catalogue: NullTranslations = ENGLISH
) -> list[str]:
    names = [N_("When")]
    if any(point.sublabel for point in points):
        names.append(N_("Project day"))
    names.append(N_("Value"))
    if chart.has_limits:
        names += [N_("Lower"), centre_name(chart), N_("Upper")]
    return [catalogue.gettext(name) for name in (*names, N_("Note"))]


def chart_rows(
    points: Sequence[ChartPoint], chart: ControlChart, *, unit: str = "", catalogue: NullTranslations = ENGLISH
) -> list[list[str]]:
    """The table under the chart, a row a point, cells as `chart_columns` names them."""
    if chart.n == 0:
        return []
    scale = chart_scale(chart, unit)
    notes = _notes(points, chart, catalogue)
    has_days = any(point.sublabel for point in points)
    levels = [chart.lower, chart.center, chart.upper] if chart.has_limits else []
    rows = []
    for index, point in enumerate(points):
        numbers = [_cell(chart.y[index], scale.value), *(_cell(level[index], scale.level) for level in levels)]
        rows.append([point.label, *([point.sublabel] if has_days else []), *numbers, notes[index]])
    return rows


def chart_key(
    chart: ControlChart,
    points: Sequence[ChartPoint],
    *,
    unit: str = "",
    period: str = "point",
    target: float | None = None,
    decided: Sequence[Decided] = (),
    catalogue: NullTranslations = ENGLISH,
) -> list[Swatch]:
    """What the marks mean, for those that the chart has; levels with their values, as the narrow drawing has none."""
    marks = _marks(chart, points, chart_scale(chart, unit, target), period, target, decided)
    return [
        Swatch(f'<svg width="{width}" height="14" aria-hidden="true">{drawn}</svg>', label.said(catalogue))
        for drawn, width, label in marks
    ]


def _marks(
    chart: ControlChart,
    points: Sequence[ChartPoint],
    scale: Scale,
    period: str,
    target: float | None,
    decided: Sequence[Decided],
) -> Iterator[tuple[str, int, Sentence]]:
    """What stands in the key: a mark, its width in px, its name."""
    yield '<circle class="ch-dot" cx="7" cy="7" r="4"/>', 14, Sentence(ONE_PERIOD[period])
    if chart.signal_indexes:
        yield '<path class="ch-mark" d="M7 1l6 6-6 6-6-6z"/>', 14, Sentence(N_("part of the signal"))
    if chart.sigma_signals:
        ringed = '<circle class="ch-out-ring" cx="7" cy="7" r="6"/><circle class="ch-out" cx="7" cy="7" r="3"/>'
        yield ringed, 14, Sentence(N_("outside the limits"))
    if any(point.left_out is not None for point in points):
        yield '<path class="ch-left-out" d="M3 3l8 8m0-8l-8 8"/>', 14, Sentence(N_("left out"))
    is_run = chart.kind == "run"
    if is_run:
        yield _level("ch-median", 31), 31, Sentence(N_("median"))  # three whole dashes
    else:
        yield _level("ch-mean"), 26, Sentence(N_("mean"))
    if chart.has_limits:
        yield _level("ch-limit"), 26, Sentence(N_("limits of usual variation"))
    if target is not None:
        yield _level("ch-target"), 26, Sentence(N_("target {value}"), {"value": scale.value(target)})
    for decision in dict.fromkeys(one.decision for one in decided):
        yield "".join(decision_mark(decision, 7, 7)), 14, Sentence(DECIDED[decision])


def _level(kind: str, width: int = 26) -> str:
    return f'<path class="{kind}" d="M0 7h{width}"/>'


def _signals(
    points: Sequence[ChartPoint], chart: ControlChart, scale: Scale, values: Mapping[str, object]
) -> Iterator[Sentence]:
    outside = [index for index in chart.sigma_signals if index >= chart.current.start]
    if outside:
        yield _outside_says(points, chart, scale, outside)
    if chart.runs.shifts:
        yield _shift_says(points, chart, chart.runs.shifts[-1], values)
    elif chart.runs.too_few_crossings:
        drifted = {0: NEVER_CROSSED, 1: CROSSED_ONCE}.get(chart.runs.crossings or 0, DRIFTED)
        yield Sentence(drifted, {**values, **_crossings(chart)})
    if chart.runs.trends:
        yield _trend_says(points, chart.runs.trends[-1], values)


def _outside_says(points: Sequence[ChartPoint], chart: ControlChart, scale: Scale, outside: Sequence[int]) -> Sentence:
    latest = outside[-1]
    is_above = chart.y[latest] > chart.upper[latest]
    limit = chart.upper[latest] if is_above else chart.lower[latest]
    told: dict[str, object] = {
        "when": points[latest].label,
        "value": scale.value(float(chart.y[latest])),
        "limit": scale.level(float(limit)),
        "count": number_word(len(outside)),
    }
    if len(outside) == 1:
        above = N_("On {when}, {value} is above the upper limit of {limit}: something special was at work.")
        below = N_("On {when}, {value} is below the lower limit of {limit}: something special was at work.")
        return Sentence(above if is_above else below, told)
    several = N_("Points outside the limits: {count}, the latest on {when} ({value}). Something special was at work.")
    return Sentence(several, told)


def lasts(chart: ControlChart, shift: Shift) -> bool:
    """Whether no point has come since a shift."""
    return not np.isfinite(chart.y[shift.end + 1 :]).any()


def _shift_says(
    points: Sequence[ChartPoint], chart: ControlChart, shift: Shift, values: Mapping[str, object]
) -> Sentence:
    first, last = points[shift.start], points[shift.end]
    told: dict[str, object] = {
        **values,
        "since": first.sublabel or first.label,
        "until": last.sublabel or last.label,
        "length": number_word(shift.length),
        "most": number_word(chart.runs.longest_run_max or 0),
    }
    if lasts(chart, shift):
        return Sentence(SINCE_ABOVE if shift.side == "above" else SINCE_BELOW, told)
    return Sentence(WAS_ABOVE if shift.side == "above" else WAS_BELOW, told)


SINCE_ABOVE = N_(
    "Since {since}, {length} {periods} in a row are above {centre}; more than {most} is unlikely to be chance."
)
SINCE_BELOW = N_(
    "Since {since}, {length} {periods} in a row are below {centre}; more than {most} is unlikely to be chance."
)
WAS_ABOVE = N_(
    "From {since} to {until}, {length} {periods} in a row were above {centre}; "
    "more than {most} is unlikely to be chance."
)
WAS_BELOW = N_(
    "From {since} to {until}, {length} {periods} in a row were below {centre}; "
    "more than {most} is unlikely to be chance."
)
NEVER_CROSSED = N_(
    "The line never crosses {centre}; fewer than {fewest} times is unlikely to be chance. The level has drifted."
)
CROSSED_ONCE = N_(
    "The line crosses {centre} only once; fewer than {fewest} times is unlikely to be chance. The level has drifted."
)
DRIFTED = N_(
    "The line crosses {centre} only {crossings} times; fewer than {fewest} is unlikely to be chance. "
    "The level has drifted."
)


def _trend_says(points: Sequence[ChartPoint], trend: Trend, values: Mapping[str, object]) -> Sentence:
    told = {
        **values,
        "since": points[trend.start].label,
        "until": points[trend.end].label,
        "length": number_word(trend.length),
    }
    up = N_("From {since} to {until}, {length} {periods} in a row go up: a trend, which alone is a weak sign.")
    down = N_("From {since} to {until}, {length} {periods} in a row go down: a trend, which alone is a weak sign.")
    return Sentence(up if trend.course == "up" else down, told)


def _no_signal(chart: ControlChart, scale: Scale, values: Mapping[str, object]) -> Sentence:
    if chart.current.n == 1:
        return Sentence(N_("One number so far: it takes more of them to see whether anything moves."))
    if not chart.runs.n_useful:
        return Sentence(N_("Every point lies on {centre}: nothing has moved."), values)
    if chart.has_limits:
        limits = {"low": scale.level(_latest(chart.lower)), "high": scale.level(_latest(chart.upper))}
        usual = N_("No signal: the {periods} vary about {centre} within {low} and {high}, as chance would have it.")
        return Sentence(usual, {**values, **limits})
    if chart.too_few:
        few = N_("About {centre}. Fewer than {needed} {periods} lie off it: too few to tell a shift from chance.")
        return Sentence(few, {**values, "needed": number_word(TOO_FEW_USEFUL)})
    return Sentence(N_("No shift so far: the {periods} vary about {centre} as chance would have it."), values)


def _cell(number: float, told: Callable[[float], str]) -> str:
    return "–" if math.isnan(number) else told(float(number))


def _latest(level: Series) -> float:
    return float(level[np.isfinite(level)][-1])


def _crossings(chart: ControlChart) -> dict[str, object]:
    runs = chart.runs
    return {"crossings": number_word(runs.crossings or 0), "fewest": number_word(runs.crossings_min or 0)}


def _notes(points: Sequence[ChartPoint], chart: ControlChart, catalogue: NullTranslations) -> list[str]:
    """Beside each point: what it is part of, then what a person wrote."""
    on, outside = set(chart.signal_indexes), set(chart.sigma_signals)
    trending = {index for trend in chart.trends for index in range(trend.start, trend.end + 1)}
    starts = {stretch.start for stretch in chart.stretches[1:]}
    marks = (
        (starts, N_("limits anew")),
        (on, N_("part of the signal")),
        (outside, N_("outside the limits")),
        (trending, N_("part of a trend")),
    )
    notes = []
    for index, point in enumerate(points):
        said = [catalogue.gettext(words) for indexes, words in marks if index in indexes]
        notes.append("; ".join([*said, *([point.note] if point.note else [])]))
    return notes
