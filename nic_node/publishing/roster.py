"""The roster: the names that must never leave, kept sealed, and used by the text stage only."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.accounts.people import people_of
from nic_node.db.insert import insert_if_missing
from nic_node.disclosure.text.roster import Role, Roster, build_roster
from nic_node.disclosure.wording import ROSTER_STALE_AFTER
from nic_node.errors import InvalidInput, NotFound
from nic_node.i18n import N_, filled
from nic_node.keyring.operator_key import OperatorKey
from nic_node.publishing.sealing import open_document, seal_document
from nic_node.publishing.tables import RosterRow
from nic_node.school.profile.describe import profile_of_school

CONTEXT: Final = "publishing.roster"
MOST_ENTRIES: Final = 20_000
LONGEST_ENTRY: Final = 200
ONLY_ROW: Final = 1
NEVER: Final = date(1, 1, 1)
"""The age of a roster that nobody filled: stale, so that prose stays, while the school's own name is still found."""
FULL_NAME: Final = frozenset({"name", "full name", "fullname", "student", "student name", "display name"})
FIRST_NAME: Final = frozenset({"first", "first name", "firstname", "given name", "givenname"})
MIDDLE_NAME: Final = frozenset({"middle", "middle name", "middlename"})
LAST_NAME: Final = frozenset({"last", "last name", "lastname", "surname", "family name", "familyname"})
ROLE: Final = frozenset({"role", "type", "kind"})
ROLES: Final[Mapping[str, Role]] = {
    "student": "student", "students": "student", "pupil": "student",
    "teacher": "teacher", "staff": "teacher", "principal": "teacher", "coach": "teacher", "aide": "teacher",
    "parent": "family", "guardian": "family", "family": "family", "relative": "family",
}  # fmt: skip
PLACES: Final[Mapping[str, str]] = {"school": "SCHOOL", "district": "DISTRICT"}


@dataclass(frozen=True, slots=True)
class RosterAge:
    """What may be told about the roster: how many entries, how old, and whether prose may be trusted to it."""

    entries: int
    as_of: date | None
    stale: bool


@dataclass(frozen=True, slots=True)
class RosterEntry:
    """kind: PERSON, SCHOOL or DISTRICT."""

    text: str
    kind: str = "PERSON"
    role: Role | None = None


def read_roster(text: str) -> list[RosterEntry]:
    """Names out of what was pasted or uploaded: a name a line, or CSV with a header that names its columns.

    Raises:
        InvalidInput: as `names_of`.
    """
    rows = [row for row in csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=_delimiter(text)) if any(row)]
    columns = _columns(rows[0]) if rows else None
    return names_of(_by_columns(rows[1:], columns) if columns else _by_lines(text))


def names_of(entries: Iterable[RosterEntry]) -> list[RosterEntry]:
    """What was read, each name once; refused where it can't be a roster.

    Raises:
        InvalidInput: no names; too many; a line longer than any name.
    """
    found = list(dict.fromkeys(entry for entry in entries if entry.text))
    if not found:
        raise InvalidInput({"text": [N_("There is no name in it. Paste one name a line, or a table with a header.")]})
    if len(found) > MOST_ENTRIES:
        raise InvalidInput(
            {"text": [filled(N_("That is more than {n} names. Keep those who are here now."), n=f"{MOST_ENTRIES:,}")]}
        )
    if any(len(entry.text) > LONGEST_ENTRY for entry in found):
        raise InvalidInput({"text": [N_("A line is too long to be a name. Paste one name a line.")]})
    return found


def _delimiter(text: str) -> str:
    first = text.lstrip("\ufeff").split("\n", 1)[0]
    return max(",;\t", key=first.count)


def _columns(header: Sequence[str]) -> dict[str, int] | None:
    """Which column holds what, if this is a header at all."""
    wanted = {"name": FULL_NAME, "first": FIRST_NAME, "middle": MIDDLE_NAME, "last": LAST_NAME, "role": ROLE}
    plain = [cell.strip().lower().replace("_", " ") for cell in header]
    found = {name: plain.index(cell) for name, known in wanted.items() for cell in plain if cell in known}
    return found if {"name", "last"} & found.keys() else None


