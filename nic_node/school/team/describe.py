"""Who is on the leadership team, whom they represent, and what is missing: grades, subjects, duties, a balance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.people import person_names
from nic_node.errors import Stale
from nic_node.i18n import N_
from nic_node.school.editing import (
    CHANGED_MEANWHILE,
    far_off,
    keep_changes,
    keep_new,
    locked_row,
    long_ones,
    no_such_person,
    verify,
)
from nic_node.school.profile.describe import GRADES, ProfileView, profile_of_school
from nic_node.school.profile.name import school_year
from nic_node.school.team.tables import TeamMember, TeamYear

ROLES: Mapping[str, str] = {
    "principal": N_("Principal"),
    "assistant-principal": N_("Assistant principal"),
    "coach": N_("Coach"),
    "teacher-leader": N_("Teacher leader"),
    "other": N_("Other"),
}
DUTIES: Mapping[str, str] = {
    "facilitator": N_("Facilitator"),
    "recorder": N_("Recorder"),
    "timekeeper": N_("Timekeeper"),
    "data-lead": N_("Data lead"),
}
DISPOSITIONS: Mapping[str, str] = {
    "visionary": N_("Visionary: sees where to go"),
    "integrator": N_("Integrator: makes it happen"),
}
SUBJECTS: Mapping[str, str] = {
    "reading": N_("Reading and writing"),
    "math": N_("Mathematics"),
    "science": N_("Science"),
    "social-studies": N_("Social studies"),
    "special-education": N_("Special education"),
    "english-learners": N_("English learners"),
    "electives": N_("Arts, sports and electives"),
    "student-support": N_("Counselling and student support"),
}
REPRESENTED: Mapping[str, str] = {**{f"grade-{grade}": f"Grade {grade}" for grade in GRADES}, **SUBJECTS}
MEMBER_FIELDS = ("person_id", "role", "represents", "duty", "disposition", "since", "until")
MOST_YEARS = 10
ENDS_SOON = timedelta(days=60)
NO_MEMBER = N_("There is no such term on the team.")


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberView:
    member: TeamMember
    name: str
    ends_soon: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamView:
    """The team of a school year.

    Attributes:
        missing: labels of grades and subjects that nobody represents.
        free_duties: labels of duties that nobody has.
        dispositions: id -> how many; '' for those who have not said.
    """

    members: Sequence[MemberView]
    missing: Sequence[str]
    free_duties: Sequence[str]
    dispositions: Mapping[str, int]
    norms: str
    version: int | None


def days_of_year(school_year: str) -> tuple[date, date]:
    """The first and last day of '2026-27'."""
    first = int(school_year[:4])
    return date(first, 8, 1), date(first + 1, 7, 31)


async def years_with_team(session: AsyncSession, this: str) -> list[str]:
    """School years since the first term on the team, this one among them; the newest first."""
    first = await session.scalar(select(func.min(TeamMember.since)))
    begun = min(int(school_year(first)[:4]) if first else int(this[:4]), int(this[:4]))
    return [f"{year}-{(year + 1) % 100:02d}" for year in range(int(this[:4]), begun - 1, -1)][:MOST_YEARS]


async def team_of_year(session: AsyncSession, school_year: str, today: date) -> TeamView:
    """Those whose term falls into this year, by name."""
    first, last = days_of_year(school_year)
    chosen = select(TeamMember).where(TeamMember.since <= last)
    members = [
        member
        for member in await session.scalars(chosen.order_by(TeamMember.id))
        if member.until is None or member.until >= first
    ]
    names = await person_names(session, {member.person_id for member in members})
    year = await session.scalar(select(TeamYear).where(TeamYear.school_year == school_year))
    # Of a past year all of them: terms end in June, before the year does, and nobody would have spoken for anybody.
    now_on = [member for member in members if last < today or member.until is None or member.until >= today]
    covered = {one for member in now_on for one in member.represents}
    held = {member.duty for member in now_on}
    return TeamView(
        members=sorted(
            (
                MemberView(
                    member=member,
                    name=names[member.person_id],
                    ends_soon=first <= today <= last
                    and member.until is not None
                    and today <= member.until <= today + ENDS_SOON,
                )
                for member in members
            ),
            key=lambda view: view.name,
        ),
        missing=[REPRESENTED[one] for one in wanted_of(await profile_of_school(session)) if one not in covered],
        free_duties=[label for duty, label in DUTIES.items() if duty not in held],
        dispositions={one: sum(member.disposition == one for member in now_on) for one in (*DISPOSITIONS, "")},
        norms=year.norms if year else "",
        version=year.version if year else None,
    )


async def ending_soon(session: AsyncSession, today: date) -> list[str]:
    """Names of those whose last term ends within ENDS_SOON, who ends first on top."""
    last: dict[int, date] = {}
    chosen = select(TeamMember.person_id, TeamMember.until).where(
        (TeamMember.until >= today) | TeamMember.until.is_(None)
    )
    for person_id, until in await session.execute(chosen.order_by(TeamMember.id)):
        last[person_id] = max(last.get(person_id, today), until or date.max)
    ending = [person_id for person_id, until in last.items() if until <= today + ENDS_SOON]
    names = await person_names(session, ending)
    return [names[person_id] for person_id in sorted(ending, key=lambda one: (last[one], names[one]))]


def wanted_of(profile: ProfileView) -> list[str]:
    """What a team should represent: the grades that the school has, and the subjects of every school."""
    if profile.low_grade in GRADES and profile.high_grade in GRADES:
        held = GRADES[GRADES.index(profile.low_grade) : GRADES.index(profile.high_grade) + 1]
        return [f"grade-{grade}" for grade in held] + list(SUBJECTS)
    return list(SUBJECTS)


async def add_member(
    session: AsyncSession, *, actor: Actor, values: Mapping[str, Any], today: date, now: datetime
) -> TeamMember:
    """Begin somebody's term.

    Raises:
        InvalidInput: with sentences beside the fields.
    """
    known = {name: values[name] for name in MEMBER_FIELDS if values.get(name) is not None}
    await _verify_member(session, known, today)
    return await keep_new(session, TeamMember(**known), actor=actor, action="team-member.added", now=now)


async def change_member(
    session: AsyncSession,
    *,
    actor: Actor,
    member_id: int,
    values: Mapping[str, Any],
    version: int,
    today: date,
    now: datetime,
) -> TeamMember:
    """Change a term, or end it with `until`.

    Raises:
        NotFound, Conflict: a stale version.
        InvalidInput: with sentences beside the fields.
    """
    row = await locked_row(session, TeamMember, member_id, missing=NO_MEMBER, version=version)
    known = {name: values[name] for name in MEMBER_FIELDS if name in values and name != "person_id"}
    merged = {name: known.get(name, getattr(row, name)) for name in MEMBER_FIELDS}
    await _verify_member(session, merged, today, is_known=True)
    return await keep_changes(session, row, known, actor=actor, action="team-member.changed", now=now)


async def write_norms(
    session: AsyncSession, *, actor: Actor, school_year: str, norms: str, version: int | None, now: datetime
) -> TeamYear:
    """Write the year's norms.

    Args:
        version: of what was read; None where nothing was written yet.

    Raises:
        Conflict: somebody wrote them meanwhile.
    """
    verify(long_ones({"norms": norms}, {"norms": 1000}))
    row = await session.scalar(select(TeamYear).where(TeamYear.school_year == school_year).with_for_update())
    if (row.version if row else None) != version:
        raise Stale(CHANGED_MEANWHILE)
    if row is None:
        made = TeamYear(school_year=school_year, norms=norms.strip())
        return await keep_new(session, made, actor=actor, action="team.agreed", now=now)
    return await keep_changes(session, row, {"norms": norms.strip()}, actor=actor, action="team.agreed", now=now)


async def _verify_member(
    session: AsyncSession, values: Mapping[str, Any], today: date, *, is_known: bool = False
) -> None:
    said: dict[str, str | None] = {}
    if values.get("person_id") is None:
        said["person_id"] = N_("Choose somebody.")
    elif not is_known:
        said["person_id"] = await no_such_person(session, values["person_id"])
    if values.get("role") not in ROLES:
        said["role"] = N_("Choose a role of the list.")
    for name, listed in (("duty", DUTIES), ("disposition", DISPOSITIONS)):
        if values.get(name) and values[name] not in listed:
            said[name] = N_("Choose one of the list.")
    if not set(values.get("represents") or ()) <= set(REPRESENTED):
        said["represents"] = N_("Choose among the grades and subjects of the list.")
    since, until = values.get("since"), values.get("until")
    said["since"] = far_off(since, today) if since else N_("Say since when.")
    if since and until and until < since:
        said["until"] = N_("A term can't end before it begins.")
    verify(said)
