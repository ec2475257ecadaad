"""A school out of a OneRoster zip (1.1 and 1.2, CSV binding): its name, terms, breaks, staff, and how many students.

Rows of students are counted while they are read and never leave the function that reads them, but for their names,
which go into the sealed roster and nowhere else.
"""

import csv
import io
import zipfile
import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.invite import invite_person
from nic_node.accounts.people import email_key, people_of
from nic_node.accounts.permissions import COACH, PRINCIPAL, TEACHER
from nic_node.accounts.tables import EMAIL_LENGTH, NAME_LENGTH
from nic_node.errors import InvalidInput
from nic_node.i18n import N_
from nic_node.mail.addresses import is_address
from nic_node.publishing.oneroster import (
    DAMAGED,
    NAMES,
    NOT_ONEROSTER,
    ROLES,
    USERS,
    read_table,
    roster_entries,
    verify_bulk,
)
from nic_node.publishing.roster import RosterEntry
from nic_node.school.editing import FURTHEST_AHEAD, FURTHEST_BACK
from nic_node.school.profile.name import school_year
from nic_node.school.profile.tables import SchoolProfile
from nic_node.school.team.calendar import LONGEST_BREAK, add_days_off
from nic_node.school.team.tables import DayOff
from nic_node.school.team.terms import LONGEST_SOURCE, LONGEST_TITLE, BroughtTerm, compare_terms, keep_terms

ORGS: Final = "orgs.csv"
SESSIONS: Final = "academicsessions.csv"
MOST_STAFF: Final = 500
DAY: Final = timedelta(days=1)
YEAR_DIGITS: Final = 4
STAFF_ROLES: Final[Mapping[str, str]] = {
    "teacher": TEACHER, "aide": TEACHER, "counselor": COACH, "administrator": PRINCIPAL, "principal": PRINCIPAL,
    "siteadministrator": PRINCIPAL,
}  # fmt: skip
"""A role of OneRoster -> the role here; whoever keeps the records may choose another."""
STUDENT: Final = "student"
TERM_KINDS: Final[Mapping[str, str]] = {
    "schoolyear": "school-year", "semester": "semester", "term": "term", "gradingperiod": "grading-period",
}  # fmt: skip
GONE: Final = "tobedeleted"
SEVERAL: Final = "This export holds several schools: {schools}. Write the name or the identifier of yours."
BREAK: Final = N_("Between terms")


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffMember:
    """`role` is one of ours. `is_here`: somebody with this address has an account already."""

    name: str
    email: str
    role: str
    is_here: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """Days without school between two terms, both included."""

    first: date
    last: date
    is_here: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolRecords:
    """Attributes: students: how many rows were dropped. unreachable: staff without an e-mail address, only counted."""

    school: str
    identifier: str
    district: str
    terms: Sequence[BroughtTerm]
    breaks: Sequence[Break]
    staff: Sequence[StaffMember]
    unreachable: int
    students: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRecords:
    invited: int
    breaks: int
    terms: int
    there_already: int


