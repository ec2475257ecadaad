"""Gather a practice's results and their contexts from the mirror."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.commons.results import PracticeEvidence, build_evidence
from nic_node.membership.documents import document_of
from nic_node.mirror.read import LivingRecord, referring
from nic_node.mirror.versions import version_ids

ClassKey = tuple[str, str]
"""(sha256 of the lattice, id of the class in it)."""


async def evidence_of(session: AsyncSession, practice: LivingRecord) -> PracticeEvidence:
    """The practice's results: its own and its replications, also of its corrected versions."""
    replications = await replications_of(session, practice)
    bands = await bands_of(session, [practice, *replications])
    return build_evidence(practice, replications, bands)


async def replications_of(session: AsyncSession, practice: LivingRecord) -> list[LivingRecord]:
    """In log order; of several versions of one replication the newest."""
    found = {
        record.record_id: record
        for version in await version_ids(session, practice.record_id)
        for record in await referring(session, version, name="origin")
    }
    replaced = {record.payload.get("supersedes") for record in found.values()}
    living = [record for record in found.values() if record.record_id not in replaced]
    return sorted(living, key=lambda record: (record.origin, record.index))


async def bands_of(session: AsyncSession, records: Iterable[LivingRecord]) -> dict[str, Mapping[str, str]]:
    """Record id -> its context class, for the records that show one."""
    keys = {record.record_id: class_key(record.payload) for record in records}
    classes = await classes_of(session, {key for key in keys.values() if key})
    return {record_id: classes[key] for record_id, key in keys.items() if key in classes}


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
