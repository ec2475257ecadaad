"""What a learning community does: meet, keep what they made, recommend ideas, turn one into a cycle or a project."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.accounts.tables import Person
from nic_node.errors import Conflict, InvalidInput
from nic_node.i18n import N_
from nic_node.school.communities.tables import (
    Community,
    CommunityArtefact,
    CommunityMember,
    CommunitySession,
    CommunityTrial,
)
from nic_node.school.cycles.spiral import STAGES
from nic_node.school.cycles.tables import Cycle
from nic_node.school.cycles.write import plan_cycle
from nic_node.school.editing import far_off, keep_changes, keep_new, locked_row, long_ones, row_of, verify
from nic_node.school.projects.tables import Project
from nic_node.school.projects.write import open_project

COMMUNITY_FIELDS = ("name", "focus", "is_closed")
NO_COMMUNITY = N_("There is no such learning community.")
NO_TRIAL = N_("There is no such idea here.")
TRIED_ALREADY = N_("This idea is being tried already; its cycle or project is named beside it.")
LONGEST_TITLE = 120


async def found_community(
    session: AsyncSession, *, actor: Actor, values: Mapping[str, Any], members: Iterable[int], now: datetime
) -> Community:
    """Begin a learning community.

    Raises:
        InvalidInput: with sentences beside the fields.
    """
    known = {name: values[name] for name in COMMUNITY_FIELDS if values.get(name) is not None}
    _verify_community(known)
    row = await keep_new(session, Community(**known), actor=actor, action="community.founded", now=now)
    await _set_members(session, actor, row.id, set(members), now)
    return row


async def change_community(
    session: AsyncSession,
    *,
    actor: Actor,
    community_id: int,
    values: Mapping[str, Any],
    members: Iterable[int],
    version: int,
    now: datetime,
) -> Community:
    """Change its name, focus and members, or close it.

    Raises:
        NotFound, Conflict: a stale version.
        InvalidInput: with sentences beside the fields.
    """
    row = await locked_row(session, Community, community_id, missing=NO_COMMUNITY, version=version)
    known = {name: values[name] for name in COMMUNITY_FIELDS if name in values}
    _verify_community({"name": row.name, **known})
    await _set_members(session, actor, row.id, set(members), now)
    return await keep_changes(session, row, known, actor=actor, action="community.changed", now=now)


async def hold_session(
    session: AsyncSession,
    *,
    actor: Actor,
    community_id: int,
    held_on: date | None,
    stage: str,
    notes: str,
    today: date,
    now: datetime,
) -> CommunitySession:
    """Keep what a session was about. Raises NotFound; InvalidInput beside the fields."""
    await row_of(session, Community, community_id, missing=NO_COMMUNITY)
    said = long_ones({"notes": notes}, {"notes": 2000})
    said["held_on"] = far_off(held_on, today) if held_on else N_("Say on which day.")
    if stage not in STAGES:
        said["stage"] = N_("Choose a stage of the spiral.")
    verify(said)
    assert held_on is not None
    row = CommunitySession(community_id=community_id, held_on=held_on, stage=stage, notes=notes.strip())
    return await keep_new(session, row, actor=actor, action="community.met", now=now)


async def keep_artefact(
    session: AsyncSession, *, actor: Actor, community_id: int, title: str, link: str, now: datetime
) -> CommunityArtefact:
    """Keep something that they made. Raises NotFound; InvalidInput for no title, or a link that is no web address."""
    await row_of(session, Community, community_id, missing=NO_COMMUNITY)
    said = long_ones({"title": title, "link": link}, {"title": 120, "link": 400})
    if not title.strip():
        said["title"] = N_("Say what it is.")
    if link.strip() and urlsplit(link.strip()).scheme not in ("http", "https"):
        said["link"] = N_("Write a web address that begins with https://, or leave it blank.")
    verify(said)
    row = CommunityArtefact(community_id=community_id, title=title.strip(), link=link.strip())
    return await keep_new(session, row, actor=actor, action="community.artefact-kept", now=now)


async def recommend_trial(
    session: AsyncSession, *, actor: Actor, community_id: int, idea: str, now: datetime
) -> CommunityTrial:
    """Recommend an idea to the others. Raises NotFound; InvalidInput for no words or too many."""
    await row_of(session, Community, community_id, missing=NO_COMMUNITY)
    said = long_ones({"idea": idea}, {"idea": 400})
    if not idea.strip():
        said["idea"] = N_("Write the idea in one line.")
    verify(said)
    row = CommunityTrial(community_id=community_id, idea=" ".join(idea.split()))
    return await keep_new(session, row, actor=actor, action="trial.recommended", now=now)


async def try_in_cycle(
    session: AsyncSession, *, actor: Actor, trial_id: int, project_id: int | None, today: date, now: datetime
) -> Cycle:
    """The idea becomes the next cycle of a running project, in one act.

    Raises:
        NotFound, Conflict: it is tried already, or the project is closed.
        InvalidInput: field 'project_id'.
    """
    trial = await _untried(session, trial_id)
    if project_id is None:
        raise InvalidInput({"project_id": [N_("Choose the project whose next cycle it becomes.")]})
    values = {"question": trial.idea, "starts_on": today}
    cycle = await plan_cycle(session, actor=actor, project_id=project_id, values=values, now=now, today=today)
    await keep_changes(session, trial, {"cycle_id": cycle.id}, actor=actor, action="trial.begun", now=now)
    return cycle


async def try_as_project(session: AsyncSession, *, actor: Actor, trial_id: int, today: date, now: datetime) -> Project:
    """The idea becomes a 45-day project that begins today, in one act. Raises NotFound; Conflict: tried already."""
    trial = await _untried(session, trial_id)
    words = trial.idea if len(trial.idea) <= LONGEST_TITLE else f"{trial.idea[: LONGEST_TITLE - 1].rstrip()}…"
    values = {"title": words, "idea_summary": trial.idea, "starts_on": today}
    project = await open_project(session, actor=actor, values=values, now=now, today=today)
    await keep_changes(session, trial, {"project_id": project.id}, actor=actor, action="trial.begun", now=now)
    return project


async def _untried(session: AsyncSession, trial_id: int) -> CommunityTrial:
    trial = await locked_row(session, CommunityTrial, trial_id, missing=NO_TRIAL)
    if trial.cycle_id is not None or trial.project_id is not None:
        raise Conflict(TRIED_ALREADY)
    return trial


async def _set_members(session: AsyncSession, actor: Actor, community_id: int, wanted: set[int], now: datetime) -> None:
    of_it = select(CommunityMember.person_id).where(CommunityMember.community_id == community_id)
    before = set(await session.scalars(of_it))
    here = set(await session.scalars(select(Person.id).where(Person.id.in_(wanted), Person.active)))
    if wanted - here - before:
        raise InvalidInput({"members": [N_("Choose among those who have an account here.")]})
    if before == wanted:
        return
    await session.execute(delete(CommunityMember).where(CommunityMember.community_id == community_id))
    session.add_all(CommunityMember(community_id=community_id, person_id=one) for one in sorted(wanted))
    await session.flush()
    await record_audit(
        session,
        actor=actor,
        action="community.gathered",
        subject="community",
        subject_id=community_id,
        before={"members": sorted(before)},
        after={"members": sorted(wanted)},
        now=now,
    )


def _verify_community(values: Mapping[str, Any]) -> None:
    said = long_ones(values, {"name": 120, "focus": 400})
    if not (values.get("name") or "").strip():
        said["name"] = N_("Give it a name, such as Grade 6 math.")
    verify(said)
