"""Proposing, seconding, taking back, dismissing: a record goes when as many coordinators say so as the policy asks.

That quorum is kept and recorded here, at the network; members verify the network's signature alone. It is the number
of the policy in force, so that nobody lowers it and then decides alone.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.errors import Conflict, InvalidInput, NotFound, Stale
from nic_node.i18n import N_
from nic_node.keyring.operator_key import OperatorKey
from nic_node.network.coordinators import deciding_ids, verify_coordinator
from nic_node.network.in_force import policy_in_force
from nic_node.network.log.moderate import find_pseudonym, find_record, queue_block, queue_moderation
from nic_node.network.moderation.read import CaseView, case_view, flagged_records
from nic_node.network.moderation.states import Act, CaseState
from nic_node.network.moderation.tables import ModerationCase, ModerationVoice
from nic_node.network.read import network_of
from schemas.vocab import MODERATION_REASONS

GONE: Final = N_("This record was taken back or taken down before.")
NO_REASON: Final = N_("Choose one of the reasons that the network knows.")
PROPOSED: Final = N_("This is proposed already. Second that proposal, or wait for the others.")
NO_CASE: Final = N_("There is no such proposal.")
DECIDED: Final = N_("This proposal is decided or taken back already.")
SAID_ALREADY: Final = N_("You said yes to this already; another coordinator has to, too.")
NOT_SAID: Final = N_("You have not said yes to this.")
CHANGED: Final = N_("Somebody changed this proposal since you looked. Look at it again.")
NOT_FLAGGED: Final = N_("No flag of this record waits for a decision.")
NONE: Final = "none"


async def propose_moderation(
    session: AsyncSession,
    *,
    operator_key: OperatorKey,
    network_id: int,
    record: str,
    reason: str,
    actor: Actor,
    now: datetime,
) -> CaseView:
    """Propose to take a record down; where one coordinator is enough, it goes at once.

    Raises:
        NotAllowed: not by this person. InvalidInput: no record id, or no such reason.
        NotFound: the network's log has no such record. Conflict: it is gone, or proposed already.
    """
    await _lock(session, network_id, actor)
    _verify_reason(reason)
    if (await find_record(session, network_id, record)).gone is not None:
        raise Conflict(GONE)
    case = ModerationCase(act=Act.MODERATE, record=record, reason=reason)
    return await _open(session, operator_key, network_id, case, actor, now)


async def propose_block(
    session: AsyncSession,
    *,
    operator_key: OperatorKey,
    network_id: int,
    jkt: str,
    from_index: int,
    reason: str,
    record: str = "",
    actor: Actor,
    now: datetime,
) -> CaseView:
    """Propose to refuse a pseudonym's records from an index of the log on; it may still take its own back.

    Raises:
        NotAllowed: not by this person. InvalidInput: no such reason.
        NotFound: no such pseudonym is registered. Conflict: it is proposed already.
    """
    await _lock(session, network_id, actor)
    _verify_reason(reason)
    await find_pseudonym(session, network_id, jkt)
    case = ModerationCase(act=Act.BLOCK, record=record, jkt=jkt, from_index=from_index, reason=reason)
    return await _open(session, operator_key, network_id, case, actor, now)


async def second(
    session: AsyncSession,
    *,
    operator_key: OperatorKey,
    network_id: int,
    case_id: int,
    version: int,
    actor: Actor,
    now: datetime,
) -> CaseView:
    """Another coordinator's yes; with as many as it takes, it is carried out.

    Raises:
        NotAllowed, NotFound; Conflict: stale version, decided already, or this person said yes before.
    """
    person_id = await _lock(session, network_id, actor)
    case = await _open_case(session, network_id, case_id, version)
    if person_id in (await case_view(session, case)).said:
        raise Conflict(SAID_ALREADY)
    await _say_yes(session, case, person_id, now)
    await _note(session, actor, case, "moderation.seconded", now)
    await _settle(session, operator_key, case, actor, now)
    return await case_view(session, case)


async def take_back_voice(
    session: AsyncSession, *, network_id: int, case_id: int, version: int, actor: Actor, now: datetime
) -> CaseView:
    """Undo one's own yes while others are waited for; a proposal that nobody holds any more is withdrawn.

    Raises:
        NotAllowed, NotFound; Conflict: stale version, decided already, or there is none to take back.
    """
    person_id = await _lock(session, network_id, actor)
    case = await _open_case(session, network_id, case_id, version)
    own = (ModerationVoice.case_id == case.id, ModerationVoice.person_id == person_id)
    if await session.scalar(select(ModerationVoice.id).where(*own)) is None:
        raise Conflict(NOT_SAID)
    await session.execute(delete(ModerationVoice).where(*own))
    left = await session.scalar(select(ModerationVoice.id).where(ModerationVoice.case_id == case.id).limit(1))
    if left is None:
        case.state, case.decided_at = CaseState.WITHDRAWN, now
    await session.flush()
    await _note(session, actor, case, "moderation.voice-taken-back", now)
    return await case_view(session, case)


async def dismiss_flags(
    session: AsyncSession, *, network_id: int, record: str, actor: Actor, now: datetime
) -> CaseView:
    """Leave a flagged record as it is. Newer flags open it again.

    Raises:
        NotAllowed; Conflict: no flag of it waits.
    """
    person_id = await _lock(session, network_id, actor)
    flagged = next((one for one in await flagged_records(session, network_id) if one.record.record_id == record), None)
    if flagged is None:
        raise Conflict(NOT_FLAGGED)
    case = ModerationCase(
        network_id=network_id,
        act=Act.DISMISS,
        record=record,
        reason=NONE,
        state=CaseState.DONE,
        upto=flagged.newest,
        opened_at=now,
        decided_at=now,
    )
    session.add(case)
    await session.flush()
    await _say_yes(session, case, person_id, now)
    await _note(session, actor, case, "moderation.dismissed", now)
    return await case_view(session, case)


# Steps ----------------------------------------------------------------------------------------------------------------


async def _lock(session: AsyncSession, network_id: int, actor: Actor) -> int:
    """Who decides must not change while voices are counted, nor the same be proposed twice."""
    await network_of(session, network_id, for_update=True)
    return await verify_coordinator(session, network_id, actor)


def _verify_reason(reason: str) -> None:
    if reason not in MODERATION_REASONS:
        raise InvalidInput({"reason": [NO_REASON]})


async def _open(
    session: AsyncSession,
    operator_key: OperatorKey,
    network_id: int,
    case: ModerationCase,
    actor: Actor,
    now: datetime,
) -> CaseView:
    same = select(ModerationCase.id).where(
        ModerationCase.network_id == network_id,
        ModerationCase.act == case.act,
        ModerationCase.state == CaseState.OPEN,
        ModerationCase.jkt == case.jkt if case.act == Act.BLOCK else ModerationCase.record == case.record,
    )
    if await session.scalar(same) is not None:
        raise Conflict(PROPOSED)
    case.network_id, case.state, case.opened_at = network_id, CaseState.OPEN, now
    session.add(case)
    await session.flush()
    assert actor.person_id is not None
    await _say_yes(session, case, actor.person_id, now)
    await _note(session, actor, case, "moderation.proposed", now)
    await _settle(session, operator_key, case, actor, now)
    return await case_view(session, case)


async def _open_case(session: AsyncSession, network_id: int, case_id: int, version: int) -> ModerationCase:
    case = await session.get(ModerationCase, case_id, with_for_update=True)
    if case is None or case.network_id != network_id:
        raise NotFound(NO_CASE)
    if case.state != CaseState.OPEN:
        raise Conflict(DECIDED)
    if case.version != version:
        raise Stale(CHANGED)
    return case


async def _say_yes(session: AsyncSession, case: ModerationCase, person_id: int, now: datetime) -> None:
    session.add(ModerationVoice(case_id=case.id, person_id=person_id, at=now))
    await session.flush()


async def _settle(
    session: AsyncSession, operator_key: OperatorKey, case: ModerationCase, actor: Actor, now: datetime
) -> None:
    """Carry it out once enough of those who decide today have said yes."""
    chosen = select(ModerationVoice.person_id).where(ModerationVoice.case_id == case.id)
    voices = set(await session.scalars(chosen)) & await deciding_ids(session, case.network_id)
    if len(voices) < (await policy_in_force(session, case.network_id))["approvals_required"]:
        return
    given: dict[str, Any] = {"operator_key": operator_key, "network_id": case.network_id, "now": now}
    case.state, case.decided_at = CaseState.DONE, now
    if case.act == Act.BLOCK:
        assert case.jkt is not None
        assert case.from_index is not None
        await queue_block(session, jkt=case.jkt, from_index=case.from_index, **given)
    elif (await find_record(session, case.network_id, case.record)).gone is not None:
        case.state = CaseState.MOOT
    else:
        await queue_moderation(session, record=case.record, reason=case.reason, **given)
    await session.flush()
    await _note(session, actor, case, f"moderation.{case.state}", now)


async def _note(session: AsyncSession, actor: Actor, case: ModerationCase, action: str, now: datetime) -> None:
    after: Mapping[str, Any] = {
        "case": case.id,
        "act": case.act,
        "reason": case.reason,
        "state": case.state,
        "from_index": case.from_index,
    }
    await record_audit(
        session,
        actor=actor,
        action=action,
        subject="pseudonym" if case.act == Act.BLOCK else "record",
        subject_id=case.jkt if case.act == Act.BLOCK else case.record,
        before=None,
        after=after,
        now=now,
    )
