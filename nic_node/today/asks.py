"""What it is time for: a mid-way check, 'did it hold?', a reflection, a survey. Each is named until it is done."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.i18n import N_
from nic_node.keyring.operator_key import OperatorKey
from nic_node.school.advice.heed import follow_ups_due
from nic_node.school.notices.tell import count_unread
from nic_node.school.projects.read import MIDWAY_DAY, closes_on, day_of
from nic_node.school.projects.tables import Project
from nic_node.school.pulse.survey import has_answered, open_for_staff
from nic_node.school.reflection.reflect import reflection_due


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Attributes: says: with `about` in braces. route: by name, with `parts` of its path."""

    says: str
    about: str = ""
    route: str
    parts: dict[str, int] = field(default_factory=dict)


async def asks_of(
    session: AsyncSession,
    key: OperatorKey,
    *,
    person_id: int,
    permissions: AbstractSet[str],
    projects: Sequence[Project],
    today: date,
) -> list[Ask]:
    """What this person may do of it."""
    asks = []
    if unread := await count_unread(session, person_id):
        asks.append(Ask(says=N_("Colleagues wrote to you: {about} new"), about=str(unread), route="notices.show"))
    if "projects.write" in permissions:
        asks += [
            Ask(says=N_("Mid-way check: {about}"), about=one.title, route="projects.midway", parts={"id": one.id})
            for one in projects
            if one.midway_on is None and day_of(one, today) >= MIDWAY_DAY and today <= closes_on(one)
        ]
        asks += [
            Ask(
                says=N_("Did it hold? {about}"),
                about=f"{project.title}, day {day}",
                route="advice.show",
                parts={"id": project.id},
            )
            for project, day in await follow_ups_due(session, today)
        ]
    if "reflection.write" in permissions:
        due = await reflection_due(session, today)
        if due is not None and due <= today:
            asks.append(Ask(says=N_("Reflect: what works, what comes off the table?"), route="reflection.new"))
    for survey in await open_for_staff(session, today):
        if not await has_answered(session, key, survey.id, person_id):
            says = N_("Two minutes, without a name: {about}")
            asks.append(Ask(says=says, about=survey.title, route="pulse.own", parts={"id": survey.id}))
    return asks
