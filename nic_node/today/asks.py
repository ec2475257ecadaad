"""What it is time for: a mid-way check, 'did it hold?', a reflection, a survey, a term that ends; until it is done."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.i18n import N_, Filled, filled
from nic_node.keyring.operator_key import OperatorKey
from nic_node.school.advice.advise import MIDWAY
from nic_node.school.advice.heed import follow_ups_due, open_advice
from nic_node.school.measures.due import numbers_due
from nic_node.school.notices.tell import count_unread
from nic_node.school.projects.tables import Project
from nic_node.school.pulse.survey import answered_by, open_for_staff
from nic_node.school.reflection.reflect import reflection_due
from nic_node.school.team.calendar import SchoolCalendar
from nic_node.school.team.describe import ending_soon

KEEPS_TEAM = "school.write"
"""Of who asks people onto the leadership team: its own members change it too, but a line each would be noise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Attributes: says: with `about` in braces, which may be filled, too. route: by name, with `parts` of its path."""

    says: str
    about: str = ""
    route: str
    parts: dict[str, int] = field(default_factory=dict)

    @property
    def said(self) -> Filled:
        return filled(self.says, about=self.about)


async def asks_of(
    session: AsyncSession,
    key: OperatorKey,
    *,
    person_id: int,
    permissions: AbstractSet[str],
    projects: Sequence[Project],
    calendar: SchoolCalendar,
    today: date,
) -> list[Ask]:
    """What this person may do of it."""
    asks = []
    if unread := await count_unread(session, person_id):
        asks.append(Ask(says=N_("Colleagues wrote to you: {about} new"), about=str(unread), route="notices.show"))
    if "projects.write" in permissions:
        asks += await _advice(session, person_id, projects, calendar, today)
        asks += [
            Ask(
                says=N_("Did it hold? {about}"),
                about=filled(N_("{title}, day {day}"), title=project.title, day=day),
                route="advice.show",
                parts={"id": project.id},
            )
            for project, day in await follow_ups_due(session, today)
        ]
    if "measures.write" in permissions:
        asks += await _numbers(session, person_id, projects, calendar, today)
    if "reflection.write" in permissions:
        due = await reflection_due(session, today)
        if due is not None and due <= today:
            asks.append(Ask(says=N_("Reflect: what works, what comes off the table?"), route="reflection.new"))
    if KEEPS_TEAM in permissions and (names := await ending_soon(session, today)):
        says = N_("A term on the leadership team ends soon: {about}")
        asks.append(Ask(says=says, about=", ".join(names), route="team.show"))
    surveys = await open_for_staff(session, today)
    answered = await answered_by(session, key, [survey.id for survey in surveys], person_id)
    for survey in surveys:
        if survey.id not in answered:
            says = N_("Two minutes, without a name: {about}")
            asks.append(Ask(says=says, about=survey.title, route="pulse.own", parts={"id": survey.id}))
    return asks


async def _advice(
    session: AsyncSession, person_id: int, projects: Sequence[Project], calendar: SchoolCalendar, today: date
) -> list[Ask]:
    """Mid-way checks, and what a colleague would ask of projects that this person leads; not what was overruled."""
    stands = await open_advice(session, projects, calendar, today)
    asks = [
        Ask(says=N_("Mid-way check: {about}"), about=one.title, route="projects.midway", parts={"id": one.id})
        for one in projects
        if MIDWAY in stands[one.id]
    ]
    return asks + [
        Ask(says=N_("A colleague would ask about {about}"), about=one.title, route="advice.show", parts={"id": one.id})
        for one in projects
        if one.lead_id == person_id and any(said is not MIDWAY for said in stands[one.id])
    ]


async def _numbers(
    session: AsyncSession, person_id: int, projects: Sequence[Project], calendar: SchoolCalendar, today: date
) -> list[Ask]:
    """Numbers that are due from this person: of their own measures, and of nobody's in projects that they lead."""
    led = {project.id for project in projects if project.lead_id == person_id}
    due = await numbers_due(session, [project.id for project in projects], calendar, today)
    return [
        Ask(
            says=N_("No number for a while: {about}"),
            about=filled(N_("{name}, {n} school days"), name=one.name, n=one.days),
            route="measures.add",
            parts={"id": one.measure_id},
        )
        for one in due
        if one.owner_id == person_id or (one.owner_id is None and one.project_id in led)
    ]
