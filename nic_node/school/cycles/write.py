"""Inquiry cycles: plan with a prediction, do, study against it, act; or the stages of a spiral. Small, then larger."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.errors import Conflict, InvalidInput, NotFound, Stale
from nic_node.i18n import N_, too_long
from nic_node.school.cycles.spiral import STAGES
from nic_node.school.cycles.tables import Cycle
from nic_node.school.editing import CHANGED_MEANWHILE, FORMER_YEARS, far_off
from nic_node.school.measures.tables import Measure
from nic_node.school.projects.tables import Project
from schemas.vocab import DECISIONS

CYCLE_FIELDS = (
    "measure_id", "scale", "question", "prediction", "did", "studied", "fidelity", "differed", *STAGES,
    "act", "next_step", "starts_on", "ends_on",
)  # fmt: skip
LENGTHS = {
    "scale": 80, "question": 400, "prediction": 400, "did": 1000, "studied": 1000, "differed": 400, "next_step": 400,
    **dict.fromkeys(STAGES, 1000),
}  # fmt: skip
FORMS = ("pdsa", "spiral")
OF_PDSA = ("prediction", "did", "studied")
FIDELITIES: Mapping[str, str] = {
    "planned": N_("As planned"),
    "mostly": N_("Mostly as planned"),
    "partly": N_("Partly as planned"),
    "not": N_("Not as planned"),
}
# What stands in which field before a cycle of this form is decided.
SEEN = {
    "pdsa": ("studied", N_("Say first what you saw, against what you predicted.")),
    "spiral": ("check", N_("Say first whether it made enough of a difference.")),
}
NOT_OF_FORM = N_("This form of cycle has no such text: plan, do and study, or the stages of a spiral.")


def fields_of(form: str) -> tuple[str, ...]:
    """What a cycle of this form is told by: a spiral has stages in place of prediction, did and studied."""
    return tuple(name for name in CYCLE_FIELDS if name not in _of_the_other(form))


async def cycles_of(session: AsyncSession, project_id: int) -> list[Cycle]:
    """A project's cycles, the first one first."""
    return list(await session.scalars(select(Cycle).where(Cycle.project_id == project_id).order_by(Cycle.number)))


async def cycle_of(session: AsyncSession, cycle_id: int) -> Cycle:
    cycle = await session.get(Cycle, cycle_id)
    if cycle is None:
        raise NotFound(N_("There is no such cycle."))
    return cycle


async def start_of_next(session: AsyncSession, project_id: int) -> tuple[Cycle | None, dict[str, Any]]:
    """The last cycle that was decided, and what the next one starts from, so that nobody types it again.

    What was adopted goes on with its question, to be asked of more people; what was adapted also with as many.
    """
    last = await session.scalar(
        select(Cycle).where(Cycle.project_id == project_id).order_by(Cycle.number.desc()).limit(1)
    )
    if last is None or last.act is None:
        return None, {}
    start = {"form": last.form, "measure_id": last.measure_id}
    start |= {"question": last.question} if last.act != "abandon" else {}
    return last, start | ({"scale": last.scale} if last.act == "adapt" else {})


async def plan_cycle(
    session: AsyncSession, *, actor: Actor, project_id: int, values: Mapping[str, Any], today: date, now: datetime
) -> Cycle:
    """Plan the next cycle of a running project; its `form` is said here and stays.

    Raises:
        NotFound: no such project.
        Conflict: the project is closed.
        InvalidInput: no question, no start, an unknown form, a measure of another project.
    """
    project = await session.get(Project, project_id, with_for_update=True)
    if project is None:
        raise NotFound(N_("There is no such project here."))
    if project.state == "closed":
        raise Conflict(N_("This project is closed; reopen it to add a cycle."))
    known = {name: values[name] for name in CYCLE_FIELDS if values.get(name) is not None}
    form = values.get("form") or "pdsa"
    if form not in FORMS:
        raise InvalidInput({"form": [N_("Choose: pdsa or spiral.")]})
    await _verify_cycle(session, project_id, form, known, today)
    last = await session.scalar(select(func.max(Cycle.number)).where(Cycle.project_id == project_id))
    cycle = Cycle(
        project_id=project_id,
        number=(last or 0) + 1,
        form=form,
        created_by=actor.person_id,
        created_at=now,
        updated_at=now,
        **known,
    )
    session.add(cycle)
    await session.flush()
    await _audit(session, actor, "cycle.planned", cycle, None, {"question": cycle.question}, now)
    return cycle


