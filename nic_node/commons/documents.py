"""Practices as JSON: what the API answers and `nic practice` prints."""

from collections.abc import Mapping
from gettext import NullTranslations
from typing import Any

from nic_node.commons.context_words import context_words
from nic_node.commons.for_whom import for_whom
from nic_node.commons.ledger import ledger_of, total_of
from nic_node.commons.practice import PracticeView
from nic_node.commons.research.read import Entry
from nic_node.commons.results import PracticeEvidence, PublishedResult
from nic_node.commons.search import Found, Hit
from nic_node.evidence.practice_pool import PracticePool
from nic_node.evidence.sentence import ENGLISH
from nic_node.evidence.similarity import Similarity
from nic_node.mirror.read import LivingRecord


def record_document(record: LivingRecord) -> dict[str, Any]:
    """A record in a list."""
    payload = record.payload
    return {
        "record": record.record_id,
        "kind": record.kind,
        "network": record.network,
        "index": record.index,
        "epoch": record.epoch,
        "is_final": record.is_final,
        "title": payload["title"],
        "summary": payload["idea"].get("summary", ""),
        "rung": payload["rung"],
        "direction": payload.get("direction"),
        "decision": payload["decision"],
    }


def found_document(found: Found, catalogue: NullTranslations = ENGLISH) -> dict[str, Any]:
    return {
        "items": [_hit(hit, catalogue) for hit in found.hits],
        "total": found.total,
        "practices": found.shelf,
        "page": found.page,
        "pages": found.pages,
        "upto": found.upto,
        "facets": found.facets,
        "relax": found.relax,
        "fewer": found.fewer,
        "understood": {
            "q": found.search.words,
            "like": found.search.like,
            "chosen": {facet: list(values) for facet, values in found.search.chosen.items()},
            "notes": [note.said(catalogue) for note in found.notes],
        },
        "instead": found.instead or None,
    }


def compared_document(hit: Hit, catalogue: NullTranslations = ENGLISH) -> dict[str, Any]:
    """A practice beside others."""
    evidence = hit.evidence
    return {
        **_hit(hit, catalogue),
        "payload": hit.record.payload,
        "context_words": context_words(evidence.own.bands, catalogue),
        **{f"{decision}ed": evidence.decided(decision) for decision in ("adopt", "adapt", "abandon")},
    }


def entry_document(entry: Entry) -> dict[str, Any]:
    """A recommendation of research."""
    return {
        "id": entry.id,
        "title": entry.title,
        "payload": dict(entry.payload),
        "guide": entry.guide,
        "year": entry.year,
        "recommendation": entry.recommendation,
        "level": entry.level,
    }


def view_document(view: PracticeView, catalogue: NullTranslations = ENGLISH) -> dict[str, Any]:
    inclusion = view.inclusion
    return {
        **record_document(view.record),
        "pseudonym": view.record.jkt,
        "payload": view.record.payload,
        "context": dict(view.bands),
        "context_words": context_words(view.bands, catalogue),
        "similarity": similarity_document(view.likeness, catalogue),
        "inclusion": None
        if inclusion is None
        else {
            "index": inclusion.index,
            "size": inclusion.size,
            "root": inclusion.root,
            "is_final": inclusion.is_final,
            "is_witnessed": inclusion.is_witnessed,
        },
        "alarm": view.alarm or None,
        "lineage": {
            "origin": view.record.payload.get("origin"),
            "replications": [result.record.record_id for result in view.evidence.replications],
            "origin_gone": view.origin_gone or None,
            "of_earlier_version": view.is_of_earlier,
        },
        "versions": [
            {
                "record": version.record_id,
                "state": version.state,
                "reason": version.reason,
                "changed": None if version.changed is None else list(version.changed),
                "epoch": version.came_in,
            }
            for version in view.history
        ],
        "started": list(view.started),
        "forecast": view.forecast and view.forecast.document(),
    }


def evidence_document(evidence: PracticeEvidence, catalogue: NullTranslations = ENGLISH) -> dict[str, Any]:
    """The ledger, and what the results say together."""
    total = total_of(evidence)
    outcome = evidence.outcome
    return {
        "record": evidence.own.record.record_id,
        "tried": total.tried,
        **{f"{decision}ed": total.decisions[decision] for decision in ("adopt", "adapt", "abandon")},
        "replications": len(evidence.replications),
        "directions": evidence.directions.document(),
        "ledger": [row.document() for row in ledger_of(evidence, catalogue)],
        "outcome": outcome and {"measure": outcome.measure, "window": outcome.window, "better": outcome.better},
        "pool": pool_document(evidence.pool),
        "for_whom": for_whom(evidence).document(),
        "why_none": evidence.pool.why_none.said(catalogue) if evidence.pool and evidence.pool.why_none else None,
        "results": [_result(result, evidence, catalogue) for result in evidence.results],
    }


def pool_document(pool: PracticePool | None) -> dict[str, Any] | None:
    """REML with the Hartung-Knapp interval that is never narrower by luck, and the next site by t(k - 2)."""
    if pool is None or pool.pooled is None:
        return None
    pooled = pool.pooled
    return {
        "k": pool.k,
        "estimate": pooled.estimate,
        "ci": pooled.ci,
        "pi": pooled.pi,
        "tau2": pooled.tau2,
        "i2": pooled.i2,
    }


def similarity_document(likeness: Similarity, catalogue: NullTranslations = ENGLISH) -> dict[str, Any]:
    alike, different = likeness.said(catalogue)
    return {
        "comparable": likeness.comparable,
        "distance": likeness.distance,
        "alike": alike,
        "different": different,
        "parts": [
            {
                "attribute": part.attribute,
                "weight": part.weight,
                "distance": part.distance,
                "words": part.words.said(catalogue),
            }
            for part in likeness.parts
        ],
    }


def _hit(hit: Hit, catalogue: NullTranslations) -> dict[str, Any]:
    return {
        **record_document(hit.record),
        "similarity": similarity_document(hit.likeness, catalogue),
        "directions": hit.evidence.directions.document(),
        "pool": pool_document(hit.evidence.pool),
        "tried": len(hit.evidence.results),
        "started": hit.started,
    }


def _result(result: PublishedResult, evidence: PracticeEvidence, catalogue: NullTranslations) -> dict[str, Any]:
    measured = result.measured
    effect: Mapping[str, Any] | None = None
    if measured is not None and measured.effect is not None:
        effect = {"estimate": measured.effect.estimate, "se": measured.effect.se, "ci": measured.effect.ci}
    left_out = {left.result.record: left.why for left in (evidence.pool.left_out if evidence.pool else ())}
    why = left_out.get(result.record.record_id)
    return {
        "record": result.record.record_id,
        "context": context_words(result.bands, catalogue),
        "decision": result.record.payload["decision"],
        "rung": result.record.payload["rung"],
        "direction": result.record.payload.get("direction"),
        "effect": effect,
        "left_out": why.said(catalogue) if why else None,
        "kept": result.record.payload.get("kept"),
        "changed": result.record.payload.get("changed", []),
    }
