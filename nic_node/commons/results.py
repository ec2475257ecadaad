"""All published results of one practice together: the first school's and every replication, failures included.

Pure. Every number is computed from what the records print. A pseudonym counts once a practice: in the ledger the
newest of its records stands for it; in the pool its results are combined first, but for those that it corrected.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from nic_node.evidence.effects import MeasuredEffect, Outcome, effect_from_points, outcome_of
from nic_node.evidence.practice_pool import PracticePool, Result, Site, pool_practices
from nic_node.mirror.read import LivingRecord

Payload = Mapping[str, Any]
Bands = Mapping[str, str]

DECISION_IDS = ("adopt", "adapt", "abandon")


@dataclass(frozen=True, slots=True)
class PublishedResult:
    """What one school published about the practice.

    Attributes:
        bands: its context class, {} where none left the school.
        measure: the one of its measures that the results are compared on, else its own main one; None without numbers.
    """

    record: LivingRecord
    bands: Bands
    measure: Payload | None
    measured: MeasuredEffect | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Directions:
    """How many results say what; `untold` ones were described only."""

    better: int = 0
    unchanged: int = 0
    worse: int = 0
    cannot_tell: int = 0
    untold: int = 0

    @property
    def told(self) -> int:
        return self.better + self.unchanged + self.worse + self.cannot_tell

    def document(self) -> dict[str, int]:
        return {
            "better": self.better,
            "no-clear-change": self.unchanged,
            "worse": self.worse,
            "cannot-tell": self.cannot_tell,
            "untold": self.untold,
        }


@dataclass(frozen=True, slots=True)
class PracticeEvidence:
    """The results in log order, one an author, the practice's own first.

    `published` holds an author's earlier results too, which the pool combines with its newest. `outcome` is what
    they are compared on, None where no record prints numbers; then there is no `pool` either.
    """

    results: tuple[PublishedResult, ...]
    published: tuple[PublishedResult, ...]
    outcome: Outcome | None
    pool: PracticePool | None
    directions: Directions

    @property
    def own(self) -> PublishedResult:
        return self.results[0]

    @property
    def replications(self) -> tuple[PublishedResult, ...]:
        return self.results[1:]

    def decided(self, decision: str) -> int:
        """How many results ended with this decision: adopt, adapt or abandon."""
        return sum(result.record.payload["decision"] == decision for result in self.results)


def build_evidence(
    practice: LivingRecord, replications: Sequence[LivingRecord], bands: Mapping[str, Bands]
) -> PracticeEvidence:
    """Put a practice's results together.

    Args:
        practice: the practice.
        replications: in log order.
        bands: record id -> context class of the records that show one.
    """
    return build_evidence_of_all([(practice, replications)], bands)[0]


def build_evidence_of_all(
    practices: Sequence[tuple[LivingRecord, Sequence[LivingRecord]]], bands: Mapping[str, Bands]
) -> list[PracticeEvidence]:
    """The same of many practices, each with its replications; all are pooled in one go."""
    gathered = [_gathered(practice, replications, bands) for practice, replications in practices]
    asked = [(_measured(found.published), found.outcome) for found in gathered if found.outcome is not None]
    pools = iter(pool_practices(asked))
    return [found if found.outcome is None else replace(found, pool=next(pools)) for found in gathered]


def _gathered(
    practice: LivingRecord, replications: Sequence[LivingRecord], bands: Mapping[str, Bands]
) -> PracticeEvidence:
    """All but the pool."""
    others = _not_corrected([record for record in replications if record.jkt != practice.jkt])
    records = [practice, *_newest_by_author(others)]
    outcome = _outcome(records)
    published = tuple(_published(record, outcome, bands.get(record.record_id, {})) for record in (practice, *others))
    newest = {record.record_id for record in records}
    results = tuple(result for result in published if result.record.record_id in newest)
    return PracticeEvidence(results, published, outcome, None, _directions(records))


def site_result(site: Site, evidence: PracticeEvidence) -> PublishedResult:
    """What stands for a site: the newest of its author's results that could be pooled."""
    newest = site.results[-1].record
    return next(result for result in evidence.published if result.record.record_id == newest)


def main_measure(payload: Payload) -> Payload | None:
    """The measure that the aim names, else the first outcome, else the first; None without measures."""
    measures: Sequence[Payload] = payload.get("measures", ())
    aimed = payload.get("aim", {}).get("measure")
    outcomes = [measure for measure in measures if measure["kind"] == "outcome"]
    for measure in (*outcomes, *measures):
        if measure["measure"] == aimed:
            return measure
    return next(iter((*outcomes, *measures)), None)


def _not_corrected(replications: Sequence[LivingRecord]) -> list[LivingRecord]:
    """Without those that a later record of the same author replaces, though their retraction is still to come."""
    corrected = {(record.jkt, record.payload.get("supersedes")) for record in replications}
    return [record for record in replications if (record.jkt, record.record_id) not in corrected]


def _newest_by_author(replications: Sequence[LivingRecord]) -> list[LivingRecord]:
    return list({record.jkt: record for record in replications}.values())


def _outcome(records: Sequence[LivingRecord]) -> Outcome | None:
    """That of the first record with numbers: the practice's own where it prints any."""
    mains = (main_measure(record.payload) for record in records)
    return next((outcome_of(measure) for measure in mains if measure is not None), None)


def _published(record: LivingRecord, outcome: Outcome | None, bands: Bands) -> PublishedResult:
    compared = (measure for measure in record.payload.get("measures", ()) if outcome_of(measure) == outcome)
    measure = next(compared, None) or main_measure(record.payload)
    return PublishedResult(record, bands, measure, effect_from_points(measure) if measure is not None else None)


def _measured(results: Sequence[PublishedResult]) -> list[Result]:
    return [
        Result(result.record.record_id, result.record.jkt, result.measured) for result in results if result.measured
    ]


def _directions(records: Sequence[LivingRecord]) -> Directions:
    words = [record.payload.get("direction") for record in records]
    return Directions(
        better=words.count("better"),
        unchanged=words.count("no-clear-change"),
        worse=words.count("worse"),
        cannot_tell=words.count("cannot-tell"),
        untold=words.count(None),
    )
