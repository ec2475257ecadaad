"""How a measure's numbers are said."""

from gettext import NullTranslations

from nic_node.charts.scale import told
from nic_node.evidence.sentence import Sentence
from nic_node.i18n import N_
from nic_node.school.measures.numbers import sign_of
from nic_node.school.measures.tables import Measure, Observed


def value_words(measure: Measure, value: float | None) -> str:
    """'93 %', '11', '3.5': at most one decimal, a hyphen for none."""
    if value is None:
        return "–"
    decimals = 0 if float(value).is_integer() else 1
    return told(value, decimals, sign_of(measure.unit, measure.vocabulary))


def latest_words(measure: Measure, observation: Observed, catalogue: NullTranslations) -> str:
    """The number that carries a line: '27 of 31' for a small count of people, else the value."""
    if measure.unit == "proportion" and observation.x is not None and observation.n is not None:
        counts = {"x": f"{observation.x:g}", "n": observation.n, "value": value_words(measure, observation.value)}
        return Sentence(N_("{value} ({x} of {n})"), counts).said(catalogue)
    return value_words(measure, observation.value)


def parts_words(measure: Measure, observation: Observed, catalogue: NullTranslations) -> str:
    """What the value was made of: '23 of 61', 'SD 4.2, n 61', '12 per 340', or ''."""
    if observation.x is not None and measure.unit == "proportion" and observation.n is not None:
        return Sentence(N_("{x} of {n}"), {"x": f"{observation.x:g}", "n": observation.n}).said(catalogue)
    if observation.exposure is not None and observation.x is not None:
        told_of = {"x": f"{observation.x:g}", "exposure": f"{observation.exposure:g}"}
        return Sentence(N_("{x} in {exposure}"), told_of).said(catalogue)
    if observation.sd is not None:
        return Sentence(N_("SD {sd}, n {n}"), {"sd": f"{observation.sd:g}", "n": observation.n}).said(catalogue)
    return f"n {observation.n}" if observation.n is not None else ""
