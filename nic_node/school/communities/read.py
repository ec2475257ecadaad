"""Learning communities as their pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.people import person_names
from nic_node.accounts.tables import Person
from nic_node.school.communities.tables import (
    Community,
    CommunityArtefact,
    CommunityMember,
    CommunitySession,
    CommunityTrial,
)
from nic_node.school.communities.write import NO_COMMUNITY
from nic_node.school.cycles.tables import Cycle
from nic_node.school.editing import row_of
from nic_node.school.projects.tables import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialView:
    """Attributes: by: who recommends it. became: the title of the project that tries it, or ''."""

    trial: CommunityTrial
    by: str
    became: str
    project_id: int | None
    cycle_number: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommunityView:
    """Sessions and trials have the newest first; members are (person id, name), by name."""

    community: Community
    members: Sequence[tuple[int, str]]
    sessions: Sequence[CommunitySession]
    trials: Sequence[TrialView]
    artefacts: Sequence[CommunityArtefact]


async def list_communities(session: AsyncSession) -> list[Community]:
    """Those that go on first, by name."""
    return list(await session.scalars(select(Community).order_by(Community.is_closed, Community.name, Community.id)))


async def count_members(session: AsyncSession) -> dict[int, int]:
    """Community id -> how many members."""
    chosen = select(CommunityMember.community_id, func.count()).group_by(CommunityMember.community_id)
    return dict((await session.execute(chosen)).all())


async def view_community(session: AsyncSession, community_id: int) -> CommunityView:
    """Raises NotFound."""
    community = await row_of(session, Community, community_id, missing=NO_COMMUNITY)
    members = (
        select(Person.id, Person.name)
        .join(CommunityMember, CommunityMember.person_id == Person.id)
        .where(CommunityMember.community_id == community_id)
    )
    held = select(CommunitySession).where(CommunitySession.community_id == community_id)
    made = select(CommunityArtefact).where(CommunityArtefact.community_id == community_id)
    return CommunityView(
        community=community,
        members=[(one, name) for one, name in await session.execute(members.order_by(Person.name))],
        sessions=(
            await session.scalars(held.order_by(CommunitySession.held_on.desc(), CommunitySession.id.desc()))
        ).all(),
        trials=await _trials(session, community_id),
        artefacts=(await session.scalars(made.order_by(CommunityArtefact.id.desc()))).all(),
    )


async def _trials(session: AsyncSession, community_id: int) -> list[TrialView]:
    chosen = select(CommunityTrial).where(CommunityTrial.community_id == community_id)
    trials = (await session.scalars(chosen.order_by(CommunityTrial.id.desc()))).all()
    names = await person_names(session, {trial.created_by for trial in trials})
    in_cycles = select(Cycle.id, Cycle.number, Cycle.project_id).where(
        Cycle.id.in_([trial.cycle_id for trial in trials if trial.cycle_id])
    )
    cycles = {cycle_id: (number, project_id) for cycle_id, number, project_id in await session.execute(in_cycles)}
    homes = {trial.id: trial.project_id or cycles.get(trial.cycle_id or 0, (0, None))[1] for trial in trials}
    titled = select(Project.id, Project.title).where(Project.id.in_([home for home in homes.values() if home]))
    titles = dict((await session.execute(titled)).all())
    return [
        TrialView(
            trial=trial,
            by=names.get(trial.created_by or 0, ""),
            became=titles.get(homes[trial.id] or 0, ""),
            project_id=homes[trial.id],
            cycle_number=cycles[trial.cycle_id][0] if trial.cycle_id in cycles else None,
        )
        for trial in trials
    ]
