"""The one obvious next step of a school that has just begun."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.i18n import N_
from nic_node.school.measures.read import has_measures
from nic_node.school.profile.describe import profile_of_school
from nic_node.school.projects.show import new_measure_query
from nic_node.school.projects.signals import running_measures
from nic_node.today.gather import Gathered


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """Attributes: route, by name; query, of the link."""

    title: str
    why: str
    button: str
    route: str
    query: dict[str, str]


async def next_step(session: AsyncSession, gathered: Gathered, permissions: AbstractSet[str]) -> NextStep | None:
    """What is missing first, of what this person may do; None once the work runs."""
    if not gathered.acts and "plan.write" in permissions:
        return NextStep(
            title=N_("Begin with the one goal for two years"),
            why=N_("This year's goals and the 45-day projects hang on it. It takes one sentence."),
            button=N_("Write the two-year goal"),
            route="plan.new_goal",
            query={"horizon": "two-year"},
        )
    if not gathered.projects and "projects.write" in permissions:
        return NextStep(
            title=N_("Start a 45-day project"),
            why=N_("One change, small enough to see within weeks whether it helps."),
            button=N_("Start a project"),
            route="projects.new",
            query={},
        )
    if gathered.projects and "measures.write" in permissions and not await _has_measures(session):
        return NextStep(
            title=N_("How will you know that it helps?"),
            why=N_("One number a day or week is enough; it takes two minutes to set up."),
            button=N_("Add a measure"),
            route="measures.new",
            query=new_measure_query(gathered.projects[0], ()),
        )
    if "school.write" in permissions and (await profile_of_school(session)).missing:
        return NextStep(
            title=N_("Describe your school"),
            why=N_("With it, the library shows first what worked in schools like yours. The values stay here."),
            button=N_("Fill in the profile"),
            route="profile.show",
            query={},
        )
    return None


async def _has_measures(session: AsyncSession) -> bool:
    return bool(await running_measures(session)) or await has_measures(session)
