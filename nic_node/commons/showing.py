"""What a practice's page shows, in words and drawings, from what its records print."""

from collections import Counter
from collections.abc import Sequence
from gettext import NullTranslations
from typing import Any

from nic_node.charts.printed import start_to_end
from nic_node.commons.context_words import context_words, grades_words, lower_first
from nic_node.commons.draw import draw_bands, draw_forest, follow_ups, result_label
from nic_node.commons.family import draw_family
from nic_node.commons.for_whom import along_words, class_rows, for_whom, without_words
from nic_node.commons.ledger import ledger_of, total_of
from nic_node.commons.my_forecast import forecast_words
from nic_node.commons.practice import PracticeView
from nic_node.commons.results import Payload, PracticeEvidence, PublishedResult
from nic_node.commons.terms import term_words, terms_words
from nic_node.evidence.effects import ESSA_TIER, what_would_raise
from nic_node.evidence.practice_pool import FEWEST_SITES
from nic_node.evidence.sentence import Sentence
from nic_node.evidence.similarity import Similarity
from nic_node.i18n import N_
from schemas.vocab import (
    COST_BANDS,
    DESIGNS,
    DIRECTIONS,
    MATERIAL_KINDS,
    ROLES,
    RUNGS,
    SEASONS,
    STAFF_TIME_BANDS,
    SUPPORTS,
)

# How like mine, by the distance of similarity.py: the farthest of each.
CLOSENESS = (
    (0.05, N_("Very much like yours")),
    (0.20, N_("Much like yours")),
    (0.45, N_("Somewhat like yours")),
)
FARTHEST = N_("Not much like yours")
ANOTHER_KIND = N_("Another kind of school")
NOT_TOLD = N_("Can't be told")

ENDED = {
    "adopt": N_("The school adopted it: it goes on as it was tried."),
    "adapt": N_("The school adapted it: it goes on in a changed form."),
    "abandon": N_("The school abandoned it after the project."),
}
CHANGED_PARTS = {
    "numbers": N_("numbers"),
    "how-to": N_("how to do it"),
    "words": N_("wording"),
    "decision": N_("decision"),
    "context": N_("context"),
}
ERASED = {
    "corrected": N_("its text is erased"),
    "withdrawn": N_("withdrawn, its text is erased"),
    "moderated": N_("taken down by the network"),
}
AIMS = {
    "reached": N_("The aim was reached."),
    "partly": N_("The aim was partly reached."),
    "not": N_("The aim was not reached."),
}


def showing_values(view: PracticeView, catalogue: NullTranslations) -> dict[str, Any]:
    """Everything that commons/show.html needs."""
    payload = view.record.payload
    return {
        "view": view,
        "record": view.record,
        "title": payload["title"],
        "rung": payload["rung"],
        "summary": payload["idea"].get("summary", ""),
        "statement": payload["problem"].get("statement", ""),
        "conditions": payload.get("conditions", ""),
        "direction": payload.get("direction"),
        "direction_says": DIRECTIONS[payload["direction"]].definition if "direction" in payload else "",
        "kept": payload.get("kept", ()),
        "origin_steps": _origin_steps(view),
        "changed": [(change["what"], change.get("why", "")) for change in payload.get("changed", ())],
        "lessons": lessons_of(payload, catalogue),
        "lede": _lede(view, catalogue),
        "facts": facts_of(payload, catalogue),
        "steps": steps_of(payload, catalogue),
        "materials": [
            {
                "title": material["title"],
                "kind": catalogue.gettext(MATERIAL_KINDS[material["kind"]].label),
                "lines": material["text"].split("\n"),
            }
            for material in payload.get("materials", ())
        ],
        "supports": ", ".join(catalogue.gettext(SUPPORTS[support].label) for support in payload.get("supports", ())),
        "history": _history(view, catalogue),
        "ended": catalogue.gettext(ENDED[payload["decision"]]),
        "aim_result": catalogue.gettext(AIMS[payload["aim_result"]]) if "aim_result" in payload else "",
        "measures": [_measure(measure, catalogue) for measure in payload.get("measures", ())],
        "mine": _mine(view.likeness, catalogue),
        "forecast": forecast_words(view.forecast, view.evidence, catalogue) if view.forecast else None,
        "sure": _how_sure(view.evidence, catalogue),
        **_results(view, catalogue),
    }


