"""What would leave, prepared anew each time from the frozen snapshot: the same facts and terms give the same bytes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.clock import day_at
from nic_node.disclosure.draft import Answer, ContextProfile, Draft, Kind
from nic_node.disclosure.note import prepare_note
from nic_node.disclosure.prepare import prepare_draft
from nic_node.disclosure.snapshot import load_snapshot, snapshot_document, snapshot_sha256
from nic_node.errors import NotFound
from nic_node.membership.local import LocalNode
from nic_node.publishing.findings import FoundItem, list_findings
from nic_node.publishing.places import own_places, place_of_release
from nic_node.publishing.roster import RosterAge, compiled_roster, roster_age
from nic_node.publishing.snapshot import snapshot_of_project
from nic_node.publishing.states import DraftKind, DraftState
from nic_node.publishing.surroundings import linked_terms, released_before, surroundings
from nic_node.publishing.tables import DraftRow
from nic_node.publishing.terms import Terms, allow_list_of, default_network, terms_of
from nic_node.school.profile.describe import profile_of_school
from schemas.document import InvalidDocument

ANSWERS: dict[str, Answer] = {"programme": "programme", "own": "own", "person": "person", "place": "place"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A draft with everything that its page shows.

    Attributes:
        sha256: hash of the bytes that would leave, to which an approval binds; None where they have no valid form.
        items: the findings as the reviewer decides them, numbered.
    """

    row: DraftRow
    draft: Draft
    terms: Terms
    roster: RosterAge
    items: tuple[FoundItem, ...]
    sha256: str | None

    @property
    def open_items(self) -> int:
        return sum(item.open for item in self.items)

    @property
    def may_be_approved(self) -> bool:
        return self.sha256 is not None and not self.draft.blocked and not self.open_items


async def preview(session: AsyncSession, node: LocalNode, row: DraftRow, now: datetime) -> Preview:
    """Prepare a draft by the terms of today; a correction by those of the term in which its pseudonym holds."""
    place = None if row.corrects is None else await place_of_release(session, node, row.corrects)
    terms = await terms_of(session, row.network, now, term=place.epoch if place else None)
    draft = await _prepared(session, node, row, terms, now)
    try:
        sha256: str | None = draft.sha256
    except InvalidDocument:
        sha256 = None
    return Preview(
        row=row,
        draft=draft,
        terms=terms,
        roster=await roster_age(session, today=day_of(node, now)),
        items=await list_findings(session, row, draft),
        sha256=sha256,
    )


async def preview_project(session: AsyncSession, node: LocalNode, project_id: int, now: datetime) -> Draft:
    """What would leave of a closed project that nobody drafted yet; nothing is kept of it."""
    snapshot = await snapshot_of_project(session, project_id, today=day_of(node, now))
    row = DraftRow(
        kind=DraftKind.PROJECT,
        project_id=project_id,
        network=await default_network(session),
        state=DraftState.DRAFT,
        snapshot=snapshot_document(snapshot),
        snapshot_sha256=snapshot_sha256(snapshot),
        edits={},
        names={},
    )
    return await _prepared(session, node, row, await terms_of(session, row.network, now), now)


async def _prepared(session: AsyncSession, node: LocalNode, row: DraftRow, terms: Terms, now: datetime) -> Draft:
    given: dict[str, Any] = {
        "roster": await compiled_roster(session, operator_key=node.operator_key),
        "allow_list": allow_list_of(terms.policy),
        "policy": terms.policy,
        "today": day_of(node, now),
        "edits": {path: edit["text"] for path, edit in row.edits.items()},
        "names": {name: ANSWERS[answer] for name, answer in row.names.items()},
        "surroundings": await surroundings(session, node, terms),
    }
    if row.kind == DraftKind.PROJECT:
        return await _prepared_practice(session, node, row, terms, given)
    pointed_to = row.snapshot.get("practice")
    points_to_own = pointed_to is not None and pointed_to in await own_places(session, node)
    kind: Kind = "question" if row.kind == DraftKind.QUESTION else "answer"
    return prepare_note(kind, row.snapshot, points_to_own=points_to_own, **given)


async def _prepared_practice(
    session: AsyncSession, node: LocalNode, row: DraftRow, terms: Terms, given: Mapping[str, Any]
) -> Draft:
    snapshot = load_snapshot(row.snapshot)
    place = None if row.corrects is None else await place_of_release(session, node, row.corrects)
    if place is not None:
        # Not kept in the row: what links this school to a record stands sealed only.
        snapshot = replace(snapshot, supersedes=place.record_id)
    earlier = await released_before(session, node, row)
    return prepare_draft(
        snapshot,
        lattice=terms.lattice,
        profile=await context_profile(session),
        practice=row.project_id or 0,
        earlier=earlier,
        linked_terms=await linked_terms(session, terms, earlier),
        left_out=row.left_out or (),
        **given,
    )


async def context_profile(session: AsyncSession) -> ContextProfile | None:
    """The school's exact profile; None until its level is known."""
    try:
        profile = await profile_of_school(session)
    except NotFound:
        return None
    if profile.level is None:
        return None
    return ContextProfile(
        level=profile.level,
        locale=profile.locale,
        enrolment=profile.enrolment,
        lunch=profile.lunch_percent,
        english_learners=profile.english_learners_percent,
        disabilities=profile.disabilities_percent,
        stage=profile.stage,
    )


def day_of(node: LocalNode, now: datetime) -> date:
    """The day at the school."""
    return day_at(now, node.config.time_zone)
