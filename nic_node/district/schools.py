"""At a district: which schools are its own, and what it says of their obstacles."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.entities import verify_entity_id
from federation.errors import Untrusted
from nic_node.accounts.actor import Actor
from nic_node.db.insert import insert_if_missing
from nic_node.db.jobs import enqueue
from nic_node.district.ask import ask_soon
from nic_node.district.tables import NAMED, OURS, REFUSED, DistrictAnswer, DistrictSchool
from nic_node.errors import Conflict, InvalidInput, NotFound
from nic_node.i18n import N_, too_long
from nic_node.membership.local import LocalNode
from nic_node.school.communication.plain import find_giveaways
from nic_node.school.editing import keep_changes, locked_row, row_of
from nic_node.school.known_names import KnownNames
from nic_node.school.obstacles.write import GIVES_AWAY
from schemas.district import ANSWERS, NOTE_LENGTH
from schemas.text import normal_text

SEND: Final = "district.answer"
NO_SCHOOL: Final = N_("There is no such school here.")
NO_OBSTACLE: Final = N_("The school no longer shows this obstacle.")
OUT_OF_THE_WAY: Final = N_("It is out of the way already.")
NOT_KEPT: Final = N_("Say first that it is one of your schools.")
CHOOSE: Final = N_("Choose what you answer.")
OWN_ADDRESS: Final = N_("This is your own node's address. Write that of the school's.")


async def school_of(session: AsyncSession, school_id: int) -> DistrictSchool:
    """Raises NotFound."""
    return await row_of(session, DistrictSchool, school_id, missing=NO_SCHOOL)


async def add_school(
    session: AsyncSession, node: LocalNode, *, actor: Actor, address: str, now: datetime
) -> DistrictSchool:
    """Take a school at its address for one of ours, and ask it: for one whose own word was lost on the way.

    Raises:
        InvalidInput: 'entity'.
    """
    try:
        entity = verify_entity_id(
            address.strip().rstrip("/"), allow_insecure_loopback=node.config.allow_insecure_loopback
        )
    except Untrusted as error:
        raise InvalidInput({"entity": [error.detail]}) from error
    if entity == node.entity_id:
        raise InvalidInput({"entity": [OWN_ADDRESS]})
    nothing: dict[str, Any] = {"name": "", "state": NAMED, "problem": "", "created_by": actor.person_id}
    await insert_if_missing(
        session, DistrictSchool, entity=entity, **nothing, created_at=now, updated_at=now, version=1
    )
    row = (await session.scalars(select(DistrictSchool).where(DistrictSchool.entity == entity))).one()
    return await keep_school(session, actor=actor, school_id=row.id, now=now)


async def keep_school(session: AsyncSession, *, actor: Actor, school_id: int, now: datetime) -> DistrictSchool:
    """It is one of ours. Raises NotFound."""
    row = await locked_row(session, DistrictSchool, school_id, missing=NO_SCHOOL)
    await ask_soon(session, row.entity, now=now, by_hand=True)
    return await keep_changes(session, row, {"state": OURS}, actor=actor, action="school.kept", now=now)


async def refuse_school(session: AsyncSession, *, actor: Actor, school_id: int, now: datetime) -> DistrictSchool:
    """It is none of ours: the copy goes, and it is asked no more. Raises NotFound."""
    row = await locked_row(session, DistrictSchool, school_id, missing=NO_SCHOOL)
    row.shared, row.problem = None, ""
    return await keep_changes(session, row, {"state": REFUSED}, actor=actor, action="school.refused", now=now)


async def ask_now(session: AsyncSession, *, school_id: int, now: datetime) -> DistrictSchool:
    """Look again. Raises NotFound."""
    row = await school_of(session, school_id)
    await ask_soon(session, row.entity, now=now, by_hand=True)
    return row


async def answer_obstacle(
    session: AsyncSession,
    *,
    actor: Actor,
    school_id: int,
    obstacle_id: int,
    answer: str,
    note: str,
    names: KnownNames,
    now: datetime,
) -> DistrictAnswer:
    """Say something of a school's obstacle; it is sent in the background until the school has it.

    Raises:
        NotFound: no such school, or the school no longer shows the obstacle.
        Conflict: it is no school of ours, or the obstacle is out of the way.
        InvalidInput: 'answer', 'note'.
    """
    row = await locked_row(session, DistrictSchool, school_id, missing=NO_SCHOOL)
    if row.state != OURS:
        raise Conflict(NOT_KEPT)
    shown = {one["id"]: one for one in (row.shared or {}).get("obstacles", ())}
    if obstacle_id not in shown:
        raise NotFound(NO_OBSTACLE)
    if "removed_on" in shown[obstacle_id]:
        raise Conflict(OUT_OF_THE_WAY)
    note = normal_text(note, multiline=True)
    _verify(answer, note, names)
    nothing: dict[str, Any] = {"answer": "", "note": "", "problem": "", "created_by": actor.person_id}
    key = {"school_id": school_id, "obstacle_id": obstacle_id}
    await insert_if_missing(session, DistrictAnswer, **key, **nothing, created_at=now, updated_at=now, version=1)
    chosen = select(DistrictAnswer).filter_by(**key).with_for_update().execution_options(populate_existing=True)
    kept = (await session.scalars(chosen)).one()
    values = {"answer": answer, "note": note, "sent_at": None, "problem": ""}
    await keep_changes(session, kept, values, actor=actor, action="obstacle.answered", now=now)
    await enqueue(session, kind=SEND, key=str(kept.id), run_at=now, arguments={"answer_id": kept.id})
    return kept


def _verify(answer: str, note: str, names: KnownNames) -> None:
    said: dict[str, list[str]] = {}
    if answer not in ANSWERS:
        said["answer"] = [CHOOSE]
    if len(note) > NOTE_LENGTH:
        said["note"] = [too_long(NOTE_LENGTH)]
    elif find_giveaways(note, names):
        said["note"] = [GIVES_AWAY]
    if said:
        raise InvalidInput(said)
