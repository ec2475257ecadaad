"""At a district: asking its schools what they share, a copy of it, and that copy gone as soon as a school says so."""

import math
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import FederationError, Untrusted, untrusted_document
from nic_node.db.insert import insert_if_missing
from nic_node.db.jobs import Job, enqueue
from nic_node.district.tables import NAMED, REFUSED, DistrictSchool
from nic_node.membership.keys import signer
from nic_node.membership.local import LocalNode
from nic_node.peerhttp.answers import PeerRefused
from schemas.code import Code
from schemas.district import SHARED, SHARED_MAX_BYTES
from schemas.document import InvalidDocument, load_document

ASK: Final = "district.ask"
ASK_EVERY: Final = timedelta(hours=6)
ASK_AGAIN: Final = timedelta(minutes=5)
"""After an answer that says that the school is just learning our keys."""
A_TURN: Final = timedelta(minutes=1)
"""A word that anybody may send makes this node ask a school so often, and of all strangers one."""
MOST_STRANGERS: Final = 30
MOST_NAMED: Final = 200
"""Schools that nobody has kept yet: whoever owns many names does not fill this node."""


async def ask_soon(session: AsyncSession, entity: str, *, now: datetime, by_hand: bool) -> bool:
    """Have a school asked; False where too many strangers are waiting, or this node said that it is none of its own."""
    row = await session.scalar(select(DistrictSchool).where(DistrictSchool.entity == entity))
    run_at = now if by_hand else await _turn_of(session, row, now)
    if run_at is None:
        return False
    await enqueue(session, kind=ASK, key=entity, run_at=run_at, arguments={"entity": entity})
    return True


async def _turn_of(session: AsyncSession, row: DistrictSchool | None, now: datetime) -> datetime | None:
    """When to ask for a word that may be a stranger's: nobody keeps this node, or a school's, busy with it."""
    if row is not None:
        return None if row.state == REFUSED else max(now, (row.read_at or now - A_TURN) + A_TURN)
    known = select(DistrictSchool.entity)
    strangers = select(func.count()).select_from(Job).where(Job.kind == ASK, Job.key.not_in(known))
    waiting = await session.scalar(strangers) or 0
    unkept = select(func.count()).select_from(DistrictSchool).where(DistrictSchool.state == NAMED)
    if waiting + (await session.scalar(unkept) or 0) >= MOST_NAMED:
        return None
    seconds = A_TURN.total_seconds()
    next_turn = datetime.fromtimestamp(math.ceil(now.timestamp() / seconds) * seconds, now.tzinfo)
    return next_turn + waiting * A_TURN if waiting < MOST_STRANGERS else None


async def ask_school(node: LocalNode, entity: str) -> datetime | None:
    """Ask one school, and keep what it says; when to ask again, None: never.

    A school that is not known yet is kept only if it shares something with this node.
    """
    now = node.clock()
    try:
        document = await _fetch(node, entity)
    except FederationError as error:
        return await _keep_refusal(node, entity, error, now)
    async with node.database.writing() as session:
        nothing: dict[str, Any] = {"name": "", "state": NAMED, "problem": "", "created_by": None}
        await insert_if_missing(
            session, DistrictSchool, entity=entity, **nothing, created_at=now, updated_at=now, version=1
        )
        row = await _locked(session, entity)
        assert row is not None
        if row.state == REFUSED:
            return None
        row.shared, row.name, row.read_at, row.ended_at, row.problem = document, document["name"], now, None, ""
    return now + ASK_EVERY


async def _fetch(node: LocalNode, entity: str) -> dict[str, Any]:
    async with node.database.reading() as session:
        signed_by = await signer(node, session)
    answer = await node.client.get(
        f"{entity}/v1/district/shared", content_type="application/json", max_bytes=SHARED_MAX_BYTES, signer=signed_by
    )
    try:
        document: dict[str, Any] = load_document(SHARED, answer.body, max_bytes=SHARED_MAX_BYTES)
    except InvalidDocument as error:
        raise untrusted_document(error) from error
    if (document["entity"], document["district"]) != (entity, node.entity_id):
        raise Untrusted(Code.AUDIENCE_WRONG, "What the school sent is of another school, or for another district.")
    return document


async def _keep_refusal(node: LocalNode, entity: str, error: FederationError, now: datetime) -> datetime | None:
    """The last copy stays where nothing was to be had; it goes where the school says that it shares nothing."""
    async with node.database.writing() as session:
        row = await _locked(session, entity)
        if row is None or row.state == REFUSED:
            return None
        if is_ended(error):
            row.shared, row.problem, row.ended_at = None, "", row.ended_at or now
            return now + ASK_EVERY
        row.problem = error.detail[:300]
    is_learning = isinstance(error, PeerRefused) and error.peer_code is Code.SIGNER_UNKNOWN
    return now + (ASK_AGAIN if is_learning else ASK_EVERY)


def is_ended(error: FederationError) -> bool:
    """Whether a school's node said that it shares nothing with us: a 403 of something in between is not its word."""
    return isinstance(error, PeerRefused) and error.peer_code is Code.NOT_ALLOWED


async def _locked(session: AsyncSession, entity: str) -> DistrictSchool | None:
    chosen = select(DistrictSchool).where(DistrictSchool.entity == entity).with_for_update()
    return await session.scalar(chosen.execution_options(populate_existing=True))
