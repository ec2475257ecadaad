"""What the pages of a draft say, in words: cells, cost of the bands, who it could be, what happens next."""

from collections.abc import Mapping
from gettext import NullTranslations
from typing import Any

from nic_node.disclosure.cells import shown_band
from nic_node.disclosure.draft import Cell, Draft
from nic_node.i18n import N_
from nic_node.publishing.findings import LEAVE_OUT, PUT_BACK, FoundItem, place_of
from nic_node.publishing.preview import Preview
from nic_node.publishing.states import OutboxState
from schemas.vocab import (
    AIM_RESULTS,
    ANY,
    CONTEXT,
    COST_BANDS,
    DECISIONS,
    DIRECTIONS,
    GRADE_BANDS,
    IDEAS,
    MATERIAL_KINDS,
    MEASURES,
    OTHER,
    POINTS_AT,
    PROBLEMS,
    QUESTION_FACETS,
    ROLES,
    RUNGS,
    STAFF_TIME_BANDS,
    SUBJECTS,
    SUPPORTS,
)

MINUS = "−"
STEPS = (
    (OutboxState.QUEUED, N_("Queued: it waits for the next slot")),
    (OutboxState.ON_ITS_WAY, N_("On its way: sealed and sent")),
    (OutboxState.IN_THE_LOG, N_("In the log: found in your own copy")),
    (OutboxState.FINAL, N_("Final: nobody can take it out of the log unseen")),
)
LESSONS = (
    ("worked", N_("What worked")),
    ("would_change", N_("We would do differently")),
    ("watch_out", N_("Watch out for")),
)
EMPTY_PAGE: Mapping[str, Any] = dict.fromkeys(
    ("title", "facts", "text", "practice", "problem", "idea", "steps", "adaptable", "conditions", "changed", "numbers")
) | {"lessons": (), "materials": ()}
CHIP_LISTS: Mapping[str, Mapping[str, Any]] = {
    "problem": PROBLEMS,
    "idea": IDEAS,
    "grade-band": GRADE_BANDS,
    "subject": SUBJECTS,
}
DOES_NOT_LEAVE = N_("does not leave")


def cell_rows(cells: tuple[Cell, ...], catalogue: NullTranslations) -> list[list[str]]:
    """(cell, here, leaves, rule), a row a cell; a rule like the one above says 'the same'."""
    _ = catalogue.gettext
    rows: list[list[str]] = []
    last = ""
    for cell in cells:
        rule = cell.rule.said(catalogue)
        leaves = cell.leaves.said(catalogue) if cell.leaves else _(DOES_NOT_LEAVE)
        rows.append(
            [cell_name(cell, catalogue), cell.here.said(catalogue), leaves, _("the same") if rule == last else rule]
        )
        last = rule
    return rows


def cell_name(cell: Cell, catalogue: NullTranslations) -> str:
    """'Course failure, baseline', and whose: the comparison group is named as such."""
    _ = catalogue.gettext
    name = cell.label or _(MEASURES[cell.measure].label)
    at = _(POINTS_AT[cell.at].label)
    at = at[0].lower() + at[1:]
    return f"{name}, {at}, {_('comparison')}" if cell.comparison else f"{name}, {at}"


def finding_rows(
    items: tuple[FoundItem, ...], catalogue: NullTranslations, *, may_decide: bool
) -> list[dict[str, Any]]:
    """The findings as `review.findings` shows them; a choice's value carries the key that it decides."""
    _ = catalogue.gettext
    return [
        {
            "number": item.number,
            "title": _title(item, catalogue),
            "text": item.why.said(catalogue),
            "explained": item.explained.said(catalogue),
            "places": list(dict.fromkeys(_(place_of(path)) for path in item.paths)) if item.stage == "text" else [],
            "before": item.before if item.stage == "text" else None,
            "after": item.after if item.stage == "text" else None,
            # What was replaced asks for a nod only: colour is for what needs thought.
            "open": item.open and (item.severity != "info" or item.decided is not None),
            "choices": [
                {"value": f"{item.key}:{value}", "label": _(label), "chosen": value == item.decided}
                for value, label in item.choices
            ]
            if may_decide
            else [],
        }
        for item in items
    ]


