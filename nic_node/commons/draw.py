"""The drawings of a practice's page, and what they say: bands of one result, the forest of all."""

from collections.abc import Sequence
from dataclasses import dataclass
from gettext import NullTranslations

from nic_node.charts.bands import bands_svg
from nic_node.charts.forest import ForestRow, effect_words, forest_svg
from nic_node.charts.printed import band_unit, bands_of, start_to_end, value_words
from nic_node.charts.scale import told
from nic_node.charts.words import number_word, pool_says
from nic_node.commons.context_words import context_words, keep_percents, place_words
from nic_node.commons.for_whom import ForWhom
from nic_node.commons.results import Payload, PracticeEvidence, PublishedResult, site_result
from nic_node.evidence.practice_pool import PracticePool, Site
from nic_node.evidence.sentence import Sentence
from nic_node.i18n import N_
from schemas.vocab import DECISIONS, MEASURES, OTHER, POINTS_AT

FOLLOW_UPS = ("day-90", "day-135")


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart as `chart.figure` takes it; `wide` is '' where there is nothing to draw."""

    title: str
    says: str
    wide: str
    narrow: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]


def measure_name(measure: Payload, catalogue: NullTranslations) -> str:
    if measure["measure"] == OTHER:
        return str(measure["label"])
    return keep_percents(catalogue.gettext(MEASURES[measure["measure"]].label))


def draw_bands(measure: Payload, catalogue: NullTranslations) -> Drawing:
    """What one school printed of a measure; a count of events gets its table only."""
    name = measure_name(measure, catalogue)
    bands = bands_of(measure, catalogue=catalogue)
    says = start_to_end(measure, catalogue=catalogue)
    unit = band_unit(measure)
    wide, narrow = (
        (bands_svg(name, says, bands, unit=unit), bands_svg(name, says, bands, unit=unit, size="narrow"))
        if bands
        else ("", "")
    )
    columns = [catalogue.gettext(word) for word in (N_("When"), N_("With the change"))]
    others = {point["at"]: value_words(point) for point in measure.get("comparison", ())}
    if others:
        last_year = measure["design"] == "season-comparison"
        columns.append(catalogue.gettext(N_("Last year") if last_year else N_("Without")))
    rows = [
        [
            catalogue.gettext(POINTS_AT[point["at"]].label),
            value_words(point),
            *([others.get(point["at"], "\N{EN DASH}")] if others else ()),
        ]
        for point in measure["points"]
    ]
    return Drawing(name, _bands_says(measure, name, catalogue), wide, narrow, columns, rows)


def follow_ups(measure: Payload, catalogue: NullTranslations) -> list[str]:
    """Did it hold? 'Day 90: 20-24 %', for the follow-ups that were published."""
    return [
        f"{catalogue.gettext(POINTS_AT[point['at']].label)}: {value_words(point)}"
        for point in measure["points"]
        if point["at"] in FOLLOW_UPS
    ]


def draw_forest(evidence: PracticeEvidence, found: ForWhom, catalogue: NullTranslations) -> Drawing | None:
    """The results that can be compared, with the pooled diamond where there are three; None without any."""
    pool = evidence.pool
    if pool is None or not pool.sites:
        return None
    rows = [_forest_row(site, evidence, catalogue) for site in pool.sites]
    title = forest_title(pool, catalogue)
    says = pool_says(pool, catalogue)
    wide, narrow = (
        forest_svg(title, says, rows, pooled=pool.pooled, size=size, catalogue=catalogue) for size in ("wide", "narrow")
    )
    columns = [
        catalogue.gettext(word)
        for word in (N_("Context"), N_("Printed, start to end"), N_("Effect (95\u202f% interval)"), N_("Decision"))
    ]
    table = _result_rows(evidence, pool, catalogue)
    if found.without:
        columns.append(catalogue.gettext(N_("Together without it")))
        others = [*(told(effect, 2) for effect in found.without), "", ""]
        table = [[*row, other] for row, other in zip(table, others, strict=False)]
    return Drawing(title, says, wide, narrow, columns, table)


def forest_title(pool: PracticePool, catalogue: NullTranslations) -> str:
    """'Three results together'; under three they only stand beside each other."""
    if pool.pooled is None:
        return catalogue.gettext(N_("The results so far"))
    said = Sentence(N_("{count} results together"), {"count": number_word(pool.k)}).said(catalogue)
    return said[:1].upper() + said[1:]


def result_label(result: PublishedResult, evidence: PracticeEvidence, catalogue: NullTranslations) -> str:
    """Its kind of school; the first one says that it is the first."""
    words = context_words(result.bands, catalogue)
    if result is not evidence.own:
        return words
    return Sentence(N_("{context} (the first school)"), {"context": words}).said(catalogue)


def _bands_says(measure: Payload, name: str, catalogue: NullTranslations) -> str:
    points = {point["at"]: point for point in measure["points"]}
    n = points.get("end", {}).get("n")
    better = MEASURES[measure["measure"]].better if measure["measure"] != OTHER else measure["better"]
    direction = N_("Lower is better") if better == "down" else N_("Higher is better")
    if n is None:
        return f"{name}. {catalogue.gettext(direction)}."
    values = {"name": name, "direction": Sentence(direction), "n": n}
    return Sentence(N_("{name}. {direction}; n about {n}."), values).said(catalogue)


def _forest_row(site: Site, evidence: PracticeEvidence, catalogue: NullTranslations) -> ForestRow:
    result = site_result(site, evidence)
    assert result.measure is not None
    return ForestRow(
        label=context_words(result.bands, catalogue),
        sublabel=start_to_end(result.measure, catalogue=catalogue),
        estimate=site.effect.estimate,
        interval=site.effect.ci,
        weight=site.weight,
        short_label=place_words(result.bands, catalogue),
    )


def _result_rows(evidence: PracticeEvidence, pool: PracticePool, catalogue: NullTranslations) -> list[list[object]]:
    rows: list[list[object]] = []
    for site in pool.sites:
        result = site_result(site, evidence)
        decision = DECISIONS[result.record.payload["decision"]].label
        rows.append(
            [
                result_label(result, evidence, catalogue),
                start_to_end(result.measure or {"points": (), "unit": ""}, catalogue=catalogue),
                effect_words(site.effect.estimate, site.effect.ci, catalogue),
                catalogue.gettext(decision),
            ]
        )
    if pool.pooled is not None:
        rows.append(
            [catalogue.gettext(N_("Together")), "", effect_words(pool.pooled.estimate, pool.pooled.ci, catalogue), ""]
        )
        if pool.pooled.pi:
            rows.append(
                [
                    catalogue.gettext(N_("Next school, likely")),
                    "",
                    effect_words(None, pool.pooled.pi, catalogue),
                    "",
                ]
            )
    return rows
