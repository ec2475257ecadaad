"""Names out of a OneRoster zip (IMS Global, OneRoster 1.1 and 1.2, CSV binding): names and roles, and nothing else.

Of users.csv the given, middle, family and preferred names are read; the role stands in the same row in 1.1, in
roles.csv in 1.2. Every other column and file (marks, e-mail addresses, ids, demographics) is passed over unread or
forgotten before anything is kept.
"""

import csv
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Final

from nic_node.disclosure.text.roster import Role
from nic_node.errors import InvalidInput
from nic_node.i18n import N_
from nic_node.publishing.roster import RosterEntry, names_of, read_roster

ZIP_STARTS: Final = b"PK\x03\x04"
LARGEST_MEMBER: Final = 50_000_000  # bytes unpacked: a zip may say anything of itself
USERS: Final = "users.csv"
ROLES: Final = "roles.csv"
MANIFEST: Final = "manifest.csv"
DELTA: Final = "delta"
OURS: Final = frozenset({"file.orgs", "file.academicsessions", "file.users", "file.roles"})
ROLE_OF: Final[Mapping[str, Role]] = {
    "student": "student",
    "teacher": "teacher", "aide": "teacher", "administrator": "teacher", "principal": "teacher", "counselor": "teacher",
    "proctor": "teacher", "districtadministrator": "teacher", "siteadministrator": "teacher",
    "systemadministrator": "teacher",
    "guardian": "family", "parent": "family", "relative": "family",
}  # fmt: skip
COLUMNS: Final = frozenset(
    {
        "sourcedid", "status", "name", "type", "identifier", "parentsourcedid", "title", "startdate", "enddate",
        "schoolyear", "usersourcedid", "role", "orgsourcedid", "orgsourcedids", "primaryorgsourcedid", "givenname",
        "middlename", "familyname", "preferredgivenname", "preferredfamilyname", "email", "propertyname", "value",
    }
)  # fmt: skip
"""What is read of any table; of a large export everything else would be held for nothing."""
NAMES: Final = frozenset({"givenname", "familyname"})
NOT_ONEROSTER: Final = N_("This zip is no OneRoster export: it has no users.csv with givenName and familyName.")
TOO_LARGE: Final = N_("A table in this zip is larger than 50 MB. Export the users of your school alone.")
DAMAGED: Final = N_("This zip can't be read: it is damaged or has a password. Export it again.")
ONLY_CHANGES: Final = N_("This export holds only what changed (delta). Export everything (bulk), and bring that.")
NOT_UTF8: Final = N_("This file is not text in UTF-8. Save it as CSV (UTF-8) and bring it again.")


def read_names(content: bytes) -> list[RosterEntry]:
    """The names of whatever was brought: a OneRoster zip, a table, or a name a line.

    Raises:
        InvalidInput: none of these, or nothing in it.
    """
    if content.startswith(ZIP_STARTS):
        return read_oneroster(content)
    try:
        return read_roster(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InvalidInput({"file": [NOT_UTF8]}, NOT_UTF8) from error


def read_oneroster(content: bytes) -> list[RosterEntry]:
    """The names of all users of the export, with what each is to the school.

    Raises:
        InvalidInput: no OneRoster zip, damaged, with a password, too large unpacked; no names, or too many.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            verify_bulk(archive)
            roles = read_table(archive, ROLES)
            users = read_table(archive, USERS)
    except (zipfile.BadZipFile, zlib.error, csv.Error, EOFError, RuntimeError, NotImplementedError) as error:
        raise InvalidInput({"file": [DAMAGED]}, DAMAGED) from error
    if not users or not users[0].keys() >= NAMES:
        raise InvalidInput({"file": [NOT_ONEROSTER]}, NOT_ONEROSTER)
    return roster_entries(users, roles)


def roster_entries(users: Iterable[Mapping[str, str]], roles: Iterable[Mapping[str, str]]) -> list[RosterEntry]:
    """Names of rows of users.csv, with what each is to the school. Raises InvalidInput, as `names_of`."""
    known = _roles(roles)
    return names_of(entry for row in users for entry in _entries(row, known))


def _entries(row: Mapping[str, str], roles: Mapping[str, Role | None]) -> Iterator[RosterEntry]:
    """The name, and the one that is preferred where it is another."""
    role = ROLE_OF.get(row.get("role", "").lower()) or roles.get(row.get("sourcedid", ""))
    given, family = row["givenname"], row["familyname"]
    yield RosterEntry(_last_first(family, f"{given} {row.get('middlename', '')}".strip()), "PERSON", role)
    called = row.get("preferredfamilyname") or family, row.get("preferredgivenname") or given
    if called != (family, given):
        yield RosterEntry(_last_first(*called), "PERSON", role)


def _last_first(*names: str) -> str:
    return ", ".join(name for name in names if name)


def _roles(rows: Iterable[Mapping[str, str]]) -> dict[str, Role | None]:
    """What each user of a 1.2 export is; unknown of who is several things, as a teacher is whose child is here."""
    found: dict[str, Role | None] = {}
    for row in rows:
        user, role = row.get("usersourcedid", ""), ROLE_OF.get(row.get("role", "").lower())
        found[user] = role if found.get(user, role) == role else None
    return found


def verify_bulk(archive: zipfile.ZipFile) -> None:
    """Raises InvalidInput: 'file', where the manifest says that a table holds only what changed.

    What is brought takes the place of what was brought before: of a part of it most names would no longer be known.
    """
    rows = read_table(archive, MANIFEST)
    if any(row.get("value", "").lower() == DELTA and row.get("propertyname", "").lower() in OURS for row in rows):
        raise InvalidInput({"file": [ONLY_CHANGES]}, ONLY_CHANGES)


def read_table(archive: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    """The rows of a member, by column in lower case; none where there is no such member.

    Raises:
        InvalidInput: 'file': larger than LARGEST_MEMBER unpacked, or not UTF-8.
    """
    member = next((info for info in archive.infolist() if PurePosixPath(info.filename).name.lower() == name), None)
    if member is None:
        return []
    with archive.open(member) as packed:
        content = packed.read(LARGEST_MEMBER + 1)
    if len(content) > LARGEST_MEMBER:
        raise InvalidInput({"file": [TOO_LARGE]}, TOO_LARGE)
    try:
        rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), restval="")
    except UnicodeDecodeError as error:
        raise InvalidInput({"file": [NOT_UTF8]}, NOT_UTF8) from error
    wanted = [(column, low) for column in rows.fieldnames or () if (low := column.strip().lower()) in COLUMNS]
    return [{low: (row[column] or "").strip() for column, low in wanted} for row in rows]