def other_rows(items: tuple[FoundItem, ...], catalogue: NullTranslations) -> list[dict[str, Any]]:
    """What is not about words, for the author: title, why, and where it may be kept here or let go."""
    return [
        {
            "title": item.title.said(catalogue),
            "why": item.why.said(catalogue),
            "blocks": item.severity == "block",
            "path": item.paths[0],
            "stays": "yes" if LEAVE_OUT in item.choices else "no" if PUT_BACK in item.choices else "",
        }
        for item in items
        if item.stage != "text"
    ]


def _title(item: FoundItem, catalogue: NullTranslations) -> str:
    """The title; with how often it was found, where that is more than once."""
    title = item.title.said(catalogue)
    if len(item.paths) == 1:
        return title
    return catalogue.ngettext("{title}, in {n} place", "{title}, in {n} places", len(item.paths)).format(
        title=title, n=len(item.paths)
    )


def context_pairs(shown: Preview, catalogue: NullTranslations) -> list[tuple[str, str]]:
    """What a reader sees of the school: attribute and band, in words; empty where no context leaves."""
    _ = catalogue.gettext
    lattice, found = shown.terms.lattice, shown.draft.context_class
    if lattice is None or found is None:
        return []
    bands = next(entry["bands"] for entry in lattice["classes"] if entry["id"] == found)
    pairs = [
        (_(CONTEXT[name].label), _(CONTEXT[name].bands[band].label)) for name, band in bands.items() if band != ANY
    ]
    hidden = [_(CONTEXT[name].label) for name, band in bands.items() if band == ANY]
    return [*pairs, (_("Not shown"), "; ".join(hidden))] if hidden else pairs


def effect_words(draft: Draft) -> dict[str, str] | None:
    """{exact, printed: standard errors, effect: '0.44', interval: '−0.06 to 0.94'}; None where nothing is measured."""
    exact, printed = draft.effects.exact, draft.effects.printed
    if exact is None or printed is None:
        return None
    low, high = printed.ci
    return {
        "exact": f"{exact.se:.2f}",
        "printed": f"{printed.se:.2f}",
        "effect": _signed(printed.estimate),
        "low": _signed(low),
        "high": _signed(high),
    }


def _signed(value: float) -> str:
    return f"{value:.2f}".replace("-", MINUS)


def way_steps(state: str, catalogue: NullTranslations) -> list[dict[str, str]]:
    """The four stations after an approval, as `lists.steps` shows them."""
    order = [station for station, _ in STEPS]
    reached = order.index(OutboxState(state)) if state in order else -1
    return [
        {
            "state": "done" if index < reached or state == OutboxState.FINAL else "now" if index == reached else "todo",
            "text": catalogue.gettext(says),
        }
        for index, (_, says) in enumerate(STEPS)
    ]


# The public page ----------------------------------------------------------------------------------------------------


def reader_page(record: Mapping[str, Any], catalogue: NullTranslations) -> dict[str, Any]:
    """The record in words, as readers see it: nothing stands here that is not in its bytes."""
    _ = catalogue.gettext
    if "problem" not in record:
        return _note_page(record, catalogue)
    problem, idea, lessons = record["problem"], record["idea"], record.get("lessons", {})
    return {
        **EMPTY_PAGE,
        "title": record.get("title", ""),
        "facts": _facts(record, catalogue),
        "problem": problem.get("statement", ""),
        "idea": idea.get("summary", ""),
        "steps": [
            _step(step, index in record.get("core", ()), catalogue)
            for index, step in enumerate(record.get("steps", ()))
        ],
        "adaptable": [part["what"] for part in record.get("adaptable", ())],
        "conditions": record.get("conditions", ""),
        "lessons": [(_(label), lessons[name]) for name, label in LESSONS if lessons.get(name)],
        "materials": [
            {"kind": _(MATERIAL_KINDS[one["kind"]].label), "title": one["title"], "text": one["text"]}
            for one in record.get("materials", ())
        ],
        "changed": [(change["what"], change.get("why", "")) for change in record.get("changed", ())],
        "numbers": [row for measure in record.get("measures", ()) for row in _numbers(measure, catalogue)],
    }


def _note_page(record: Mapping[str, Any], catalogue: NullTranslations) -> dict[str, Any]:
    """A question or an answer: its words, and what it asks about in words of closed lists."""
    chips = [(chip["facet"], chip["id"]) for chip in record.get("chips", ())]
    return {
        **EMPTY_PAGE,
        "facts": [
            (catalogue.gettext(QUESTION_FACETS[facet].label), catalogue.gettext(CHIP_LISTS[facet][value].label))
            for facet, value in chips
        ],
        "text": record.get("text", ""),
        "practice": record.get("practice"),
    }


