"""Gather a practice's results and their contexts from the mirror."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.commons.results import PracticeEvidence, build_evidence
from nic_node.membership.documents import document_of
from nic_node.mirror.read import LivingRecord, referring_to
from nic_node.mirror.versions import version_ids_of

ClassKey = tuple[str, str]
"""(sha256 of the lattice, id of the class in it)."""


async def evidence_of(session: AsyncSession, practice: LivingRecord) -> PracticeEvidence:
    """The practice's results: its own and its replications, also of its corrected versions."""
    versions = await version_ids_of(session, [practice.record_id])
    replications = (await replications_of(session, versions))[practice.record_id]
    bands = await bands_of(session, [practice, *replications])
    return build_evidence(practice, replications, bands)


async def replications_of(
    session: AsyncSession, versions: Mapping[str, Collection[str]]
) -> dict[str, list[LivingRecord]]:
    """Practice -> its replications in log order, by all of its `versions`; of several of one replication the newest."""
    everything = await referring_to(
        session, {each for of in versions.values() for each in of}, kind="replication", name="origin"
    )
    return by_practice(everything, versions)


def by_practice(
    replications: Iterable[LivingRecord], versions: Mapping[str, Collection[str]]
) -> dict[str, list[LivingRecord]]:
    """As `replications_of`, of records that were read."""
    by_target: dict[str, list[LivingRecord]] = {}
    for record in replications:
        by_target.setdefault(record.payload["origin"], []).append(record)
    found = {}
    for practice, of in versions.items():
        records = [record for version in of for record in by_target.get(version, ())]
        replaced = {record.payload.get("supersedes") for record in records}
        living = [record for record in records if record.record_id not in replaced]
        found[practice] = sorted(living, key=lambda record: (record.origin, record.index))
    return found


async def bands_of(session: AsyncSession, records: Iterable[LivingRecord]) -> dict[str, Mapping[str, str]]:
    """Record id -> its context class, for the records that show one."""
    shown = list(records)
    return bands_by_record(shown, await classes_of(session, class_keys(shown)))


def class_keys(records: Iterable[LivingRecord]) -> set[ClassKey]:
    return {key for record in records if (key := class_key(record.payload)) is not None}


def bands_by_record(
    records: Iterable[LivingRecord], classes: Mapping[ClassKey, Mapping[str, str]]
) -> dict[str, Mapping[str, str]]:
    keys = {record.record_id: class_key(record.payload) for record in records}
    return {record_id: classes[key] for record_id, key in keys.items() if key is not None and key in classes}


async def classes_of(session: AsyncSession, keys: Iterable[ClassKey]) -> dict[ClassKey, Mapping[str, str]]:
    """Context classes by lattice and id; those whose lattice this node lacks are left out."""
    wanted = set(keys)
    found: dict[ClassKey, Mapping[str, str]] = {}
    for sha256 in sorted({lattice for lattice, _ in wanted}):
        lattice = await document_of(session, sha256) or {"classes": ()}
        found |= {(sha256, known["id"]): known["bands"] for known in lattice["classes"]}
    return {key: bands for key, bands in found.items() if key in wanted}


def class_key(payload: Mapping[str, Any]) -> ClassKey | None:
    context = payload.get("context")
    return (context["lattice_sha256"], context["class"]) if context else None