async def note_cycle(
    session: AsyncSession,
    *,
    actor: Actor,
    cycle_id: int,
    values: Mapping[str, Any],
    version: int,
    today: date,
    now: datetime,
) -> Cycle:
    """Write down what was done, seen and decided; fields that `values` lacks stay.

    Args:
        today: a decision without a last day ends the cycle then, so that it stands on the chart.

    Raises:
        NotFound, Conflict: a stale version.
        InvalidInput: with sentences beside the fields.
    """
    cycle = await session.get(Cycle, cycle_id, with_for_update=True)
    if cycle is None:
        raise NotFound(N_("There is no such cycle."))
    if cycle.version != version:
        raise Stale(CHANGED_MEANWHILE)
    merged = {name: values.get(name, getattr(cycle, name)) for name in CYCLE_FIELDS}
    if merged["act"] is not None and merged["ends_on"] is None:
        merged["ends_on"] = max(today, merged["starts_on"] or today)
    await _verify_cycle(session, cycle.project_id, cycle.form, merged, today)
    before = {name: getattr(cycle, name) for name in CYCLE_FIELDS if getattr(cycle, name) != merged[name]}
    for name in before:
        setattr(cycle, name, merged[name])
    if before:
        cycle.updated_at = now
        await session.flush()
        await _audit(session, actor, "cycle.noted", cycle, before, {name: merged[name] for name in before}, now)
    return cycle


async def _verify_cycle(
    session: AsyncSession, project_id: int, form: str, values: Mapping[str, Any], today: date
) -> None:
    said = _wrong_texts(form, values) | _undecidable(form, values)
    if not (values.get("question") or "").strip():
        said["question"] = [N_("Ask what this cycle is to find out.")]
    if values.get("starts_on") is None:
        said["starts_on"] = [N_("Say when it starts.")]
    elif values.get("ends_on") is not None and values["ends_on"] < values["starts_on"]:
        said["ends_on"] = [N_("It can't end before it starts.")]
    for name in ("starts_on", "ends_on"):
        if name not in said and (wrong := far_off(values.get(name), today, back=FORMER_YEARS)):
            said[name] = [wrong]
    if values.get("measure_id") is not None:
        measure = await session.get(Measure, values["measure_id"])
        if measure is None or measure.project_id != project_id:
            said["measure_id"] = [N_("Choose one of the project's measures.")]
    if said:
        raise InvalidInput(said)


def _wrong_texts(form: str, values: Mapping[str, Any]) -> dict[str, list[str]]:
    long: dict[str, list[str]] = {
        name: [too_long(longest)] for name, longest in LENGTHS.items() if len(values.get(name) or "") > longest
    }
    return long | {name: [NOT_OF_FORM] for name in _of_the_other(form) if values.get(name)}


def _of_the_other(form: str) -> tuple[str, ...]:
    return OF_PDSA if form == "spiral" else tuple(STAGES)


def _undecidable(form: str, values: Mapping[str, Any]) -> dict[str, list[str]]:
    said = {}
    if values.get("fidelity") is not None and values["fidelity"] not in FIDELITIES:
        said["fidelity"] = [N_("Choose how far it was done as planned.")]
    if values.get("act") is not None:
        seen, asked = SEEN[form]
        if values["act"] not in DECISIONS:
            said["act"] = [N_("Decide: adopt, adapt or abandon.")]
        elif not (values.get(seen) or "").strip():
            said[seen] = [asked]
    return said


async def _audit(
    session: AsyncSession,
    actor: Actor,
    action: str,
    cycle: Cycle,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any],
    now: datetime,
) -> None:
    await record_audit(
        session,
        actor=actor,
        action=action,
        subject="cycle",
        subject_id=cycle.id,
        before=before,
        after=after,
        now=now,
    )
