"""The ledger of a practice: who tried it, in what kind of school, and what they decided. Failures stand in it too."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from gettext import NullTranslations
from typing import Any

from nic_node.commons.context_words import place_words
from nic_node.commons.results import DECISION_IDS, PracticeEvidence, PublishedResult
from nic_node.evidence.sentence import ENGLISH


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One kind of school; `decisions` counts adopt, adapt, abandon."""

    context: str
    tried: int
    decisions: dict[str, int]

    def document(self) -> dict[str, Any]:
        return {"context": self.context, "tried": self.tried, **self.decisions}


def ledger_of(evidence: PracticeEvidence, catalogue: NullTranslations = ENGLISH) -> list[LedgerRow]:
    """By kind of school, where it was tried most first."""
    by_context: dict[str, list[PublishedResult]] = {}
    for result in evidence.results:
        by_context.setdefault(place_words(result.bands, catalogue), []).append(result)
    rows = [_row(context, results) for context, results in by_context.items()]
    return sorted(rows, key=lambda row: (-row.tried, row.context))


def total_of(evidence: PracticeEvidence) -> LedgerRow:
    return _row("", evidence.results)


def _row(context: str, results: Sequence[PublishedResult]) -> LedgerRow:
    counts = Counter(result.record.payload["decision"] for result in results)
    return LedgerRow(context, len(results), {decision: counts[decision] for decision in DECISION_IDS})
