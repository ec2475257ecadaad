"""Confirm an upload: all of it in one transaction, with each odd number decided on; and take an import back."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.errors import Conflict, InvalidInput, NotFound, Stale
from nic_node.i18n import N_
from nic_node.school.measures.compare import REASONS, ComparedRow, Comparison
from nic_node.school.measures.numbers import NUMBER_FIELDS
from nic_node.school.measures.observe import set_numbers
from nic_node.school.measures.read import measure_of, stored_observations
from nic_node.school.measures.tables import MeasureImport, MeasureRecipe, Observation
from nic_node.school.measures.uploads import GONE, Preview, waiting_import, waiting_preview

DECIDE = N_("Decide on this one: keep it, leave it out, or say that the day was closed.")
NOTHING_TO_KEEP = N_("There is no number to keep: leave it out, or say that the day was closed.")
CHANGED_MEANWHILE = N_("The numbers changed since you looked at this file. Look at it again, then confirm.")
NOT_DONE = N_("This import was taken back already, or never confirmed.")
KEPT = (*NUMBER_FIELDS, "note", "excluded_because", "import_id", "entered_by")


async def confirm_import(
    session: AsyncSession,
    *,
    actor: Actor,
    measure_id: int,
    import_id: int,
    decisions: Mapping[int, str],
    others: Mapping[str, str],
    seen: str,
    now: datetime,
) -> MeasureImport:
    """Write the rows of a waiting upload.

    Args:
        decisions: line of an odd row -> keep, leave-out or closed.
        others: code of a suspicion (blank, zero, unusual) -> the decision for its rows without one.
        seen: `Comparison.seen` of the preview that was looked at.

    Raises:
        NotFound: no such upload of this person, or it expired.
        Conflict: the numbers changed since the preview, or it was confirmed already.
        InvalidInput: an odd row without a decision; fields are 'decision-<line>'.
    """
    await measure_of(session, measure_id, locked=True)
    preview = await _open_preview(session, actor, measure_id, import_id, now)
    if preview.comparison.seen != seen:
        raise Stale(CHANGED_MEANWHILE)
    reasons = _reasons(preview.comparison, decisions, others)
    done = await waiting_import(session, actor=actor, measure_id=measure_id, import_id=import_id, now=now)
    here = {observation.period: observation for observation in await stored_observations(session, measure_id)}
    done.before = [
        _write(session, row, reasons, here.get(row.row.period), done, now) for row in preview.comparison.to_write
    ]
    done.state, done.done_at = "done", now
    await _remember(session, done, now)
    await session.flush()
    after = {
        "import": done.id,
        "new": preview.comparison.count("new"),
        "changed": preview.comparison.count("changed"),
        "left_out": sum(1 for row in preview.comparison.to_write if reasons.get(row.row.line)),
        "bad": preview.fault_count,
    }
    await _audit(session, actor, "import.confirmed", measure_id, after, now)
    return done


async def take_back_import(
    session: AsyncSession, *, actor: Actor, measure_id: int, import_id: int, now: datetime
) -> int:
    """Restore what an import replaced and remove what it added; returns how many points somebody has changed since.

    These stay as they are.

    Raises:
        NotFound.
        Conflict: it was taken back already.
    """
    await measure_of(session, measure_id, locked=True)
    done = await session.get(MeasureImport, import_id, populate_existing=True)
    if done is None or done.measure_id != measure_id or done.state == "waiting":
        raise NotFound(GONE)
    if done.state != "done":
        raise Conflict(NOT_DONE)
    here = {observation.period: observation for observation in await stored_observations(session, measure_id)}
    kept = 0
    for entry in done.before:
        observation = here.get(date.fromisoformat(entry["period"]))
        if observation is None or observation.import_id != done.id:
            kept += 1
        elif entry["had"] is None:
            await session.delete(observation)
        else:
            for name, value in entry["had"].items():
                setattr(observation, name, value)
    done.state = "undone"
    await session.flush()
    await _audit(session, actor, "import.undone", measure_id, {"import": done.id, "kept": kept}, now)
    return kept


async def _open_preview(session: AsyncSession, actor: Actor, measure_id: int, import_id: int, now: datetime) -> Preview:
    """Raises Conflict for an import of this person that is done, NotFound for any other that does not wait."""
    found = await session.get(MeasureImport, import_id, populate_existing=True)
    is_theirs = found is not None and (found.measure_id, found.person_id) == (measure_id, actor.person_id)
    if found is not None and is_theirs and found.state != "waiting":
        raise Conflict(N_("This file was confirmed already."))
    return await waiting_preview(session, actor=actor, measure_id=measure_id, import_id=import_id, now=now)


def _reasons(comparison: Comparison, decisions: Mapping[int, str], others: Mapping[str, str]) -> dict[int, str]:
    """Line of each odd row -> the reason for which it is left out, '' if it counts."""
    reasons: dict[int, str] = {}
    said: dict[str, list[str]] = {}
    for row in comparison.suspicious:
        assert row.suspicion is not None
        decision = decisions.get(row.row.line) or others.get(row.suspicion.code, "")
        if decision not in REASONS:
            said[f"decision-{row.row.line}"] = [DECIDE]
        elif decision not in row.decisions:
            said[f"decision-{row.row.line}"] = [NOTHING_TO_KEEP]
        else:
            reasons[row.row.line] = REASONS[decision]
    if said:
        raise InvalidInput(said, N_("Some numbers are still to be decided on."))
    return reasons


def _write(
    session: AsyncSession,
    compared: ComparedRow,
    reasons: Mapping[int, str],
    had: Observation | None,
    done: MeasureImport,
    now: datetime,
) -> dict[str, Any]:
    """Write one row and return what stood there, for `MeasureImport.before`."""
    row = compared.row
    before = None if had is None else {name: getattr(had, name) for name in KEPT}
    observation = had
    if observation is None:
        observation = Observation(measure_id=done.measure_id, period=row.period, value=None, note="")
        session.add(observation)
    if row.numbers is not None:
        set_numbers(observation, row.numbers)
    if row.note is not None:
        observation.note = row.note
    observation.excluded_because = reasons.get(row.line, "")
    observation.import_id, observation.entered_by, observation.entered_at = done.id, done.person_id, now
    return {"period": row.period.isoformat(), "had": before}


async def _remember(session: AsyncSession, done: MeasureImport, now: datetime) -> None:
    """How this file was read, for the next one."""
    recipe = await session.get(MeasureRecipe, done.measure_id)
    if recipe is None:
        session.add(MeasureRecipe(measure_id=done.measure_id, recipe=dict(done.read), updated_at=now))
    else:
        recipe.recipe, recipe.updated_at = dict(done.read), now


async def _audit(
    session: AsyncSession, actor: Actor, action: str, measure_id: int, after: Mapping[str, Any], now: datetime
) -> None:
    await record_audit(
        session,
        actor=actor,
        action=action,
        subject="measure",
        subject_id=measure_id,
        before=None,
        after=after,
        now=now,
    )
