"""The family tree of a practice in words and as a drawing: who tried it, what was kept, what changed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from gettext import NullTranslations
from typing import Any

from nic_node.charts.family import Branch, family_svg, step_mark
from nic_node.charts.frame import decision_mark
from nic_node.charts.words import number_word
from nic_node.commons.draw import Drawing, result_label
from nic_node.commons.results import Payload, PracticeEvidence, PublishedResult
from nic_node.commons.terms import term_words
from nic_node.evidence.sentence import Sentence
from nic_node.i18n import N_
from schemas.vocab import DECISIONS

NOT_TOLD = N_("not told")


def draw_family(
    evidence: PracticeEvidence, terms: Mapping[str, datetime], catalogue: NullTranslations
) -> tuple[Drawing, list[dict[str, Any]]] | None:
    """The tree and its key; None where nobody has tried it yet."""
    copies = evidence.replications
    if not copies:
        return None
    payload = evidence.own.record.payload
    steps, core = len(payload.get("steps", ())), set(payload.get("core", ()))
    branches = [_branch(result, evidence, terms, catalogue) for result in copies]
    title = catalogue.gettext(N_("The family of this practice"))
    says = _says(evidence, core, catalogue)
    wide, narrow = (
        family_svg(title, says, branches, steps=steps, core=core, size=size, catalogue=catalogue)
        for size in ("wide", "narrow")
    )
    columns = [
        catalogue.gettext(word) for word in (N_("Where"), N_("When"), N_("Steps kept"), N_("Changed"), N_("Decision"))
    ]
    rows = [_row(result, evidence, terms, steps, catalogue) for result in copies]
    return Drawing(title, says, wide, narrow, columns, rows), _key(branches, catalogue)


def kept_of(result: PublishedResult, evidence: PracticeEvidence) -> Sequence[int] | None:
    """Which steps of the practice a school kept; None where it does not say, or tried another version of them."""
    payload = result.record.payload
    if payload.get("origin") != evidence.own.record.record_id or "kept" not in payload:
        return None
    return tuple(payload["kept"])


def _says(evidence: PracticeEvidence, core: set[int], catalogue: NullTranslations) -> str:
    copies = evidence.replications
    told = [kept for result in copies if (kept := kept_of(result, evidence)) is not None]
    tried = N_("{count} results of others.") if len(copies) > 1 else N_("{count} result of another school.")
    said = Sentence(tried, {"count": number_word(len(copies))}).said(catalogue)
    parts = [said[:1].upper() + said[1:]]
    if core and told:
        whole = sum(core <= set(kept) for kept in told)
        words = {"whole": whole, "told": len(told)}
        parts.append(Sentence(N_("{whole} of {told} kept every core step."), words).said(catalogue))
    changed = sum(bool(result.record.payload.get("changed")) for result in copies)
    parts.append(Sentence(N_("{changed} changed something."), {"changed": changed}).said(catalogue))
    return " ".join(parts)


def _branch(
    result: PublishedResult, evidence: PracticeEvidence, terms: Mapping[str, datetime], catalogue: NullTranslations
) -> Branch:
    when = _when(result, terms, catalogue)
    changes = _changes(result.record.payload)
    sublabel = "; ".join(changes) if changes else catalogue.gettext(N_("nothing changed"))
    return Branch(
        label=" · ".join(part for part in (result_label(result, evidence, catalogue), when) if part),
        sublabel=sublabel,
        decision=result.record.payload["decision"],
        kept=kept_of(result, evidence),
    )


def _row(
    result: PublishedResult,
    evidence: PracticeEvidence,
    terms: Mapping[str, datetime],
    steps: int,
    catalogue: NullTranslations,
) -> list[object]:
    kept = kept_of(result, evidence)
    said = catalogue.gettext(NOT_TOLD)
    if kept is not None:
        numbers = ", ".join(str(step + 1) for step in kept)
        said = Sentence(N_("{count} of {all}: {numbers}"), {"count": len(kept), "all": steps, "numbers": numbers}).said(
            catalogue
        )
    changes = "; ".join(_changes(result.record.payload)) or "\N{EN DASH}"
    decision = catalogue.gettext(DECISIONS[result.record.payload["decision"]].label)
    return [result_label(result, evidence, catalogue), _when(result, terms, catalogue), said, changes, decision]


def _when(result: PublishedResult, terms: Mapping[str, datetime], catalogue: NullTranslations) -> str:
    starts = terms.get(result.record.record_id)
    return term_words(starts, catalogue) if starts else ""


def _changes(payload: Payload) -> list[str]:
    return [change["what"] for change in payload.get("changed", ())]


def _key(branches: Sequence[Branch], catalogue: NullTranslations) -> list[dict[str, Any]]:
    words = {"adopt": N_("adopted"), "adapt": N_("adapted"), "abandon": N_("abandoned")}
    seen = {branch.decision for branch in branches}
    marks = [("".join(decision_mark(decision, 7, 7)), words[decision]) for decision in words if decision in seen]
    if any(branch.kept is not None for branch in branches):
        marks += [(step_mark("ch-kept"), N_("step kept")), (step_mark("ch-dropped"), N_("step left out"))]
    head = '<svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">'
    return [{"svg": f"{head}{mark}</svg>", "label": catalogue.gettext(label)} for mark, label in marks]