def _origin_steps(view: PracticeView) -> list[tuple[str, bool, bool]]:
    """Of a replication: what each step of the practice says, whether it was kept, and whether it is core."""
    if view.origin is None or view.is_of_earlier or "kept" not in view.record.payload:
        return []
    kept, core = set(view.record.payload["kept"]), set(view.origin.payload.get("core", ()))
    return [
        (step["does"], index in kept, index in core) for index, step in enumerate(view.origin.payload.get("steps", ()))
    ]


def closeness(likeness: Similarity) -> str:
    """The distance in words."""
    if not likeness.comparable:
        return ANOTHER_KIND
    if likeness.distance is None:
        return NOT_TOLD
    return next((words for most, words in CLOSENESS if likeness.distance <= most), FARTHEST)


def _history(view: PracticeView, catalogue: NullTranslations) -> list[str]:
    """A line a version where there are several: when it came, what it changed; never what stood there before."""
    return [] if len(view.history) == 1 else [_version(view, place, catalogue) for place in range(len(view.history))]


def _version(view: PracticeView, place: int, catalogue: NullTranslations) -> str:
    version = view.history[place]
    came = view.epochs.get(version.came_in) if version.came_in is not None else None
    values: dict[str, Any] = {
        "place": place + 1,
        "all": len(view.history),
        "term": term_words(came, catalogue) if came else "",
    }
    first = N_("shared in {term}") if came else N_("shared")
    later = N_("corrected in {term}") if came else N_("corrected")
    said = Sentence(later if place else first, values).said(catalogue)
    parts = [catalogue.gettext(CHANGED_PARTS[code]) for code in version.changed or ()]
    which = Sentence(N_("version {place} of {all}"), values).said(catalogue)
    ended = "" if version.is_living else catalogue.gettext(ERASED.get(version.reason or "", N_("not shown")))
    told = f"{said}: {', '.join(parts)}" if parts else said
    return "; ".join(part for part in (told[:1].upper() + told[1:], which, ended) if part)


def _lede(view: PracticeView, catalogue: NullTranslations) -> str:
    payload = view.record.payload
    started = view.terms.get(view.record.record_id)
    parts = [
        catalogue.gettext(N_("By an approved member, unnamed")),
        lower_first(context_words(view.bands, catalogue)) if view.bands else "",
        grades_words(payload["problem"].get("grade_bands"), catalogue),
        term_words(started, catalogue) if started else "",
    ]
    return " · ".join(part for part in parts if part)


def lessons_of(payload: Payload, catalogue: NullTranslations) -> list[tuple[str, str]]:
    said = payload.get("lessons", {})
    asked = (
        ("worked", N_("What worked")),
        ("would_change", N_("What they would change")),
        ("watch_out", N_("Watch out")),
    )
    return [(catalogue.gettext(label), said[name]) for name, label in asked if name in said]


def facts_of(payload: Payload, catalogue: NullTranslations) -> list[tuple[str, str]]:
    """Up to four of who, staff time, cost, how long; what is not told is left out."""
    roles = dict.fromkeys(step["who"] for step in payload.get("steps", ()) if "who" in step)
    who = ", ".join(lower_first(_label(ROLES, role, catalogue)) for role in roles)
    cost = payload.get("cost", {})
    facts = [
        (N_("Who does it"), who[:1].upper() + who[1:]),
        (N_("Staff time"), _label(STAFF_TIME_BANDS, cost.get("staff_time_band"), catalogue)),
        (N_("Cost of a project"), _label(COST_BANDS, cost.get("cost_band"), catalogue)),
        (N_("How much of it"), _dose(payload.get("dose", {}), catalogue)),
    ]
    return [(catalogue.gettext(label), value) for label, value in facts if value]


def _label(vocabulary: Any, entry_id: str | None, catalogue: NullTranslations) -> str:
    return catalogue.gettext(vocabulary[entry_id].label) if entry_id else ""


def _dose(dose: Payload, catalogue: NullTranslations) -> str:
    told = (
        ("weeks", N_("{number} weeks")),
        ("sessions_a_week", N_("{number} times a week")),
        ("minutes", N_("{number} min")),
    )
    parts = [Sentence(words, {"number": f"{dose[name]:g}"}).said(catalogue) for name, words in told if name in dose]
    return ", ".join(parts)


