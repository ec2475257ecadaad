"""What a chart shows, in a sentence; its rows for 'Show the numbers'; the key beneath it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from gettext import NullTranslations
from types import MappingProxyType

from federation.effects import NO_CLEAR_CHANGE
from nic_node.charts.run import RunPoint
from nic_node.charts.scale import value_scale
from nic_node.evidence.control_chart import ControlChart
from nic_node.evidence.effects import share_after
from nic_node.evidence.pooling import Interval, Pooled
from nic_node.evidence.practice_pool import PracticePool
from nic_node.evidence.run_chart import TOO_FEW_USEFUL, Shift
from nic_node.evidence.sentence import ENGLISH, Sentence
from nic_node.i18n import N_

NUMBERS = (
    N_("zero"), N_("one"), N_("two"), N_("three"), N_("four"), N_("five"), N_("six"), N_("seven"), N_("eight"),
    N_("nine"), N_("ten"), N_("eleven"), N_("twelve"), N_("thirteen"), N_("fourteen"), N_("fifteen"), N_("sixteen"),
    N_("seventeen"), N_("eighteen"), N_("nineteen"), N_("twenty"),
)  # fmt: skip

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

# How far a school may move, as words: the upper end of each in d.
MOVES = (
    (-0.5, N_("much worse")),
    (-0.2, N_("worse")),
    (-0.05, N_("a little worse")),
    (0.05, N_("no change")),
    (0.2, N_("a little better")),
    (0.5, N_("better")),
)
FARTHEST_MOVE = N_("much better")


@dataclass(frozen=True, slots=True)
class Swatch:
    """One entry of a chart's key."""

    svg: str
    label: str


def run_chart_says(
    points: Sequence[RunPoint],
    chart: ControlChart,
    *,
    unit: str = "",
    period: str = "point",
    catalogue: NullTranslations = ENGLISH,
) -> str:
    """The sentence above a run chart: what moved and why that is not chance, or that nothing shows yet.

    Args:
        points: those of the chart.
        chart: `run_chart` of their values.
        unit: '%' or ''.
        period: what a point is, a key of PERIODS.
        catalogue: the language.
    """
    if chart.centre is None:
        return catalogue.gettext(N_("No numbers yet."))
    present = [point.value for point in points if point.value is not None]
    median = value_scale([*present, chart.centre], unit).value(chart.centre)
    values: dict[str, object] = {"median": median, "periods": Sentence(PERIODS[period])}
    if chart.shifts:
        return _shift_says(points, chart, chart.shifts[-1], values).said(catalogue)
    return _no_shift_says(chart, values).said(catalogue)


def shift_tag(chart: ControlChart, catalogue: NullTranslations = ENGLISH) -> str | None:
    """The tag beside a chart's title, None without a signal; it judges nothing."""
    if not chart.signal:
        return None
    if not chart.shifts:
        return catalogue.gettext(N_("Signal"))
    return catalogue.gettext(N_("Shift up") if chart.shifts[-1].side == "above" else N_("Shift down"))


def run_chart_columns(points: Sequence[RunPoint], catalogue: NullTranslations = ENGLISH) -> list[str]:
    names = [N_("When"), N_("Project day"), N_("Value"), N_("Note")]
    if not any(point.sublabel for point in points):
        names.remove("Project day")
    return [catalogue.gettext(name) for name in names]


def run_chart_rows(
    points: Sequence[RunPoint], chart: ControlChart, *, unit: str = "", catalogue: NullTranslations = ENGLISH
) -> list[list[str]]:
    """The table under the chart, a row a point, cells as `run_chart_columns` names them."""
    present = [point.value for point in points if point.value is not None]
    if not present or chart.centre is None:
        return []
    scale = value_scale([*present, chart.centre], unit)
    on = set(chart.signal_indexes)
    has_days = any(point.sublabel for point in points)
    rows = []
    for index, point in enumerate(points):
        value = "–" if point.value is None else scale.value(point.value)
        note = catalogue.gettext(N_("part of the signal")) if index in on else ""
        rows.append([point.label, *([point.sublabel] if has_days else []), value, note])
    return rows


def run_chart_key(chart: ControlChart, *, period: str = "point", catalogue: NullTranslations = ENGLISH) -> list[Swatch]:
    """What the marks mean, for those that the chart has."""
    ring = '<svg width="14" height="14" aria-hidden="true"><circle class="ch-dot" cx="7" cy="7" r="4"/></svg>'
    diamond = '<svg width="14" height="14" aria-hidden="true"><path class="ch-mark" d="M7 1l6 6-6 6-6-6z"/></svg>'
    dashes = '<svg width="26" height="14" aria-hidden="true"><path class="ch-median" d="M0 7h26"/></svg>'
    swatches = [Swatch(ring, catalogue.gettext(ONE_PERIOD[period]))]
    if chart.shifts:
        swatches.append(Swatch(diamond, catalogue.gettext(N_("part of the signal"))))
    return [*swatches, Swatch(dashes, catalogue.gettext(N_("median")))]