def _by_columns(rows: Iterable[Sequence[str]], columns: Mapping[str, int]) -> Iterable[RosterEntry]:
    for row in rows:
        cell = {name: row[index].strip() if index < len(row) else "" for name, index in columns.items()}
        text = cell.get("name") or ", ".join(
            part for part in (cell.get("last", ""), f"{cell.get('first', '')} {cell.get('middle', '')}".strip()) if part
        )
        said = cell.get("role", "").lower()
        yield RosterEntry(_one_line(text), PLACES.get(said, "PERSON"), ROLES.get(said))


def _by_lines(text: str) -> Iterable[RosterEntry]:
    return (RosterEntry(_one_line(line)) for line in text.lstrip("\ufeff").splitlines())


def _one_line(text: str) -> str:
    return " ".join(text.replace("\x00", " ").split()).strip('"')


async def keep_roster(
    session: AsyncSession,
    *,
    operator_key: OperatorKey,
    actor: Actor,
    entries: Sequence[RosterEntry],
    today: date,
    now: datetime,
) -> RosterAge:
    """Put these names in place of the earlier ones; who did it and how many are audited, never which."""
    document = {"entries": [[entry.text, entry.kind, entry.role] for entry in entries]}
    sealed = seal_document(operator_key, document, context=CONTEXT)
    row = await session.scalar(select(RosterRow).with_for_update())
    if row is None:
        nothing = {"sealed": b"", "entries": 0, "as_of": NEVER, "updated_at": now, "version": 1}
        await insert_if_missing(session, RosterRow, id=ONLY_ROW, **nothing)
        row = (await session.scalars(select(RosterRow).with_for_update())).one()
    before = None if row.as_of == NEVER else {"entries": row.entries, "as_of": row.as_of}
    row.sealed, row.entries, row.as_of, row.person_id, row.updated_at = (
        sealed, len(entries), today, actor.person_id, now,
    )  # fmt: skip
    await session.flush()
    await record_audit(
        session,
        actor=actor,
        action="roster.filled",
        subject="roster",
        subject_id=row.id,
        before=before,
        after={"entries": len(entries), "as_of": today},
        now=now,
    )
    return RosterAge(row.entries, row.as_of, stale=False)


async def roster_age(session: AsyncSession, *, today: date) -> RosterAge:
    row = await session.scalar(select(RosterRow))
    if row is None:
        return RosterAge(0, None, stale=True)
    return RosterAge(row.entries, row.as_of, stale=row.entries == 0 or today - row.as_of > ROSTER_STALE_AFTER)


async def compiled_roster(session: AsyncSession, *, operator_key: OperatorKey) -> Roster:
    """The roster with the school's own name, its district and the people of this node added, compiled for matching."""
    row = await session.scalar(select(RosterRow))
    kept = open_document(operator_key, row.sealed, context=CONTEXT)["entries"] if row else []
    entries: dict[str, list[str]] = {"PERSON": [], "SCHOOL": [], "DISTRICT": []}
    roles: dict[str, Role] = {}
    own = [(person.name, "PERSON", "teacher") for person in await people_of(session, include_inactive=True)]
    for text, kind, role in (*own, *kept, *await _own_places(session)):
        entries[kind].append(text)
        if role:
            roles[text] = role
    return build_roster(entries, roles=roles, as_of=row.as_of if row and row.entries else NEVER)


async def _own_places(session: AsyncSession) -> list[tuple[str, str, None]]:
    try:
        profile = await profile_of_school(session)
    except NotFound:
        return []
    named = ((profile.name, "SCHOOL"), (profile.district, "DISTRICT"))
    return [(name, kind, None) for name, kind in named if name]


def days_old(age: RosterAge, today: date) -> int | None:
    return None if age.as_of is None else max(timedelta(0), today - age.as_of).days
