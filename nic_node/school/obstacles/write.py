"""Write an obstacle, say that it is gone, and keep what the district answers."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.errors import Conflict
from nic_node.i18n import N_
from nic_node.school.communication.plain import find_giveaways
from nic_node.school.editing import far_off, keep_changes, keep_new, locked_row, long_ones, verify
from nic_node.school.known_names import KnownNames
from nic_node.school.obstacles.tables import Obstacle
from nic_node.school.plan.tables import Goal
from nic_node.school.projects.tables import Project

KINDS: Final[Mapping[str, str]] = {
    "time": N_("Time and schedule"),
    "people": N_("Staffing and people"),
    "money": N_("Money"),
    "rules": N_("Rules and approvals"),
    "transport": N_("Transport"),
    "rooms": N_("Buildings and technology"),
    "training": N_("Training and materials"),
    "other": N_("Something else"),
}
STATES: Final = ("open", "removed")
ANSWERS: Final[Mapping[str, str]] = {"taken": N_("We take this on"), "removed": N_("Removed")}
FIELDS: Final = ("what", "asks", "kind", "goal_id", "project_id", "since")
LONGEST: Final = {"what": 300, "asks": 300}
NO_OBSTACLE: Final = N_("There is no such obstacle.")
NOT_OPEN: Final = N_("It is out of the way already. Open it again first.")
SAY_WHAT: Final = N_("Say in a sentence what stands in the way.")
SAY_ASKS: Final = N_("Say what you ask of the district: something that it can do or allow.")
SAY_KIND: Final = N_("Choose what it is about.")
SAY_OF: Final = N_("Choose the goal or the project that it stands in the way of.")
GIVES_AWAY: Final = N_("This stands for few people, or names one: say it without the number or the person.")
AHEAD: Final = N_("This is in the future. Since when has it stood in the way?")


async def write_obstacle(
    session: AsyncSession, *, actor: Actor, values: Mapping[str, Any], names: KnownNames, today: date, now: datetime
) -> Obstacle:
    """Keep an obstacle, open from `since` (today when it is left out).

    Raises:
        InvalidInput: with sentences beside the fields; 'of' where neither goal nor project is named, or both.
    """
    known = {"since": today} | {name: values[name] for name in FIELDS if values.get(name) is not None}
    await _verify(session, known, names, today)
    row = Obstacle(state="open", **known)
    return await keep_new(session, row, actor=actor, action="obstacle.written", now=now)


async def change_obstacle(
    session: AsyncSession,
    *,
    actor: Actor,
    obstacle_id: int,
    values: Mapping[str, Any],
    version: int,
    names: KnownNames,
    today: date,
    now: datetime,
) -> Obstacle:
    """Change what `values` names. Raises NotFound; Conflict; InvalidInput as `write_obstacle`."""
    row = await locked_row(session, Obstacle, obstacle_id, missing=NO_OBSTACLE, version=version)
    known = {name: values[name] for name in FIELDS if name in values}
    await _verify(session, {name: known.get(name, getattr(row, name)) for name in FIELDS}, names, today)
    return await keep_changes(session, row, known, actor=actor, action="obstacle.changed", now=now)


async def settle_obstacle(
    session: AsyncSession, *, actor: Actor, obstacle_id: int, state: str, today: date, now: datetime
) -> Obstacle:
    """Out of the way, or in it again. What the district answered stays with it. Raises NotFound."""
    assert state in STATES
    row = await locked_row(session, Obstacle, obstacle_id, missing=NO_OBSTACLE)
    values = {"state": state, "removed_on": today if state == "removed" else None}
    if state == row.state:
        return row
    action = "obstacle.gone" if state == "removed" else "obstacle.reopened"
    return await keep_changes(session, row, values, actor=actor, action=action, now=now)


async def take_answer(
    session: AsyncSession, *, actor: Actor, obstacle_id: int, answer: str, note: str, now: datetime
) -> Obstacle:
    """Keep what the district says; whether it is out of the way, the school says. The same answer twice is one.

    Raises:
        NotFound.
        Conflict: it is not open.
    """
    assert answer in ANSWERS
    row = await locked_row(session, Obstacle, obstacle_id, missing=NO_OBSTACLE)
    if row.state != "open":
        raise Conflict(NOT_OPEN)
    if (row.answer, row.answer_note) == (answer, note):
        return row
    values = {"answer": answer, "answer_note": note, "answered_at": now}
    return await keep_changes(session, row, values, actor=actor, action="obstacle.answered", now=now)


async def _verify(session: AsyncSession, values: Mapping[str, Any], names: KnownNames, today: date) -> None:
    said = long_ones(values, LONGEST)
    for name, empty in (("what", SAY_WHAT), ("asks", SAY_ASKS)):
        text = (values.get(name) or "").strip()
        said[name] = said[name] or (None if text else empty) or (GIVES_AWAY if find_giveaways(text, names) else None)
    said["kind"] = None if values.get("kind") in KINDS else SAY_KIND
    said["of"] = None if await _is_of_one(session, values) else SAY_OF
    since = values["since"]
    said["since"] = far_off(since, today) or (AHEAD if since > today else None)
    verify(said)


async def _is_of_one(session: AsyncSession, values: Mapping[str, Any]) -> bool:
    goal_id, project_id = values.get("goal_id"), values.get("project_id")
    if (goal_id is None) == (project_id is None):
        return False
    row = await session.get(Goal, goal_id) if goal_id is not None else await session.get(Project, project_id)
    return row is not None
