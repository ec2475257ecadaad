"""Describe the school exactly: what similarity and the context class are made from. None of it leaves as it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.db.once import once_a_reading
from nic_node.errors import InvalidInput, NotFound, Stale
from nic_node.i18n import N_
from nic_node.school.editing import CHANGED_MEANWHILE
from nic_node.school.profile.name import school_year
from nic_node.school.profile.tables import ProfileYear, SchoolProfile
from schemas.vocab import LEVELS, STAGES
from schemas.vocab.context import CONTEXT

GRADES = ("PK", "K", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12")
GRADE_BANDS = {"pk-2": GRADES[:4], "3-5": GRADES[4:7], "6-8": GRADES[7:10], "9-12": GRADES[10:]}
LOCALES = frozenset(code for band in CONTEXT["locale"].granularities[0] for code in band.members)
LARGEST_ENROLMENT = 20_000
SHARES = ("lunch_percent", "english_learners_percent", "disabilities_percent")
RACES = (
    "asian_percent", "black_percent", "hispanic_percent", "native_percent", "pacific_percent", "several_percent",
    "white_percent",
)  # fmt: skip
"""As the school directory has them; each student counts once, so that they add up to 100 at most."""
BY_YEAR = ("enrolment", *SHARES, *RACES, "title_one")
ROUNDED = 102
FIELDS = (
    "name", "district", "directory_id", "website", "level", "low_grade", "high_grade", "enrolment", "locale",
    *SHARES, "title_one", *RACES, "stage", "stage_reasons",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileView:
    """The profile as other rooms read it; shares in percent, absent values None."""

    name: str
    district: str | None
    directory_id: str | None
    website: str | None
    level: str | None
    low_grade: str | None
    high_grade: str | None
    enrolment: int | None
    locale: int | None
    lunch_percent: float | None
    english_learners_percent: float | None
    disabilities_percent: float | None
    title_one: bool | None
    asian_percent: float | None
    black_percent: float | None
    hispanic_percent: float | None
    native_percent: float | None
    pacific_percent: float | None
    several_percent: float | None
    white_percent: float | None
    stage: str | None
    stage_reasons: str
    version: int

    @property
    def grade_bands(self) -> tuple[str, ...]:
        """The vocabulary's grade bands that the school's grades touch."""
        return grade_bands_between(self.low_grade, self.high_grade)

    @property
    def missing(self) -> tuple[str, ...]:
        """What a network asks for and the profile lacks."""
        wanted = ("level", "low_grade", "high_grade", "enrolment", *SHARES)
        return tuple(name for name in wanted if getattr(self, name) is None)


def grade_bands_between(low: str | None, high: str | None) -> tuple[str, ...]:
    """The vocabulary's grade bands that these grades touch; none while one of them is not told."""
    if low not in GRADES or high not in GRADES:
        return ()
    held = set(GRADES[GRADES.index(low) : GRADES.index(high) + 1])
    return tuple(band for band, grades in GRADE_BANDS.items() if held & set(grades))


@once_a_reading
async def profile_of_school(session: AsyncSession) -> ProfileView:
    """Read the profile.

    Raises:
        NotFound: the school is not set up yet.
    """
    profile = await session.scalar(select(SchoolProfile))
    if profile is None:
        raise NotFound(N_("The school is not set up yet. Open the one-time link that the node printed."))
    return ProfileView(version=profile.version, **{name: getattr(profile, name) for name in FIELDS})


async def describe_school(
    session: AsyncSession, *, actor: Actor, values: Mapping[str, Any], version: int, today: date, now: datetime
) -> ProfileView:
    """Change the profile; fields that `values` lacks stay.

    Raises:
        InvalidInput: a value that no school can have, with the reason beside its field.
        Conflict: somebody changed the profile since `version` was read.
    """
    profile = await session.scalar(select(SchoolProfile).with_for_update())
    if profile is None:
        raise NotFound(N_("The school is not set up yet. Open the one-time link that the node printed."))
    if profile.version != version:
        raise Stale(CHANGED_MEANWHILE)
    merged = {name: values.get(name, getattr(profile, name)) for name in FIELDS}
    verify_profile(merged)
    before = {name: getattr(profile, name) for name in FIELDS if getattr(profile, name) != merged[name]}
    for name in before:
        setattr(profile, name, merged[name])
    if before:
        profile.updated_at = now
        await session.flush()
        await _keep_year(session, school_year(today), {name: merged[name] for name in BY_YEAR})
        await record_audit(
            session,
            actor=actor,
            action="profile.described",
            subject="profile",
            subject_id=profile.id,
            before=before,
            after={name: merged[name] for name in before},
            now=now,
        )
    return await profile_of_school(session)


async def profile_years(session: AsyncSession) -> list[ProfileYear]:
    """What it was in each school year, the newest first."""
    return list(await session.scalars(select(ProfileYear).order_by(ProfileYear.school_year.desc())))


async def _keep_year(session: AsyncSession, year: str, numbers: dict[str, Any]) -> None:
    row = await session.get(ProfileYear, year)
    if row is None:
        session.add(ProfileYear(school_year=year, numbers=numbers))
    else:
        row.numbers = numbers
    await session.flush()


def verify_profile(values: Mapping[str, Any]) -> None:
    """Refuse what no school can have: a share over 100 is a fraction or a ratio in the wrong column.

    Raises:
        InvalidInput: with one sentence for each field.
    """
    said: dict[str, list[str]] = {}
    if not values["name"]:
        said["name"] = [N_("Write the school's name.")]
    if values["level"] is not None and values["level"] not in LEVELS:
        said["level"] = [N_("Choose one of the levels in the list.")]
    if values["stage"] is not None and values["stage"] not in STAGES:
        said["stage"] = [N_("Choose one of the stages in the list.")]
    if values["locale"] is not None and values["locale"] not in LOCALES:
        said["locale"] = [N_("An NCES locale code is 11-13, 21-23, 31-33 or 41-43.")]
    if values["enrolment"] is not None and not 1 <= values["enrolment"] <= LARGEST_ENROLMENT:
        said["enrolment"] = [N_("Enrolment is a number of students from 1 to 20,000.")]
    for name in (*SHARES, *RACES):
        if values[name] is not None and not 0 <= values[name] <= 100:
            said[name] = [N_("A share is a percentage from 0 to 100; this looks like another column.")]
    if sum(values[name] or 0 for name in RACES) > ROUNDED:
        said["white_percent"] = [N_("Together these shares are over 100 %: each student counts once.")]
    said |= _verify_grades(values["low_grade"], values["high_grade"])
    if said:
        raise InvalidInput(said)


def _verify_grades(low: str | None, high: str | None) -> dict[str, list[str]]:
    unknown = N_("A grade is PK, K or 1 to 12.")
    said = {
        name: [unknown] for name, grade in (("low_grade", low), ("high_grade", high)) if grade not in (None, *GRADES)
    }
    if not said and low is not None and high is not None and GRADES.index(low) > GRADES.index(high):
        said["high_grade"] = [N_("The highest grade stands below the lowest one.")]
    return said