def read_school_records(content: bytes, school: str, today: date) -> tuple[SchoolRecords, list[RosterEntry]]:
    """What stands in the export of the school that `school` names ('' for the only one), and the names for the roster.

    Raises:
        InvalidInput: 'file': no OneRoster zip, damaged, too large unpacked; 'school': several, or none of that name.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            verify_bulk(archive)
            orgs, sessions = read_table(archive, ORGS), read_table(archive, SESSIONS)
            roles, users = read_table(archive, ROLES), read_table(archive, USERS)
    except (zipfile.BadZipFile, zlib.error, csv.Error, EOFError, RuntimeError, NotImplementedError) as error:
        raise InvalidInput({"file": [DAMAGED]}, DAMAGED) from error
    if not users or not users[0].keys() >= NAMES:
        raise InvalidInput({"file": [NOT_ONEROSTER]}, NOT_ONEROSTER)
    org = _school_of(orgs, school)
    kinds, orgs_of = _kinds(roles), _orgs_of(roles)
    of_school = [row for row in users if _is_current(row) and _is_of(row, orgs_of, org.get("sourcedid", ""))]
    by_role = [(row, {row.get("role", "").lower(), *kinds.get(row.get("sourcedid", ""), ())}) for row in of_school]
    staff = [
        (row, next(STAFF_ROLES[kind] for kind in sorted(held) if kind in STAFF_ROLES))
        for row, held in by_role
        if held & STAFF_ROLES.keys()
    ]
    members = [_member(row, role) for row, role in staff if is_address(row.get("email", ""))]
    districts = {row.get("sourcedid"): row.get("name", "") for row in orgs if row.get("type", "").lower() == "district"}
    terms = [term for row in sessions if _is_current(row) and (term := _term(row, today))]
    records = SchoolRecords(
        school=org.get("name", ""),
        identifier=org.get("identifier", ""),
        district=districts.get(org.get("parentsourcedid"), ""),
        terms=terms,
        breaks=_breaks((term.starts_on, term.ends_on) for term in terms if term.kind != "school-year"),
        staff=members[:MOST_STAFF],
        unreachable=len(staff) - len(members),
        students=sum(1 for _row, held in by_role if STUDENT in held),
    )
    return records, roster_entries(of_school, roles)


async def compare_records(session: AsyncSession, records: SchoolRecords) -> SchoolRecords:
    """The same, with what is here already marked."""
    known = {email_key(person.email) for person in await people_of(session, include_inactive=True)}
    off = {(row.starts_on, row.ends_on) for row in await session.scalars(select(DayOff))}
    states = await compare_terms(session, records.terms)
    return replace(
        records,
        terms=[replace(one, state=states[one.source]) for one in records.terms],
        breaks=[replace(one, is_here=(one.first, one.last) in off) for one in records.breaks],
        staff=[replace(one, is_here=email_key(one.email) in known) for one in records.staff],
    )


async def keep_school_records(
    session: AsyncSession,
    *,
    actor: Actor,
    school: Mapping[str, str],
    staff: Collection[StaffMember],
    breaks: Collection[Break],
    terms: Sequence[BroughtTerm],
    today: date,
    now: datetime,
) -> KeptRecords:
    """Accounts that wait to be invited, days off, terms, and what the profile lacks; whatever is here is left alone.

    A term that is here with other days gets those that were brought.

    Args:
        school: 'identifier' and 'district'.

    Raises:
        InvalidInput: an address or a date that can't be meant; then nothing is kept.
    """
    marked = await compare_records(
        session,
        SchoolRecords(
            school="", identifier="", district="", terms=(), breaks=list(breaks), staff=list(staff), unreachable=0,
            students=0,
        ),
    )  # fmt: skip
    new_staff = [one for one in marked.staff if not one.is_here]
    new_breaks = [one for one in marked.breaks if not one.is_here]
    for member in new_staff:
        await invite_person(session, actor=actor, name=member.name, email=member.email, roles=[member.role], now=now)
    for off in new_breaks:
        await add_days_off(
            session, actor=actor, label=BREAK, starts_on=off.first, ends_on=off.last, today=today, now=now
        )
    changed = await keep_terms(session, terms, actor=actor, today=today, now=now)
    await _complete_profile(session, school, now)
    new = len(new_staff) + len(new_breaks) + changed
    there = len(staff) + len(breaks) + len(terms) - new
    return KeptRecords(invited=len(new_staff), breaks=len(new_breaks), terms=changed, there_already=there)


async def _complete_profile(session: AsyncSession, school: Mapping[str, str], now: datetime) -> None:
    profile = await session.scalar(select(SchoolProfile).with_for_update())
    if profile is None:
        return
    if not profile.directory_id and school.get("identifier"):
        profile.directory_id, profile.updated_at = school["identifier"][:40], now
    if not profile.district and school.get("district"):
        profile.district, profile.updated_at = school["district"][:200], now


def _school_of(orgs: Iterable[Mapping[str, str]], asked: str) -> Mapping[str, str]:
    schools = [row for row in orgs if row.get("type", "").lower() == "school" and _is_current(row)]
    folded = asked.strip().casefold()
    if folded:
        schools = [
            row for row in schools if folded in (row.get("name", "").casefold(), row.get("identifier", "").casefold())
        ]
        if not schools:
            raise InvalidInput({"school": [N_("No school in this export has that name or identifier.")]})
    if len(schools) > 1:
        some = "; ".join(row.get("name", "") for row in schools[:5])
        raise InvalidInput({"school": [SEVERAL.format(schools=some)]})
    return schools[0] if schools else {}


def _is_current(row: Mapping[str, str]) -> bool:
    return row.get("status", "").lower() != GONE


def _is_of(row: Mapping[str, str], orgs_of: Mapping[str, set[str]], org: str) -> bool:
    """Of this school, or of none that is said: in the row itself, else (1.2) in those of the person's roles."""
    said = row.get("orgsourcedids") or row.get("primaryorgsourcedid") or ""
    orgs = {one.strip() for one in said.split(",") if one.strip()} or orgs_of.get(row.get("sourcedid", ""), set())
    return not org or not orgs or org in orgs


