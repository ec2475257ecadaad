"""Which chart a measure has: its kind, where its limits were split or frozen, what is left out; all on one scale."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from nic_node.evidence.control_chart import ControlChart, control_chart
from nic_node.evidence.limits import OF_SIZES, Kind
from nic_node.evidence.plot_the_dots import Better, Icons, icons_of
from nic_node.evidence.run_chart import Rules
from nic_node.evidence.sentence import Sentence
from nic_node.i18n import N_
from nic_node.school.measures.tables import Measure, MeasureMark, Observed

KINDS_OF_UNIT: Mapping[str, tuple[Kind, ...]] = {
    "proportion": ("run", "i", "p", "mr", "pp"),
    "mean": ("run", "i", "mr"),
    "minutes": ("run", "i", "mr"),
    "count": ("run", "i", "c", "mr"),
    "rate": ("run", "i", "mr", "u"),
}
KIND_NAMES: Mapping[Kind, str] = {
    "run": N_("Run chart"),
    "i": N_("XmR"),
    "p": N_("P chart"),
    "c": N_("C chart"),
    "mr": N_("Moving range"),
    "u": N_("U chart"),
    "pp": N_("P-prime"),
}
KIND_MEANINGS: Mapping[Kind, str] = {
    "run": N_("The median, and runs about it: the fewest assumptions, and the first to use."),
    "i": N_("Single values with limits of usual variation: it also finds single days that are special."),
    "p": N_("Shares with limits that follow how many people there were each time."),
    "c": N_("Counts of events that are rare beside how many could happen."),
    "mr": N_("How much the value moves from one point to the next."),
    "u": N_("Events per exposure, with limits that follow the exposure."),
    "pp": N_("A P chart for very many people, where shares vary more than tosses would."),
}
BEHIND_MORE: frozenset[Kind] = frozenset({"mr", "u", "pp"})
RULE_NAMES: Mapping[Rules, str] = {
    "anhoej": N_("Anhøj: a run longer, or crossings fewer, than chance makes them"),
    "ihi": N_("IHI: six in a row on one side, or five in a row that climb or fall (weak)"),
}
PER_HUNDRED = 100
NOTHING = (None, None)
ANOTHER_UNIT = N_("This chart is for another unit of measure.")


@dataclass(frozen=True, slots=True)
class ChosenChart:
    """`chart` is on the scale that is shown, a value a day of `days`; `apart` says where it is not as it was chosen.

    `icons` is None as long as the limits are trial limits.
    """

    chart: ControlChart
    days: Sequence[date]
    apart: Sentence | None
    icons: Icons | None

    @property
    def rebase_on(self) -> date | None:
        """From which day on new limits are proposed, because the level has moved and stays there."""
        at = self.chart.rebase_at
        return None if at is None else self.days[at]


def is_kind_of(kind: str, unit: str) -> bool:
    return kind in KINDS_OF_UNIT.get(unit, ())


def chosen_chart(
    measure: Measure,
    shown: Sequence[Observed],
    marks: Sequence[MeasureMark],
    *,
    kind: Kind | None = None,
    rules: Rules | None = None,
) -> ChosenChart:
    """The chart of these observations, which stand in time order.

    Args:
        marks: where its limits were split or frozen.
        kind: instead of the measure's own.
        rules: likewise.
    """
    wanted = kind or cast("Kind", measure.chart_kind)
    missing = sum(_counts(observation) and _parts(wanted, observation) == NOTHING for observation in shown)
    apart = None
    if missing and missing == sum(map(_counts, shown)):
        apart = Sentence(N_("A chart of this kind needs counts, and these numbers have none: the XmR chart is shown."))
        wanted = "i"
    elif missing:
        apart = Sentence(N_("{count} of the numbers have no counts behind them and are not on it."), {"count": missing})
    days = [observation.period for observation in shown]

    def chart_of(shown_kind: Kind) -> ControlChart:
        parts = [_parts(shown_kind, observation) for observation in shown]
        return control_chart(
            shown_kind,
            [y for y, _ in parts],
            [n for _, n in parts] if shown_kind in OF_SIZES else None,
            freeze=[bisect_right(days, mark.day) for mark in marks if mark.kind == "freeze"],
            splits=[bisect_left(days, mark.day) for mark in marks if mark.kind == "split"],
            exclude=[index for index, observation in enumerate(shown) if observation.excluded_because],
            rules=rules or cast("Rules", measure.run_rules),
            screen_ranges=measure.screen_ranges,
        )

    chart = chart_of(wanted)
    singles = chart_of("i")
    icons = None
    if not singles.trial:  # beside trial limits 'varies as usual' would say what nobody can know yet
        icons = icons_of(singles, better=cast("Better", measure.better), target=measure.target)
    return ChosenChart(chart.scaled(PER_HUNDRED) if wanted in OF_SIZES else chart, days, apart, icons)


def _counts(observation: Observed) -> bool:
    return observation.value is not None and not observation.excluded_because


def _parts(kind: Kind, observation: Observed) -> tuple[float | None, float | None]:
    """What is charted of an observation, and of how many; both None where it lacks one."""
    if kind not in OF_SIZES:
        return (observation.x if kind == "c" else observation.value), None
    size = observation.exposure if kind == "u" else observation.n
    return (observation.x, size) if observation.x is not None and size else NOTHING
