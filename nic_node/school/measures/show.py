"""One measure on one page: its chart, what people decided about it, its numbers."""

from collections.abc import Mapping, Sequence
from gettext import NullTranslations
from typing import Any, cast

from aiohttp import web

from nic_node.accounts.people import person_names
from nic_node.evidence.limits import Kind
from nic_node.evidence.run_chart import Rules
from nic_node.evidence.screening import screen_series
from nic_node.school.measures.belongs import home_of
from nic_node.school.measures.chart import MeasureChart, build_chart
from nic_node.school.measures.chosen_chart import BEHIND_MORE, KIND_NAMES, KINDS_OF_UNIT, RULE_NAMES, is_kind_of
from nic_node.school.measures.home_effect import effect_lines, home_effect
from nic_node.school.measures.marks import MARK_KINDS, marks_of
from nic_node.school.measures.numbers import bounds_of, screened
from nic_node.school.measures.phases import story_of
from nic_node.school.measures.read import comparison_measure, measure_of, numbers_of
from nic_node.school.measures.tables import Measure, Observed
from nic_node.school.measures.uploads import imports_of
from nic_node.school.measures.words import parts_words, value_words
from nic_node.school.measures.write import BETTER, CADENCES
from nic_node.school.today import school_day
from nic_node.web.context import database
from nic_node.web.language import words_of
from nic_node.web.templating import render
from schemas.vocab import MEASURE_KINDS, MEASURES, UNITS

NEWEST_SHOWN = 20


async def show_measure(request: web.Request) -> web.Response:
    """`chart` and `rules` in the address show it another way than it is kept."""
    measure_id = int(request.match_info["id"])
    everything = request.query.get("all") == "1"
    catalogue, language = words_of(request)
    async with database(request).reading() as session:
        measure = await measure_of(session, measure_id)
        home = await home_of(session, project_id=measure.project_id, goal_id=measure.goal_id)
        observations = (await numbers_of(session, [measure]))[measure_id]
        compared = await measure_of(session, measure.comparison_of) if measure.comparison_of else None
        comparison = await comparison_measure(session, measure_id)
        counts = [await measure_of(session, part) for part in (measure.numerator_id, measure.denominator_id) if part]
        files = await imports_of(session, measure_id)
        marks = await marks_of(session, measure_id)
        story = await story_of(session, measure, catalogue)
        effect = await home_effect(session, measure_id, today=school_day(request)) if _adds_up(measure) else None
        people = {measure.owner_id, *(file.person_id for file in files), *(mark.person_id for mark in marks)}
        names = await person_names(session, people - {None})
    kind, rules = chosen_way(measure, request.query)
    chart = build_chart(
        measure, observations, marks, story, catalogue=catalogue, language=language, kind=kind, rules=rules
    )
    newest = [_number_row(measure, observation, catalogue) for observation in reversed(observations)]
    values = {
        "measure": measure,
        "home": home,
        "chart": chart,
        "ways": _ways(request, measure, chart),
        "effect": effect_lines(effect, catalogue) if effect and observations else None,
        "marks": marks,
        "mark_kinds": MARK_KINDS,
        "numbers": newest if everything else newest[:NEWEST_SHOWN],
        "more": 0 if everything else max(len(newest) - NEWEST_SHOWN, 0),
        "odd": _odd_points(measure, observations, catalogue),
        "compared": compared,
        "counts": counts,
        "comparison": comparison,
        "files": files,
        "names": names,
        "unit_words": _unit_words(measure),
        "value_words": value_words,
        **_about(measure),
    }
    return await render(request, "measures/show.html", values)


def chosen_way(measure: Measure, query: Mapping[str, str]) -> tuple[Kind | None, Rules | None]:
    """How an address asks a measure to be charted; what does not suit it is passed over."""
    kind, rules = query.get("chart", ""), query.get("rules", "")
    return (
        cast("Kind", kind) if is_kind_of(kind, measure.unit) else None,
        cast("Rules", rules) if rules in RULE_NAMES else None,
    )


def _adds_up(measure: Measure) -> bool:
    """Whether it has a start and an end of its own."""
    return measure.project_id is not None and measure.comparison_of is None


def _ways(request: web.Request, measure: Measure, chart: MeasureChart) -> dict[str, Any]:
    """The other ways to chart it, as addresses; those that few need stand behind 'more'."""
    if chart.chosen is None:
        return {}
    now = {"chart": chart.chosen.chart.kind, "rules": chart.chosen.chart.rules}
    page = request.app.router["measures.show"].url_for(id=str(measure.id))

    def way(name: str, value: str, label: str) -> dict[str, Any]:
        address = str(page.with_query({**now, name: value}))
        return {"label": label, "url": address, "current": now[name] == value}

    kinds = KINDS_OF_UNIT[measure.unit]
    return {
        "usual": [way("chart", kind, KIND_NAMES[kind]) for kind in kinds if kind not in BEHIND_MORE],
        "more": [way("chart", kind, KIND_NAMES[kind]) for kind in kinds if kind in BEHIND_MORE],
        "rules": [way("rules", rules, label) for rules, label in RULE_NAMES.items()],
        "differs": now != {"chart": measure.chart_kind, "rules": measure.run_rules},
    }


def _about(measure: Measure) -> dict[str, Any]:
    return {
        "kind": MEASURE_KINDS[measure.kind].label,
        "cadence": CADENCES[measure.cadence],
        "better": BETTER[measure.better],
        "vocabulary": MEASURES[measure.vocabulary],
    }


def _unit_words(measure: Measure) -> str:
    known = MEASURES[measure.vocabulary]
    return known.unit_label if measure.vocabulary != "other" else UNITS[measure.unit].label


def _number_row(measure: Measure, observation: Observed, catalogue: NullTranslations) -> dict[str, Any]:
    return {
        "observation": observation,
        "value": value_words(measure, observation.value),
        "parts": parts_words(measure, observation, catalogue),
        "reason": catalogue.gettext(observation.excluded_because) if observation.excluded_because else "",
    }


def _odd_points(
    measure: Measure, observations: Sequence[Observed], catalogue: NullTranslations
) -> list[dict[str, Any]]:
    """What was left out and why, and what stands though it is far from the rest; the newest first."""
    counted = [o for o in observations if o.value is not None and not o.excluded_because]
    bounds = bounds_of(measure.unit, measure.scale_low, measure.scale_high)
    found = screen_series([screened(o.value) for o in counted], lowest=bounds.low, highest=bounds.high)
    far = {counted[suspicion.index].period: suspicion.words.said(catalogue) for suspicion in found}
    return [
        {**_number_row(measure, observation, catalogue), "words": far.get(observation.period, "")}
        for observation in reversed(observations)
        if observation.excluded_because or observation.period in far
    ]
