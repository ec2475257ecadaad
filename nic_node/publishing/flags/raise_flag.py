"""A flag: one code of a closed list about one record. It has no words of its own, so nobody has to review it.

It leaves as an ordinary record in one of the next slots, under the term's pseudonym: who flagged is as hidden as who
wrote. A school flags a record once; it takes its flag back as it takes back anything else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.errors import Conflict, InvalidInput, NotFound
from nic_node.i18n import N_
from nic_node.keyring.sealing import seal_bytes
from nic_node.membership.local import LocalNode
from nic_node.mirror.read import LivingRecord, living_record, mirrored_logs
from nic_node.publishing.held import is_taken_back
from nic_node.publishing.places import own_places
from nic_node.publishing.released import released_record
from nic_node.publishing.retract import PLACED, add_retraction
from nic_node.publishing.sealing import release_context
from nic_node.publishing.states import NOT_TAKEN_BACK, OutboxState, RetractionState
from nic_node.publishing.tables import OutboxRow, Release, RetractionRow
from nic_node.publishing.terms import terms_of
from nic_node.publishing.withdraw import may_send
from schemas.canonical import canonical_bytes, sha256_hex
from schemas.vocab import FLAG_CODES

FLAG: Final = "flag"
FLAGGABLE: Final = frozenset({"practice", "replication", "question", "answer"})
NOT_HERE: Final = N_("There is no such record in the libraries that your school may read.")
READ_ONLY: Final = N_("Your school reads this network without belonging to it, so it can't flag anything there.")
OWN: Final = N_("This is your school's own. Correct it, or withdraw it, on its Share page.")
TWICE: Final = N_("Your school flagged this already. A school counts once.")
MAY_NOT_WRITE: Final = N_("The network does not let this school write at the moment, so a flag could not leave.")
NO_CODE: Final = N_("Choose what is wrong with it.")
NO_FLAG: Final = N_("Your school has no such flag.")
ON_ITS_WAY: Final = N_("The flag is on its way. As soon as it stands in the log it can be taken back.")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnFlag:
    """A flag of this school's; `state` is of `OutboxState`, `withdrawal` of `RetractionState` or "".

    `problem`: why it, or its withdrawal, is not in the log yet; "" where nothing is wrong.
    """

    id: int
    record: str
    code: str
    network: str
    state: str
    withdrawal: str
    problem: str
    raised_at: datetime


async def flaggable_record(session: AsyncSession, node: LocalNode, record_id: str, *, now: datetime) -> LivingRecord:
    """A record that this school may flag.

    Raises:
        NotFound: it is not here. Conflict: it is this school's own, or of a network that is only read.
    """
    record = await living_record(session, record_id)
    logs = {log.id: log for log in await mirrored_logs(session, now=now)}
    if record.kind not in FLAGGABLE or record.log_id not in logs:
        raise NotFound(NOT_HERE)
    if logs[record.log_id].is_read_only:
        raise Conflict(READ_ONLY)
    if record.record_id in await own_places(session, node):
        raise Conflict(OWN)
    return record


async def raise_flag(
    session: AsyncSession, node: LocalNode, *, actor: Actor, record_id: str, code: str, now: datetime
) -> Release:
    """Flag a record; what leaves is written together with its place in the outbox.

    Raises:
        InvalidInput: no code of the list. NotFound, Conflict: as `flaggable_record`; flagged already; may not write.
    """
    if code not in FLAG_CODES:
        raise InvalidInput({"code": [NO_CODE]})
    record = await flaggable_record(session, node, record_id, now=now)
    if not await may_send(session, record.network, now):
        raise Conflict(MAY_NOT_WRITE)
    if await standing_flag(session, node, record_id) is not None:
        raise Conflict(TWICE)
    payload = canonical_bytes({"target": record_id, "code": code})
    sha256 = sha256_hex(payload)
    release = Release(
        network=record.network,
        kind=FLAG,
        origin=record_id,
        title="",
        record_sha256=sha256,
        sealed_record=seal_bytes(node.operator_key, payload, context=release_context(sha256)),
        policy_sha256=(await terms_of(session, record.network, now)).policy_sha256,
        author_id=actor.person_id,
        approved_at=now,
    )
    session.add(release)
    await session.flush()
    session.add(OutboxRow(release_id=release.id, network=release.network, state=OutboxState.QUEUED, updated_at=now))
    await session.flush()
    await _note(session, actor, release, "flag.raised", {"code": code}, now)
    return release


async def own_flags(session: AsyncSession, node: LocalNode) -> list[OwnFlag]:
    """The newest first; one that never arrived is listed as stopped, one that the retention schedule erased is not."""
    chosen = (
        select(Release, OutboxRow, RetractionRow)
        .join(OutboxRow, OutboxRow.release_id == Release.id)
        .outerjoin(RetractionRow, RetractionRow.release_id == Release.id)
        .where(Release.kind == FLAG, Release.voided_at.is_(None), Release.erased_at.is_(None))
        .order_by(Release.id.desc())
    )
    return [_own(node, *found) for found in (await session.execute(chosen)).all()]


def _own(node: LocalNode, release: Release, row: OutboxRow, taken: RetractionRow | None) -> OwnFlag:
    payload = released_record(node, release)
    return OwnFlag(
        id=release.id,
        record=payload["target"],
        code=payload["code"],
        network=release.network,
        state=row.state,
        withdrawal=taken.state if taken is not None else "",
        problem=taken.problem if taken is not None else row.problem,
        raised_at=release.approved_at,
    )


async def standing_flag(session: AsyncSession, node: LocalNode, record_id: str) -> OwnFlag | None:
    """This school's flag of a record; none where it was taken back, or did not arrive."""
    standing = {"", *NOT_TAKEN_BACK}
    for flag in await own_flags(session, node):
        if flag.record == record_id and flag.withdrawal in standing and flag.state != OutboxState.STOPPED:
            return flag
    return None


async def take_flag_back(
    session: AsyncSession, node: LocalNode, *, actor: Actor, flag_id: int, now: datetime
) -> RetractionState | None:
    """Before it was sent nothing is left of it (None); from the log it is taken back in one of the next slots.

    Raises:
        NotFound; Conflict: it is on its way, or its pseudonym's key is lost.
    """
    chosen = select(OutboxRow).where(OutboxRow.release_id == flag_id).with_for_update()
    row = await session.scalar(chosen)
    release = await session.get(Release, flag_id)
    is_flag = release is not None and release.kind == FLAG and release.voided_at is None
    if row is None or release is None or not is_flag or await is_taken_back(session, flag_id):
        raise NotFound(NO_FLAG)
    await _note(session, actor, release, "flag.taken-back", None, now)
    if row.state in {OutboxState.QUEUED, OutboxState.STOPPED}:
        await session.delete(row)
        release.voided_at = now
        await session.flush()
        return None
    if row.state not in PLACED:
        raise Conflict(ON_ITS_WAY)
    in_the_open = not await may_send(session, row.network, now)
    taken = await add_retraction(session, node, actor=actor, row=row, due_at=now, in_the_open=in_the_open, now=now)
    return RetractionState(taken.state)


async def _note(
    session: AsyncSession,
    actor: Actor,
    release: Release,
    action: str,
    after: Mapping[str, Any] | None,
    now: datetime,
) -> None:
    await record_audit(
        session,
        actor=actor,
        action=action,
        subject="flag",
        subject_id=release.id,
        before=None,
        after=after,
        now=now,
    )
