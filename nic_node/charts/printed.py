"""A record's printed numbers as what the charts draw and say.

Rates read as events per 100 of their exposure; a mean or rate is drawn as wide as its rounding leaves it open.
"""

from collections.abc import Mapping
from gettext import NullTranslations
from typing import Any

from federation.rules_printing import EVENTS_STEP, mean_step, scale_of
from nic_node.charts.bands import Band
from nic_node.charts.scale import told
from nic_node.disclosure.cells import shown_band
from nic_node.evidence.sentence import ENGLISH, Sentence
from nic_node.i18n import N_
from schemas.vocab import POINTS_AT

PER_EXPOSURE = 100

Measure = Mapping[str, Any]
Point = Mapping[str, Any]


def bands_of(measure: Measure, *, series: str = "points", catalogue: NullTranslations = ENGLISH) -> list[Band]:
    """The bands of a measure as it stands in a record, in its order.

    Args:
        measure: an element of a payload's `measures`; a count of events has no bands and gives [].
        series: 'points', or 'comparison' where there is one.
        catalogue: the language.
    """
    if measure["unit"] == "count":
        return []
    bands = []
    for point in measure.get(series, ()):
        lower, upper = _bounds(measure, point)
        label = catalogue.gettext(POINTS_AT[point["at"]].label)
        bands.append(Band(label, "", lower, upper, value_words(point), end=point["at"] == "end"))
    return bands


def band_unit(measure: Measure) -> str:
    """What stands after the numbers of its axis."""
    return "%" if measure["unit"] == "proportion" else ""


def value_words(point: Point) -> str:
    """The printed value alone: '40–44 %', '3.4', '2.1'."""
    if "band" in point:
        return shown_band(*point["band"])
    if "mean" in point:
        return f"{point['mean']:g}"
    if point.get("exposure"):
        return told(PER_EXPOSURE * point["events"] / point["exposure"], 1)
    return f"{point['events']:g}"


def start_to_end(measure: Measure, *, series: str = "points", catalogue: NullTranslations = ENGLISH) -> str:
    """A forest row's second line: '40–44 % to 20–24 %, n about 60'; empty without a start and an end."""
    points = {point["at"]: point for point in measure.get(series, ())}
    if not {"baseline", "end"} <= set(points):
        return ""
    values: dict[str, object] = {"start": value_words(points["baseline"]), "end": value_words(points["end"])}
    n = points["end"].get("n")
    if n is None:
        return Sentence(N_("{start} to {end}"), values).said(catalogue)
    return Sentence(N_("{start} to {end}, n about {n}"), {**values, "n": n}).said(catalogue)


def _bounds(measure: Measure, point: Point) -> tuple[float, float]:
    """What the printing leaves open, on the chart's axis."""
    match measure["unit"]:
        case "proportion":
            low, high = point["band"]
            return float(low), float(high)
        case "rate":
            scale = PER_EXPOSURE / point["exposure"]
            half = EVENTS_STEP / 2
            return max(point["events"] - half, 0) * scale, (point["events"] + half) * scale
        case _:
            half = float(mean_step(point["n"], point["sd"], scale_of(measure))) / 2
            return point["mean"] - half, point["mean"] + half
