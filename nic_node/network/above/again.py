"""Asking the network above for another term, and asking to be let in again after a revocation."""

from datetime import datetime
from typing import Any

from nic_node.accounts.actor import Actor
from nic_node.db.jobs import enqueue
from nic_node.errors import InvalidInput
from nic_node.membership.documents import document_of
from nic_node.membership.local import LocalNode
from nic_node.membership.refusals import READ_AGAIN
from nic_node.membership.tell import verified_appeal
from nic_node.membership.today_terms import Accepted, TodaysTerms, fetch_terms
from nic_node.network.above.belong import CHECK, note_above, tell_above
from nic_node.network.above.read import superior_of
from nic_node.network.coordinators import verify_coordinator
from schemas.states import APPROVED, REVOKED


async def terms_above(node: LocalNode, *, actor: Actor, network_id: int, superior_id: int) -> TodaysTerms:
    """Charter and policy above as they stand now, by its pinned key.

    Raises:
        NotAllowed, NotFound. InvalidInput: the network above gives no answer, or one that does not hold.
    """
    async with node.database.reading() as session:
        await verify_coordinator(session, network_id, actor)
        row = await superior_of(session, network_id, superior_id)
    accepted = Accepted(policy_sha256=row.policy_accepted, charter_sha256=row.charter_accepted)
    return await fetch_terms(node, row.entity, pinned=set(row.pinned), accepted=accepted)


async def renew_above(
    node: LocalNode, *, actor: Actor, network_id: int, superior_id: int, accepted: Accepted, now: datetime
) -> None:
    """Ask for the next term; charter and policy are accepted with it.

    Raises:
        NotAllowed. Conflict: it does not belong there. InvalidInput: refused, or no answer.
    """
    await _verify_read(node, actor, network_id, superior_id, accepted)
    body = {"policy_sha256": accepted.policy_sha256, "charter_sha256": accepted.charter_sha256}
    states = frozenset({APPROVED})
    await tell_above(node, actor, network_id, superior_id, "members/{id}/renewal", body, field="", states=states)
    await _keep_accepted(node, actor, network_id, superior_id, accepted, "network.renewal-asked-above", now)


async def appeal_above(
    node: LocalNode, *, actor: Actor, network_id: int, superior_id: int, text: str, accepted: Accepted, now: datetime
) -> None:
    """Ask to be let in again; the coordinators above read `text`.

    Raises:
        NotAllowed. Conflict: it was not revoked. InvalidInput: under 'text', empty or too long; refused, or no answer.
    """
    await _verify_read(node, actor, network_id, superior_id, accepted)
    body: dict[str, Any] = {
        "text": verified_appeal(text),
        "policy_sha256": accepted.policy_sha256,
        "charter_sha256": accepted.charter_sha256,
    }
    states = frozenset({REVOKED})
    await tell_above(node, actor, network_id, superior_id, "members/{id}/appeal", body, field="", states=states)
    await _keep_accepted(node, actor, network_id, superior_id, accepted, "network.appealed-above", now)


async def _verify_read(node: LocalNode, actor: Actor, network_id: int, superior_id: int, accepted: Accepted) -> None:
    """Raises InvalidInput: what is accepted is not what stands there today."""
    terms = await terms_above(node, actor=actor, network_id=network_id, superior_id=superior_id)
    if terms.accepted != accepted:
        raise InvalidInput({"accepted": [READ_AGAIN]}, READ_AGAIN)


async def _keep_accepted(
    node: LocalNode,
    actor: Actor,
    network_id: int,
    superior_id: int,
    accepted: Accepted,
    action: str,
    now: datetime,
) -> None:
    async with node.database.writing() as session:
        row = await superior_of(session, network_id, superior_id, for_update=True)
        policy = await document_of(session, accepted.policy_sha256)
        assert policy is not None, "it was read before the network above was told"
        row.policy_accepted, row.charter_accepted = accepted.policy_sha256, accepted.charter_sha256
        row.reads_across_accepted = bool(policy.get("reads_across", False))
        await note_above(session, actor, row, action, now)
        await enqueue(session, kind=CHECK, key=str(row.id), run_at=now, arguments={"superior_id": row.id})
    node.wake()
