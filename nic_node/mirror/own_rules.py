"""Setting what this school asks for in a network beyond its policy: what it reads and how it sends follow at once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.db.insert import insert_if_missing
from nic_node.errors import InvalidInput, Stale
from nic_node.i18n import N_
from nic_node.membership.documents import document_of
from nic_node.membership.local import LocalNode
from nic_node.membership.own_rules import FIRST_VERSION, OwnRules, own_rules
from nic_node.membership.read import membership_of
from nic_node.membership.tables import OwnRulesRow
from nic_node.mirror.epochs import member_keys, newest_epoch
from nic_node.mirror.recognise import recognise

CHANGED: Final = N_("Somebody changed these rules since you looked. Look at the page again.")
NO_MEMBER: Final = N_("This is no other approved member’s address. Copy addresses from the network’s list of members.")
LOOSER: Final = N_("The network’s policy asks for more. A school can be stricter than it, never looser.")
MOST_RELAYS: Final = 1_000


async def least_allowed(session: AsyncSession, network: str, policy_sha256: str) -> int:
    """What the policy asks for, of the newest term or, before the first, of today: nobody may ask for less."""
    newest = await newest_epoch(session, network)
    if newest is not None:
        return newest.epoch.min_issued
    policy = await document_of(session, policy_sha256)
    return int(policy["min_issued"]) if policy is not None else 0


async def set_own_rules(
    session: AsyncSession,
    node: LocalNode,
    *,
    actor: Actor,
    membership_id: int,
    relays: Sequence[str],
    min_issued: int | None,
    version: int,
    now: datetime,
) -> OwnRules:
    """Name the relays that this school trusts (none: any member) and the least issued members of a term it recognises.

    Raises:
        NotFound: no such membership.
        InvalidInput: an address that is no other member's; fewer members than the policy asks for.
        Conflict: a stale version.
    """
    membership = await membership_of(session, membership_id)
    network, chosen = membership.network, sorted(set(relays))
    await _verify(session, node, network, membership.policy_sha256, chosen, min_issued)
    await insert_if_missing(
        session, OwnRulesRow, network=network, relays=[], min_issued=None, updated_at=now, version=FIRST_VERSION
    )
    row = await session.get_one(OwnRulesRow, network, with_for_update=True)
    if row.version != version:
        raise Stale(CHANGED)
    before = {"relays": row.relays, "min_issued": row.min_issued}
    row.relays, row.min_issued, row.updated_at = chosen, min_issued, now
    await session.flush()
    await recognise(session, network)
    await record_audit(
        session,
        actor=actor,
        action="own-rules.changed",
        subject="own-rules",
        subject_id=network,
        before=before,
        after={"relays": chosen, "min_issued": min_issued},
        now=now,
    )
    return await own_rules(session, network)


async def _verify(
    session: AsyncSession,
    node: LocalNode,
    network: str,
    policy_sha256: str,
    relays: Sequence[str],
    min_issued: int | None,
) -> None:
    said: dict[str, list[str]] = {}
    others = set(await member_keys(session, network)) - {node.entity_id}
    if set(relays) - others or len(relays) > MOST_RELAYS:
        said["relays"] = [NO_MEMBER]
    if min_issued is not None and min_issued < await least_allowed(session, network, policy_sha256):
        said["min_issued"] = [LOOSER]
    if said:
        raise InvalidInput(said)
