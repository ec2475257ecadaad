"""What a draft is held against: all that this school released before, the terms of that, and what is its own."""

from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.people import people_of
from nic_node.clock import day_at
from nic_node.disclosure.draft import Canary, Draft, Surroundings
from nic_node.disclosure.linked import Term
from nic_node.disclosure.released import Facts, Released, facts_of, load_facts
from nic_node.disclosure.snapshot import load_snapshot
from nic_node.disclosure.text.name_words import SCHOOL_WORDS
from nic_node.errors import NotFound
from nic_node.keyring.keys import every_kid
from nic_node.membership.documents import document_of
from nic_node.membership.local import LocalNode
from nic_node.mirror.epochs import EpochView, epochs_of, issued_in
from nic_node.publishing.directory import directory_schools
from nic_node.publishing.released import released_record
from nic_node.publishing.sealing import facts_context, open_document, seal_document
from nic_node.publishing.states import NOT_TAKEN_BACK, DraftState
from nic_node.publishing.tables import DraftRow, Release, RetractionRow
from nic_node.publishing.terms import Terms
from nic_node.school.profile.describe import profile_of_school

MAIL_FOR_ALL: Final = frozenset(
    {
        "gmail.com",
        "outlook.com",
        "hotmail.com",
        "yahoo.com",
        "icloud.com",
        "aol.com",
        "proton.me",
        "gmx.com",
        "live.com",
    }
)
"""Whose domain an address has says nothing here."""
LEAST_ID: Final = 5
"""A shorter id ('12') stands in many a text by chance."""
LEAST_WORDS: Final = 2
"""A school called by one word ('Lincoln') is left to the text stage, which looks at how the word is used."""


async def released_before(session: AsyncSession, node: LocalNode, row: DraftRow) -> tuple[Released, ...]:
    """Every practice and result that stood before this draft's next one, the oldest first; taken back or not."""
    of_projects = Release.project_id.is_not(None)
    chosen = select(Release).where(Release.voided_at.is_(None), of_projects).order_by(Release.id)
    if row.state == DraftState.APPROVED:
        own = select(func.max(Release.id)).where(Release.draft_id == row.id, Release.voided_at.is_(None))
        chosen = chosen.where(Release.id < own.scalar_subquery())
    releases = list(await session.scalars(chosen))
    taken = set(
        await session.scalars(select(RetractionRow.release_id).where(RetractionRow.state.not_in(NOT_TAKEN_BACK)))
    )
    return tuple(
        [
            Released(
                release_id=release.id,
                practice=release.project_id or 0,
                title=release.title,
                told_on=day_at(release.approved_at, node.config.time_zone),
                is_living=release.id not in taken,
                facts=await facts_of_release(session, node, release),
            )
            for release in releases
            if release.project_id is not None  # a flag tells of no group
        ]
    )


async def facts_of_release(session: AsyncSession, node: LocalNode, release: Release) -> Facts:
    """What a release told of groups; of one from before these were kept, from its draft, and rather too much."""
    if release.sealed_facts is not None:
        context = facts_context(release.record_sha256)
        return load_facts(open_document(node.operator_key, release.sealed_facts, context=context))
    draft = await session.get(DraftRow, release.draft_id) if release.draft_id is not None else None
    if draft is None or release.erased_at is not None:
        return Facts()
    snapshot, record = load_snapshot(draft.snapshot), released_record(node, release)
    shown = {(measure["measure"], measure.get("label")): measure for measure in record.get("measures", ())}
    printed = {
        index: shown[measure.measure, measure.label]
        for index, measure in enumerate(snapshot.measures)
        if (measure.measure, measure.label) in shown
    }
    return facts_of(snapshot, record, printed)


def sealed_facts(node: LocalNode, draft: Draft, record_sha256: str) -> bytes:
    """What a draft tells of groups, to be kept with its release."""
    facts = facts_of(draft.project, draft.record, draft.printed)
    return seal_document(node.operator_key, facts.document(), context=facts_context(record_sha256))


async def linked_terms(session: AsyncSession, terms: Terms, earlier: Iterable[Released]) -> dict[str, Term]:
    """By the hash of their lattice, the terms of this draft and of what was released; what is not known is missing."""
    wanted = {released.facts.lattice_sha256 for released in earlier}
    networks = set(await session.scalars(select(Release.network).distinct()))
    views = [view for network in sorted(networks) for view in await epochs_of(session, network)]
    views += [terms.epoch] if terms.epoch is not None else []
    wanted.add(terms.epoch.lattice_sha256 if terms.epoch is not None else None)
    found: dict[str, Term] = {}
    for view in views:
        if view.lattice_sha256 in wanted and view.lattice_sha256 is not None:
            term = await _term(session, view)
            if term is not None:
                found[view.lattice_sha256] = term
    return found


async def _term(session: AsyncSession, view: EpochView) -> Term | None:
    lattice = await document_of(session, view.lattice_sha256) if view.lattice_sha256 else None
    policy: Mapping[str, Any] | None = await document_of(session, view.epoch.policy_sha256)
    if lattice is None or policy is None:
        return None
    return Term(lattice=lattice, issued=await issued_in(session, view), k=policy["context_k"])


async def surroundings(session: AsyncSession, node: LocalNode, terms: Terms) -> Surroundings:
    """Who was issued, and what may stand in no byte that leaves."""
    return Surroundings(
        issued=terms.epoch.issued if terms.epoch is not None else None,
        directory=await directory_schools(session),
        canaries=tuple(await _canaries(session, node)),
    )


async def _canaries(session: AsyncSession, node: LocalNode) -> list[Canary]:
    host = urlsplit(node.entity_id).netloc
    found = [Canary("entity", node.entity_id), Canary("host", host)]
    found += [Canary("key", kid) for kid in await every_kid(session, entity_id=node.entity_id)]
    people = await people_of(session, include_inactive=True)
    domains = {person.email.rpartition("@")[2].lower() for person in people} - MAIL_FOR_ALL - {""}
    found += [Canary("mail-domain", domain) for domain in sorted(domains)]
    try:
        profile = await profile_of_school(session)
    except NotFound:
        return found
    places = [name for name in (profile.name, profile.district) if name and _is_own_name(name)]
    number = profile.directory_id or ""
    return [
        *found,
        *(Canary("place", name) for name in places),
        *([Canary("id", number)] if len(number) >= LEAST_ID else []),
    ]


def _is_own_name(name: str) -> bool:
    """'Harbor View Middle School' is; 'Middle School' is what many are called."""
    words = name.lower().split()
    return len(words) >= LEAST_WORDS and not all(word in SCHOOL_WORDS for word in words)
