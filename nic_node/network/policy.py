"""Changing charter and policy: a new version, which takes force with the next epoch; members see what changes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.errors import Conflict
from nic_node.i18n import N_
from nic_node.network.coordinators import verify_coordinator
from nic_node.network.documents import current_charter, current_policy, keep
from nic_node.network.found import CHARTER_TEXTS, charter_document, policy_document
from nic_node.network.read import network_of
from nic_node.network.tables import Network

HEAD = ("v", "kind", "network", "version")


async def change_policy(
    session: AsyncSession,
    *,
    network_id: int,
    policy: Mapping[str, Any],
    charter: Mapping[str, str],
    version: int,
    actor: Actor,
    now: datetime,
) -> Network:
    """Replace what of policy and charter is given; what is not given stays.

    Raises:
        InvalidInput: a number below its floor, an empty purpose. Conflict: stale version.
    """
    await verify_coordinator(session, network_id, actor)
    network = await network_of(session, network_id, for_update=True)
    if network.version != version:
        raise Conflict(N_("Somebody changed charter or policy since you opened them. Look at them, then save again."))
    before = {"policy": network.policy_sha256, "charter": network.charter_sha256}
    await _change_policy(session, network, policy)
    await _change_charter(session, network, charter)
    after = {"policy": network.policy_sha256, "charter": network.charter_sha256}
    if after != before:
        await session.flush()
        await record_audit(
            session,
            actor=actor,
            action="network.policy-changed",
            subject="network",
            subject_id=network.id,
            before=before,
            after=after,
            now=now,
        )
    return network


async def _change_policy(session: AsyncSession, network: Network, changes: Mapping[str, Any]) -> None:
    today = await current_policy(session, network.id)
    values = {name: value for name, value in today.items() if name not in HEAD}
    if {**values, **changes} != values:
        document = policy_document(network.entity, today["version"] + 1, {**values, **changes})
        network.policy_sha256 = await keep(session, network.id, document)


async def _change_charter(session: AsyncSession, network: Network, changes: Mapping[str, str]) -> None:
    today = await current_charter(session, network.id)
    texts = {name: today.get(name, "") for name in ("purpose", *CHARTER_TEXTS)}
    name = changes.get("name", network.name)
    changed = {**texts, **{key: text for key, text in changes.items() if key != "name"}}
    document = charter_document(network.entity, today["version"], name, changed)
    document |= {"common": today["common"]} if "common" in today else {}
    if document != today:
        document["version"] = today["version"] + 1
        network.charter_sha256 = await keep(session, network.id, document)
        network.name = document["name"]
