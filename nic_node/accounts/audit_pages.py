"""The audit log, the newest first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from nic_node.accounts.audit import audit_entries
from nic_node.accounts.forms import AuditQuery
from nic_node.accounts.people import people_of, person_names
from nic_node.accounts.tables import AuditEntry
from nic_node.web import context
from nic_node.web.forms import load_form
from nic_node.web.templating import render

ENTRIES_A_PAGE = 50
PERSON = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One changed field; '' stands for nothing."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An entry as it is shown; `whom` is a person's name or another subject's id."""

    at: datetime
    who: str
    what: str
    whom: str
    changes: list[FieldChange]


async def show_audit(request: web.Request) -> web.Response:
    query = load_form(request.query, AuditQuery())
    wanted = query.data if query.ok else {}
    after, by = wanted.get("after"), wanted.get("by")
    async with context.database(request).reading() as session:
        entries = await audit_entries(session, after=after, by=by, limit=ENTRIES_A_PAGE + 1)
        people = await people_of(session, include_inactive=True)
        shown = entries[:ENTRIES_A_PAGE]
        names = await person_names(session, [_person_id(entry) for entry in shown])
    values = {
        "lines": [_line(entry, names) for entry in shown],
        "older_than": shown[-1].id if len(entries) > ENTRIES_A_PAGE else None,
        "after": after,
        "by": by,
        "kept": {} if by is None else {"by": by},
        "people": [(person.id, person.name) for person in people],
        "query": query,
    }
    return await render(request, "accounts/audit.html", values)


def _person_id(entry: AuditEntry) -> int | None:
    return int(entry.subject_id) if entry.subject == PERSON and entry.subject_id else None


def _line(entry: AuditEntry, names: Mapping[int, str]) -> Line:
    person_id = _person_id(entry)
    return Line(
        at=entry.at,
        who=entry.actor_name,
        what=in_words(entry.action),
        whom=(entry.subject_id or "") if person_id is None else names.get(person_id, ""),
        changes=changes_of(entry),
    )


def in_words(name: str) -> str:
    """'access-token.created' -> 'access token created'."""
    return name.replace(".", " ").replace("-", " ").replace("_", " ")


def changes_of(entry: AuditEntry) -> list[FieldChange]:
    """What was changed, a line a field."""
    before, after = entry.before or {}, entry.after or {}
    return [
        FieldChange(field=in_words(name), before=_shown(before, name), after=_shown(after, name))
        for name in dict.fromkeys([*before, *after])
    ]


def _shown(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{in_words(key)}: {item}" for key, item in value.items())
    return str(value)
