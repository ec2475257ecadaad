"""Write down why it happens, who was heard, and whether all can live with the change."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.errors import Conflict, Stale
from nic_node.i18n import N_
from nic_node.school.causes.tables import Cause, ConsensusCheck, CurrentProcess, Talk
from nic_node.school.editing import (
    CHANGED_MEANWHILE,
    far_off,
    keep_changes,
    keep_new,
    locked_row,
    long_ones,
    verify,
)
from nic_node.school.projects.write import locked_project

BRANCHES: Mapping[str, str] = {
    "people": N_("People: what they know and can do"),
    "methods": N_("Methods: how we do it"),
    "materials": N_("Materials and tools"),
    "place": N_("Time and place"),
    "rules": N_("Rules and habits"),
    "home": N_("Home and community"),
}
VOICES: Mapping[str, str] = {"students": N_("Students"), "families": N_("Families"), "staff": N_("Staff")}
MOST_CAUSES = 60
MOST_WHYS = 5
FINGERS = 6
READY = 3
"""Fingers from which somebody goes along; whoever shows fewer is asked what would have to change."""
NO_CAUSE = N_("There is no such cause here.")


async def add_cause(
    session: AsyncSession, *, actor: Actor, project_id: int, text: str, branch: str, why_id: int | None, now: datetime
) -> Cause:
    """Name a cause of the problem, or with `why_id` the cause of a cause, up to MOST_WHYS deep.

    Raises:
        NotFound.
        Conflict: MOST_CAUSES are there.
        InvalidInput: with sentences beside the fields.
    """
    project = await locked_project(session, project_id)
    said = long_ones({"text": text}, {"text": 300})
    if not text.strip():
        said["text"] = N_("Say what makes it happen.")
    above = await session.get(Cause, why_id) if why_id is not None else None
    if why_id is not None and (above is None or above.project_id != project_id):
        said["why_id"] = N_("Choose a cause that stands here.")
    elif above is not None and await _depth(session, above) >= MOST_WHYS:
        said["why_id"] = N_("Five whys are enough: choose one of these causes to work on.")
    if above is None and branch not in BRANCHES:
        said["branch"] = N_("Choose what kind of cause it is.")
    verify(said)
    there = await session.scalar(select(func.count()).select_from(Cause).where(Cause.project_id == project_id))
    if (there or 0) >= MOST_CAUSES:
        raise Conflict(N_("These are more causes than a team can weigh. Remove some first."))
    kind = above.branch if above is not None else branch
    row = Cause(project_id=project.id, why_id=why_id, branch=kind, text=text.strip())
    return await keep_new(session, row, actor=actor, action="cause.named", now=now)


async def choose_cause(session: AsyncSession, *, actor: Actor, cause_id: int, is_chosen: bool, now: datetime) -> Cause:
    """Work on this cause, or not any more. Raises NotFound."""
    row = await locked_row(session, Cause, cause_id, missing=NO_CAUSE)
    return await keep_changes(session, row, {"is_chosen": is_chosen}, actor=actor, action="cause.chosen", now=now)


async def write_process(
    session: AsyncSession, *, actor: Actor, project_id: int, steps: str, version: int | None, now: datetime
) -> CurrentProcess:
    """How it goes now. Raises NotFound, InvalidInput; Conflict when somebody was faster (`version`: None for none)."""
    await locked_project(session, project_id)
    verify(long_ones({"steps": steps}, {"steps": 2000}))
    row = await session.scalar(select(CurrentProcess).where(CurrentProcess.project_id == project_id))
    if (row.version if row else None) != version:
        raise Stale(CHANGED_MEANWHILE)
    if row is None:
        row = CurrentProcess(project_id=project_id, steps=steps.strip())
        return await keep_new(session, row, actor=actor, action="process.written", now=now)
    return await keep_changes(session, row, {"steps": steps.strip()}, actor=actor, action="process.written", now=now)


async def keep_talk(
    session: AsyncSession,
    *,
    actor: Actor,
    project_id: int,
    with_whom: str,
    people: int | None,
    said: str,
    held_on: date | None,
    today: date,
    now: datetime,
) -> Talk:
    """What some people told; the audit log says only that they were heard. Raises NotFound, InvalidInput."""
    await locked_project(session, project_id)
    wrong = long_ones({"said": said}, {"said": 1000})
    if with_whom not in VOICES:
        wrong["with_whom"] = N_("Choose with whom you talked.")
    if not 1 <= (people or 0) <= 500:
        wrong["people"] = N_("Say with how many, from 1 to 500.")
    if not said.strip():
        wrong["said"] = N_("Write what you heard, in their words, without names.")
    wrong["held_on"] = far_off(held_on, today) if held_on else N_("Say on which day.")
    verify(wrong)
    row = Talk(project_id=project_id, with_whom=with_whom, people=people, said=said.strip(), held_on=held_on)
    return await keep_new(session, row, actor=actor, action="talk.kept", now=now, is_told=False)


async def check_consensus(
    session: AsyncSession,
    *,
    actor: Actor,
    project_id: int,
    question: str,
    heard: str,
    fists: Sequence[int],
    held_on: date | None,
    today: date,
    now: datetime,
) -> ConsensusCheck:
    """Fist to five: `fists` are how many showed 0 to 5 fingers. Raises NotFound, InvalidInput."""
    await locked_project(session, project_id)
    said = long_ones({"question": question, "heard": heard}, {"question": 300, "heard": 400})
    if not question.strip():
        said["question"] = N_("Say what you asked.")
    if len(fists) != FINGERS or any(not 0 <= count <= 1000 for count in fists) or not sum(fists):
        said["fists"] = N_("Say how many showed each number of fingers; one hand at least.")
    said["held_on"] = far_off(held_on, today) if held_on else N_("Say on which day.")
    verify(said)
    row = ConsensusCheck(
        project_id=project_id, question=question.strip(), heard=heard.strip(), fists=list(fists), held_on=held_on
    )
    return await keep_new(session, row, actor=actor, action="consensus.checked", now=now)


async def _depth(session: AsyncSession, cause: Cause) -> int:
    """How many whys up to this one, itself included; what stands in a loop counts as too deep."""
    depth, above = 1, cause.why_id
    while above is not None and depth < MOST_WHYS:
        row = await session.get(Cause, above)
        depth, above = depth + 1, row.why_id if row else None
    return depth
