"""Stage 4, cells: each measure through the printer, and for the reviewer each number with the rule that shaped it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from nic_node.disclosure.draft import Cell, Draft, Finding, Given, Phrase, Severity, outcome_of
from nic_node.disclosure.printer import NOT_PRINTED, Averaged, NotPrinted, average
from nic_node.disclosure.snapshot import ExactMeasure, ExactPoint
from nic_node.i18n import N_

MEASURES_MAX = 4  # on the wire
BLOCKING = frozenset({"impossible-number", "not-listed"})  # a mistake to mend; the other refusals are the rules' own
EN_DASH = "–"
NARROW_NO_BREAK_SPACE = "\u202f"


def print_cells(draft: Draft, given: Given) -> Draft:
    """Print every measure that may be printed; tell of every other why it stays here."""
    printed: dict[int, dict[str, Any]] = {}
    cells: list[Cell] = []
    findings: list[Finding] = []
    for index in print_order(draft):
        measure = draft.project.measures[index]
        path = f"/measures/{index}"
        try:
            _verify_alone(index, draft, printed, given)
            printed[index] = given.print_measure(measure, given.policy)
        except NotPrinted as refusal:
            severity: Severity = "block" if refusal.code in BLOCKING else "info"
            findings.append(
                Finding("cells", refusal.code, severity, path, before=_size(measure), source=measure.measure)
            )
            cells += _rows(path, measure, None, Phrase(NOT_PRINTED[refusal.code]))
            continue
        if measure.comparison and "comparison" not in printed[index]:
            findings.append(Finding("cells", "comparison-left-out", "info", path, source=measure.measure))
        cells += _rows(path, measure, printed[index], None)
    return replace(
        draft,
        printed=dict(sorted(printed.items())),
        cells=(*draft.cells, *sorted(cells, key=lambda cell: int(cell.path.split("/")[2]))),
        findings=(*draft.findings, *findings),
    )


def print_order(draft: Draft) -> list[int]:
    """Whole groups before parts, the outcome before the rest: of two that exclude each other the first stays."""
    outcome = outcome_of(draft.project)
    first = outcome[0] if outcome else -1
    measures = draft.project.measures
    return sorted(range(len(measures)), key=lambda index: (index != first, measures[index].part_of is not None, index))


def _verify_alone(index: int, draft: Draft, printed: Mapping[int, dict[str, Any]], given: Given) -> None:
    """A part never stands beside its whole, at any level, nor a measure beside itself; four measures are the most."""
    if f"/measures/{index}" in given.left_out:
        raise NotPrinted("left-out")
    measure = draft.project.measures[index]
    wholes = {other.group: other.part_of for other in draft.project.measures if other.part_of is not None}
    for other in (draft.project.measures[shown] for shown in printed):
        if measure.group in _wholes_of(other, wholes) or other.group in _wholes_of(measure, wholes):
            raise NotPrinted("beside-whole")
        if (other.measure, other.label) == (measure.measure, measure.label):
            raise NotPrinted("measure-twice")
    if len(printed) >= MEASURES_MAX:
        raise NotPrinted("too-many-measures")


def _wholes_of(measure: ExactMeasure, wholes: Mapping[str, str]) -> set[str]:
    """The groups that a measure's group is a part of: a class of its grade, the grade of its school."""
    found: set[str] = set()
    whole = measure.part_of
    while whole is not None and whole not in found:
        found.add(whole)
        whole = wholes.get(whole)
    return found


def _size(measure: ExactMeasure) -> str | None:
    """How many people the measure counts, where a reviewer needs it to see why it stays."""
    sizes = [period.n for point in measure.points for period in point.periods if period.n is not None]
    return str(min(sizes)) if sizes else None


def _rows(path: str, measure: ExactMeasure, printed: Mapping[str, Any] | None, why: Phrase | None) -> list[Cell]:
    rows = []
    arms: tuple[tuple[bool, Sequence[ExactPoint], str], ...] = (
        (False, measure.points, "points"),
        (True, measure.comparison, "comparison"),
    )
    for comparison, points, arm in arms:
        shown = {point["at"]: point for point in (printed or {}).get(arm, ())}
        for point in points:
            out = shown.get(point.at)
            rule = why or (rule_of(measure.unit, out) if out else Phrase(N_("more points than this n allows")))
            if why is None and printed is not None and arm not in printed:
                rule = Phrase(N_("the comparison group is too small or incomplete"))
            rows.append(
                Cell(
                    path,
                    measure.measure,
                    measure.label,
                    point.at,
                    comparison,
                    here(measure, point),
                    out and leaves(out),
                    rule,
                )
            )
    return rows


def here(measure: ExactMeasure, point: ExactPoint) -> Phrase:
    """The exact number in words: '23 of 61'."""
    try:
        exact = average(point, measure.unit)
    except NotPrinted:
        return Phrase(N_("not usable"))
    if exact.x is not None:
        return Phrase(N_("{x} of {n}"), {"x": _number(float(exact.x)), "n": exact.n})
    if exact.mean is not None:
        return Phrase(N_("mean {mean}, sd {sd}, n {n}"), _mean_values(exact))
    events = _number(float(exact.events or 0))
    if exact.exposure:
        return Phrase(N_("{events} in {exposure}"), {"events": events, "exposure": _number(float(exact.exposure))})
    return Phrase("{events}", {"events": events})


def leaves(point: Mapping[str, Any]) -> Phrase:
    """The printed number in words: '35–39 %, n about 60'."""
    if "band" in point:
        return Phrase(N_("{band}, n about {n}"), {"band": shown_band(*point["band"]), "n": point["n"]})
    if "mean" in point:
        values = {"mean": _number(point["mean"]), "sd": _number(point["sd"]), "n": point["n"]}
        return Phrase(N_("about {mean}, sd {sd}, n about {n}"), values)
    if "exposure" in point:
        return Phrase(N_("about {events} in {exposure}"), {"events": point["events"], "exposure": point["exposure"]})
    return Phrase(N_("about {events}"), {"events": point["events"]})


def shown_band(low: int, high: int) -> str:
    """'35–39 %'; a band one point wide is '7 %', the highest reaches 100."""
    last = high if high == 100 else high - 1
    digits = f"{low}{EN_DASH}{last}" if last > low else f"{low}"
    return f"{digits}{NARROW_NO_BREAK_SPACE}%"


def rule_of(unit: str, point: Mapping[str, Any]) -> Phrase:
    """Which rule gave a printed number its form."""
    if unit == "proportion":
        width = point["band"][1] - point["band"][0]
        return Phrase(N_("{width}-point bands at n {n}"), {"width": width, "n": point["n"]})
    if unit in {"mean", "minutes"}:
        return Phrase(N_("steps of at least a tenth of the spread, and of the scale over n"))
    return Phrase(N_("events are rounded"))


def _mean_values(exact: Averaged) -> dict[str, object]:
    return {"mean": _number(float(exact.mean or 0)), "sd": _number(exact.sd or 0), "n": exact.n}


def _number(value: float) -> str:
    return f"{value:.4g}" if value != int(value) else str(int(value))
