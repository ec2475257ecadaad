"""The school's name and the school year, which every page shows."""

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.errors import InvalidInput
from nic_node.school.profile.tables import SchoolProfile

FIRST_MONTH = 8
"""A school year begins in August."""
EN_DASH = "–"


async def set_school_name(session: AsyncSession, *, actor: Actor, school_name: str, now: datetime) -> None:
    """Name the school, making its profile if there is none yet.

    Raises:
        InvalidInput: no name.
    """
    name = school_name.strip()
    if not name:
        raise InvalidInput({"school_name": ["Write the school's name."]})
    profile = await session.scalar(select(SchoolProfile).with_for_update())
    before = {"name": profile.name} if profile else None
    if profile is None:
        profile = SchoolProfile(name=name, updated_at=now)
        session.add(profile)
    else:
        profile.name, profile.updated_at = name, now
    await session.flush()
    await record_audit(
        session,
        actor=actor,
        action="profile.named",
        subject="profile",
        subject_id=profile.id,
        before=before,
        after={"name": name},
        now=now,
    )


async def school_name_and_year(session: AsyncSession, *, today: date) -> tuple[str, str]:
    """('Harbor View Middle School', '2026–27'); the name is empty before set-up."""
    name = await session.scalar(select(SchoolProfile.name))
    return name or "", year_in_words(school_year(today))


def school_year(day: date) -> str:
    """'2026-27' for any day from August 2026 to July 2027."""
    first = day.year if day.month >= FIRST_MONTH else day.year - 1
    return f"{first}-{(first + 1) % 100:02d}"


def week_of_year(day: date) -> int:
    """Which week of the school year it is, from the one with August 1 on."""
    first = date(int(school_year(day)[:4]), FIRST_MONTH, 1)
    monday = first - timedelta(days=first.weekday())
    return (day - monday).days // 7 + 1


def year_in_words(year: str) -> str:
    return year.replace("-", EN_DASH)
