"""Add, change and settle action items."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.errors import InvalidInput
from nic_node.i18n import N_
from nic_node.school.actions.tables import ActionItem
from nic_node.school.editing import (
    far_off,
    keep_changes,
    keep_new,
    locked_row,
    long_ones,
    no_such_person,
    verify,
)
from nic_node.school.meetings.tables import Meeting, MeetingDecision
from nic_node.school.notices.tell import tell
from nic_node.school.plan.tables import Goal
from nic_node.school.projects.tables import Project

ACTION_FIELDS = ("text", "owner_id", "due", "goal_id", "project_id", "meeting_id", "decision_id")
STATES = ("open", "done", "dropped")
SERVES = {"goal_id": Goal, "project_id": Project, "meeting_id": Meeting, "decision_id": MeetingDecision}
NO_ACTION = N_("There is no such action item here.")


async def add_action(
    session: AsyncSession, *, actor: Actor, values: Mapping[str, Any], today: date, now: datetime
) -> ActionItem:
    """Add one; whoever writes it owns it unless `values` names somebody.

    Args:
        values: fields of ACTION_FIELDS; `text` is needed.

    Raises:
        InvalidInput: with sentences beside the fields.
    """
    known = {name: values[name] for name in ACTION_FIELDS if values.get(name) is not None}
    known = {"owner_id": actor.person_id, **known}
    await _verify(session, known, today)
    row = ActionItem(state="open", **known)
    await keep_new(session, row, actor=actor, action="action.added", now=now)
    await _tell_owner(session, row, actor=actor, now=now)
    return row


async def change_action(
    session: AsyncSession,
    *,
    actor: Actor,
    action_id: int,
    values: Mapping[str, Any],
    version: int,
    today: date,
    now: datetime,
) -> ActionItem:
    """Change what `values` names.

    Raises:
        NotFound, Conflict: a stale version.
        InvalidInput: with sentences beside the fields.
    """
    row = await locked_row(session, ActionItem, action_id, missing=NO_ACTION, version=version)
    known = {name: values[name] for name in ACTION_FIELDS if name in values}
    changed = {name: value for name, value in known.items() if getattr(row, name) != value}
    await _verify(session, {"text": row.text, **changed}, today)
    await keep_changes(session, row, known, actor=actor, action="action.changed", now=now)
    if "owner_id" in changed:
        await _tell_owner(session, row, actor=actor, now=now)
    return row


async def settle_action(
    session: AsyncSession, *, actor: Actor, action_id: int, state: str, today: date, now: datetime
) -> ActionItem:
    """Done, dropped, or open again. Whoever comes second with the same word changes nothing.

    Raises:
        NotFound.
        InvalidInput: an unknown state.
    """
    if state not in STATES:
        raise InvalidInput({"state": [N_("An action item is open, done or dropped.")]})
    row = await locked_row(session, ActionItem, action_id, missing=NO_ACTION)
    if row.state == state:
        return row
    values = {"state": state, "settled_on": None if state == "open" else today}
    return await keep_changes(session, row, values, actor=actor, action="action.settled", now=now)


async def _tell_owner(session: AsyncSession, row: ActionItem, *, actor: Actor, now: datetime) -> None:
    await tell(
        session,
        [row.owner_id],
        actor=actor,
        kind="action",
        subject_kind="action",
        subject_id=row.id,
        about=row.text,
        now=now,
    )


async def _verify(session: AsyncSession, values: Mapping[str, Any], today: date) -> None:
    said = long_ones(values, {"text": 300})
    if not (values.get("text") or "").strip():
        said["text"] = N_("Write what is to be done.")
    said["due"] = far_off(values.get("due"), today)
    said["owner_id"] = await no_such_person(session, values.get("owner_id"))
    for name, table in SERVES.items():
        if values.get(name) is not None and await session.get(table, values[name]) is None:
            said[name] = N_("This is no longer here; choose another.")
    verify(said)