def pool_says(pool: PracticePool, catalogue: NullTranslations = ENGLISH) -> str:
    """What the results say together, in students and in where the next school may land; else why nothing."""
    if pool.pooled is None:
        return pool.why_none.said(catalogue) if pool.why_none else ""
    told = pooled_says(pool.pooled, pool, catalogue)
    prediction = pool.pooled.pi_t
    if prediction is None:
        return told
    low, high = (Sentence(_move(end)) for end in prediction)
    if low == high:
        further = Sentence(N_("The next school: {low}."), {"low": low})
    else:
        further = Sentence(N_("The next school: {low} to {high}."), {"low": low, "high": high})
    return f"{told} {further.said(catalogue)}"


def pooled_says(pooled: Pooled, pool: PracticePool, catalogue: NullTranslations = ENGLISH) -> str:
    """In students: 'Of 100 such students about 38 become 27.'; or that it is too uncertain, or no clear change."""
    interval = pooled.hk_adhoc_ci or pooled.ci
    if interval[0] <= 0 <= interval[1]:
        return catalogue.gettext(_unclear(interval))
    if pool.baseline is None or pool.outcome.unit != "proportion":
        return catalogue.gettext(N_("It got better.") if pooled.estimate > 0 else N_("It got worse."))
    after = share_after(pool.baseline, pooled.estimate, pool.outcome.better)
    shares = {"before": round(100 * pool.baseline), "after": round(100 * after)}
    return Sentence(N_("Of 100 such students about {before} become {after}."), shares).said(catalogue)


def number_word(number: int) -> object:
    """A number as a word up to twenty, else in digits."""
    return Sentence(NUMBERS[number]) if 0 <= number < len(NUMBERS) else number


def _shift_says(
    points: Sequence[RunPoint], chart: ControlChart, shift: Shift, values: Mapping[str, object]
) -> Sentence:
    first, last = points[shift.start], points[shift.end]
    lasts = all(point.value is None for point in points[shift.end + 1 :])
    told: dict[str, object] = {
        **values,
        "since": first.sublabel or first.label,
        "until": last.sublabel or last.label,
        "length": number_word(shift.length),
        "most": number_word(chart.runs.longest_run_max or 0),
    }
    if lasts and shift.side == "above":
        return Sentence(SINCE_ABOVE, told)
    if lasts:
        return Sentence(SINCE_BELOW, told)
    return Sentence(WAS_ABOVE if shift.side == "above" else WAS_BELOW, told)


SINCE_ABOVE = N_(
    "Since {since}, {length} {periods} in a row are above the median of {median}; "
    "more than {most} is unlikely to be chance."
)
SINCE_BELOW = N_(
    "Since {since}, {length} {periods} in a row are below the median of {median}; "
    "more than {most} is unlikely to be chance."
)
WAS_ABOVE = N_(
    "From {since} to {until}, {length} {periods} in a row were above the median of {median}; "
    "more than {most} is unlikely to be chance."
)
WAS_BELOW = N_(
    "From {since} to {until}, {length} {periods} in a row were below the median of {median}; "
    "more than {most} is unlikely to be chance."
)


def _no_shift_says(chart: ControlChart, values: Mapping[str, object]) -> Sentence:
    runs = chart.runs
    counts = {"crossings": number_word(runs.crossings or 0), "fewest": number_word(runs.crossings_min or 0)}
    if not runs.n_useful:
        return Sentence(N_("Every point lies on the median of {median}: nothing has moved."), values)
    if runs.too_few_crossings:
        drifted = N_(
            "The line crosses the median of {median} only {crossings} times; fewer than {fewest} is unlikely to be "
            "chance. The level has drifted."
        )
        return Sentence(drifted, {**values, **counts})
    if chart.too_few:
        few = N_(
            "The median is {median}. Fewer than {needed} {periods} lie off it: too few to tell a shift from chance."
        )
        return Sentence(few, {**values, "needed": number_word(TOO_FEW_USEFUL)})
    steady = N_("No shift so far: the {periods} vary about the median of {median} as chance would have it.")
    return Sentence(steady, values)


def _unclear(interval: Interval) -> str:
    known_small = interval[0] >= -NO_CLEAR_CHANGE and interval[1] <= NO_CLEAR_CHANGE
    return N_("No clear change.") if known_small else N_("Too uncertain to say.")


def _move(d: float) -> str:
    return next((words for end, words in MOVES if d < end), FARTHEST_MOVE)