def _facts(record: Mapping[str, Any], catalogue: NullTranslations) -> list[tuple[str, str]]:
    """What the record says in words of closed lists; what it does not say is left out."""
    _ = catalogue.gettext
    problem, idea, cost = record["problem"], record["idea"], record.get("cost", {})
    facts = [
        (_("Problem"), _named(PROBLEMS, problem["category"], problem.get("label"), _)),
        (_("Idea"), _named(IDEAS, idea["category"], idea.get("label"), _)),
        (_("Grades"), ", ".join(_(GRADE_BANDS[band].label) for band in problem.get("grade_bands", ()))),
        (_("Subject"), _(SUBJECTS[problem["subject"]].label) if "subject" in problem else ""),
        (_("Dose"), _dose(record.get("dose", {}), catalogue)),
        (_("Cost"), _(COST_BANDS[cost["cost_band"]].label) if "cost_band" in cost else ""),
        (_("Staff time"), _(STAFF_TIME_BANDS[cost["staff_time_band"]].label) if "staff_time_band" in cost else ""),
        (_("Supports"), ", ".join(_(SUPPORTS[support].label) for support in record.get("supports", ()))),
        (_("Decision"), _(DECISIONS[record["decision"]].label)),
        (_("Aim"), _(AIM_RESULTS[record["aim_result"]].label) if "aim_result" in record else ""),
        (_("Direction"), _(DIRECTIONS[record["direction"]].label) if "direction" in record else ""),
        (_("Evidence"), _(RUNGS[record["rung"]].label)),
    ]
    return [(name, value) for name, value in facts if value]


def _named(vocabulary: Mapping[str, Any], category: str, label: str | None, _: Any) -> str:
    entry = vocabulary.get(category) or vocabulary[OTHER]
    return label or str(_(entry.label))


def _dose(dose: Mapping[str, Any], catalogue: NullTranslations) -> str:
    parts = (
        (N_("{n} weeks"), "weeks"),
        (N_("{n} times a week"), "sessions_a_week"),
        (N_("{n} minutes"), "minutes"),
    )
    return ", ".join(catalogue.gettext(says).format(n=f"{dose[name]:g}") for says, name in parts if name in dose)


def _step(step: Mapping[str, Any], core: bool, catalogue: NullTranslations) -> dict[str, str]:  # noqa: FBT001 - a fact of the step, passed on
    _ = catalogue.gettext
    detail = [
        _(ROLES[step["who"]].label) if "who" in step else "",
        step.get("how_often", ""),
        _("{n} minutes").format(n=step["minutes"]) if "minutes" in step else "",
    ]
    core_tag = {"tag": _("core"), "kind": "acc"} if core else {}
    return {"text": step.get("does", ""), "detail": " · ".join(part for part in detail if part), **core_tag}


def _numbers(measure: Mapping[str, Any], catalogue: NullTranslations) -> list[list[str]]:
    """A row a printed point: measure, when, what readers see."""
    _ = catalogue.gettext
    name = _named(MEASURES, measure["measure"], measure.get("label"), _)
    without = _("last year") if measure["design"] == "season-comparison" else _("comparison")
    rows = []
    for arm, group in (("points", _("with the change")), ("comparison", without)):
        for point in measure.get(arm, ()):
            at = _(POINTS_AT[point["at"]].label)
            rows.append([name, group, at, printed_point(point, catalogue)])
    return rows


def printed_point(point: Mapping[str, Any], catalogue: NullTranslations) -> str:
    """'35–39 %, n about 60', as readers see a point."""
    _ = catalogue.gettext
    n = str(point.get("n", ""))
    people = (_("n under 15") if n == "<15" else _("n about {n}").format(n=n)) if n else ""
    if "band" in point:
        said = shown_band(*point["band"])
    elif "mean" in point:
        said = _("about {mean} (sd {sd})").format(mean=point["mean"], sd=point["sd"])
    elif "exposure" in point:
        said = _("about {events} in {exposure}").format(events=point["events"], exposure=point["exposure"])
    else:
        said = _("about {events}").format(events=point["events"])
    return f"{said}, {people}" if people else said
