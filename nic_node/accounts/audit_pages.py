"""The audit log, the newest first."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from nic_node.accounts.audit import audit_entries
from nic_node.accounts.forms import AuditQuery
from nic_node.accounts.tables import AuditEntry
from nic_node.web import context
from nic_node.web.forms import load_form
from nic_node.web.templating import render

ENTRIES_A_PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One line of an entry; '' stands for nothing."""

    field: str
    before: str
    after: str


async def show_audit(request: web.Request) -> web.Response:
    query = load_form(request.query, AuditQuery())
    after = query.data.get("after") if query.ok else None
    async with context.database(request).reading() as session:
        entries = await audit_entries(session, after=after, limit=ENTRIES_A_PAGE + 1)
    shown = entries[:ENTRIES_A_PAGE]
    values = {
        "entries": [(entry, in_words(entry.action), changes_of(entry)) for entry in shown],
        "older_than": shown[-1].id if len(entries) > ENTRIES_A_PAGE else None,
        "after": after,
    }
    return await render(request, "accounts/audit.html", values)


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