def steps_of(payload: Payload, catalogue: NullTranslations) -> list[dict[str, str]]:
    core = payload.get("core", ())
    steps = []
    for index, step in enumerate(payload.get("steps", ())):
        often = [step.get("how_often", "")]
        if "minutes" in step:
            often.append(Sentence(N_("{minutes} min"), {"minutes": step["minutes"]}).said(catalogue))
        who = lower_first(_label(ROLES, step.get("who"), catalogue))
        detail = " · ".join(part for part in (who, ", ".join(part for part in often if part)) if part)
        shown = {"text": step["does"], "detail": detail}
        if index in core:
            shown |= {"tag": catalogue.gettext(N_("Core")), "kind": "acc"}
        elif core:
            shown |= {"tag": catalogue.gettext(N_("Adaptable")), "kind": "line"}
        steps.append(shown)
    yours = catalogue.gettext(N_("yours to change"))
    adaptable = catalogue.gettext(N_("Adaptable"))
    steps += [
        {"text": part["what"], "detail": yours, "tag": adaptable, "kind": "line"}
        for part in payload.get("adaptable", ())
    ]
    return steps


def _measure(measure: Payload, catalogue: NullTranslations) -> dict[str, Any]:
    other = start_to_end(measure, series="comparison", catalogue=catalogue)
    return {
        "drawing": draw_bands(measure, catalogue),
        "unit": measure["unit"],
        "start_to_end": start_to_end(measure, catalogue=catalogue),
        "comparison": other,
        "design": measure["design"],
        "season": catalogue.gettext(SEASONS[measure["season"]].definition),
        "held": follow_ups(measure, catalogue),
    }


def _mine(likeness: Similarity, catalogue: NullTranslations) -> dict[str, Any]:
    return {
        "closeness": catalogue.gettext(closeness(likeness)),
        "alike": [words.said(catalogue) for words in likeness.alike],
        "different": [words.said(catalogue) for words in likeness.different],
        "stage": likeness.stage.said(catalogue) if likeness.stage else "",
        "known": bool(likeness.parts) and likeness.comparable,
    }


def _how_sure(evidence: PracticeEvidence, catalogue: NullTranslations) -> dict[str, Any]:
    payload = evidence.own.record.payload
    measured = [result.measured for result in evidence.results if result.measured is not None]
    designs = Counter(effect.design for effect in measured)
    wishes = list(dict.fromkeys(wish.said(catalogue) for effect in measured for wish in what_would_raise(effect)))
    k = evidence.pool.k if evidence.pool else 0
    if k < FEWEST_SITES:
        needed = {"count": FEWEST_SITES - k}
        wishes.append(Sentence(N_("more results that can be compared: {count} to go"), needed).said(catalogue))
    gap = evidence.own.measured.gap_words if evidence.own.measured else None
    return {
        "rung": payload["rung"],
        "rung_word": catalogue.gettext(RUNGS[payload["rung"]].label).lower(),
        "tier": ESSA_TIER,
        "designs": [
            Sentence(
                N_("{design}: {count} of {all} results"),
                {"design": Sentence(DESIGNS[design].label), "count": count, "all": len(evidence.results)},
            ).said(catalogue)
            for design, count in designs.most_common()
        ],
        "season": catalogue.gettext(SEASONS[evidence.own.measured.season].label) if evidence.own.measured else "",
        "gap": gap.said(catalogue) if gap else "",
        "wishes": wishes,
    }


def _results(view: PracticeView, catalogue: NullTranslations) -> dict[str, Any]:
    evidence = view.evidence
    found = for_whom(evidence)
    left_out = evidence.pool.left_out if evidence.pool else ()
    by_record = {result.record.record_id: result for result in evidence.results}
    return {
        "forest": draw_forest(evidence, found, catalogue),
        "without": without_words(found, evidence.pool, catalogue) if evidence.pool else "",
        "classes": class_rows(found, catalogue),
        "along": along_words(found, catalogue),
        "left_out": [
            (result_label(by_record[left.result.record], evidence, catalogue), left.why.said(catalogue))
            for left in left_out
        ],
        "ledger": ledger_of(evidence, catalogue),
        "total": total_of(evidence),
        "terms": terms_words(list(view.terms.values()), catalogue),
        "family": draw_family(evidence, view.terms, catalogue),
        "tries": [_try(result, evidence, catalogue) for result in evidence.replications],
    }


def _try(result: PublishedResult, evidence: PracticeEvidence, catalogue: NullTranslations) -> dict[str, Any]:
    """A replication as the lineage lists it: what it changed, what it decided, why."""
    payload = result.record.payload
    lessons = payload.get("lessons", {})
    changed: Sequence[Payload] = payload.get("changed", ())
    return {
        "record": result.record.record_id,
        "label": result_label(result, evidence, catalogue),
        "earlier": payload.get("origin") != evidence.own.record.record_id,
        "decision": payload["decision"],
        "changed": [change["what"] for change in changed],
        "lesson": lessons.get("worked") or lessons.get("would_change") or lessons.get("watch_out") or "",
    }