def _orgs_of(roles: Iterable[Mapping[str, str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in roles:
        if _is_current(row) and row.get("orgsourcedid"):
            found.setdefault(row.get("usersourcedid", ""), set()).add(row["orgsourcedid"])
    return found


def _kinds(roles: Iterable[Mapping[str, str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in roles:
        if _is_current(row):
            found.setdefault(row.get("usersourcedid", ""), set()).add(row.get("role", "").lower())
    return found


def _member(row: Mapping[str, str], role: str) -> StaffMember:
    given = row.get("preferredgivenname") or row["givenname"]
    family = row.get("preferredfamilyname") or row["familyname"]
    return StaffMember(name=f"{given} {family}".strip()[:NAME_LENGTH], email=row["email"][:EMAIL_LENGTH], role=role)


def _term(row: Mapping[str, str], today: date) -> BroughtTerm | None:
    """A term of about now; its end is exclusive in the standard. None for a row that is none, or of long ago."""
    kind = TERM_KINDS.get(row.get("type", "").lower())
    source, title = row.get("sourcedid", ""), " ".join(row.get("title", "").split())[:LONGEST_TITLE]
    if kind is None or not title or not 0 < len(source) <= LONGEST_SOURCE:
        return None
    try:
        first, end = date.fromisoformat(row.get("startdate", "")), date.fromisoformat(row.get("enddate", ""))
    except ValueError:
        return None
    if not today - FURTHEST_BACK <= first < end <= today + FURTHEST_AHEAD:
        return None
    return BroughtTerm(
        source=source,
        title=title,
        kind=kind,
        school_year=_year_of(row.get("schoolyear", ""), first),
        starts_on=first,
        ends_on=end - DAY,
        parent=row.get("parentsourcedid", "")[:LONGEST_SOURCE],
    )


def _year_of(ends_in: str, first: date) -> str:
    """'2026-27' for OneRoster's 2027, or by the first day where it says none."""
    if ends_in.isdecimal() and len(ends_in) == YEAR_DIGITS and abs(int(ends_in) - first.year) <= 1:
        return f"{int(ends_in) - 1}-{ends_in[2:]}"
    return school_year(first)


def _breaks(sessions: Iterable[tuple[date, date]]) -> list[Break]:
    """What lies between a term and the next; a summer is no break."""
    found: list[Break] = []
    until: date | None = None
    for first, last in sorted(sessions):
        if until is not None and DAY < first - until <= LONGEST_BREAK / 2 and _has_weekday(until + DAY, first - DAY):
            found.append(Break(first=until + DAY, last=first - DAY))
        until = max(last, until) if until else last
    return found


def _has_weekday(first: date, last: date) -> bool:
    return any((first + timedelta(days=ahead)).weekday() < 5 for ahead in range((last - first).days + 1))
