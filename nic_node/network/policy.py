"""Changing charter and policy: a new version, which takes force with the next epoch; members see what changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.errors import Stale
from nic_node.i18n import N_
from nic_node.membership.term_changes import TermChange, TextChange, charter_changes, policy_changes
from nic_node.network.coordinators import verify_coordinator
from nic_node.network.documents import current_charter, current_policy, keep
from nic_node.network.found import CHARTER_TEXTS, charter_document, policy_document, without_plain_no
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
        raise Stale(N_("Somebody changed charter or policy since you opened them. Look at them, then save again."))
    draft = await draft_terms(session, network, policy=policy, charter=charter)
    before = {"policy": network.policy_sha256, "charter": network.charter_sha256}
    if draft.policy is not None:
        network.policy_sha256 = await keep(session, network.id, draft.policy, now)
    if draft.charter is not None:
        network.charter_sha256 = await keep(session, network.id, draft.charter, now)
        network.name = draft.charter["name"]
    if draft.is_new:
        await session.flush()
        await record_audit(
            session,
            actor=actor,
            action="network.policy-changed",
            subject="network",
            subject_id=network.id,
            before=before,
            after={"policy": network.policy_sha256, "charter": network.charter_sha256, "changed": draft.names},
            now=now,
        )
    return network


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The next versions as they would be, None where nothing differs, and what they change for members."""

    policy: dict[str, Any] | None
    charter: dict[str, Any] | None
    policy_changes: Sequence[TermChange]
    charter_changes: Sequence[TextChange]

    @property
    def is_new(self) -> bool:
        return self.policy is not None or self.charter is not None

    @property
    def names(self) -> list[str]:
        return [one.name for one in self.policy_changes] + [one.name for one in self.charter_changes]


async def draft_terms(
    session: AsyncSession, network: Network, *, policy: Mapping[str, Any], charter: Mapping[str, str]
) -> Draft:
    """What saving this would make; nothing is written.

    Raises:
        InvalidInput: as `change_policy`.
    """
    policy_today, charter_today = await current_policy(session, network.id), await current_charter(session, network.id)
    policy_next, charter_next = (
        _next_policy(network, policy_today, policy),
        _next_charter(network, charter_today, charter),
    )
    return Draft(
        policy=policy_next,
        charter=charter_next,
        policy_changes=policy_changes(policy_today, policy_next) if policy_next else (),
        charter_changes=charter_changes(charter_today, charter_next) if charter_next else (),
    )


def _next_policy(network: Network, today: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any] | None:
    values = {name: value for name, value in today.items() if name not in HEAD}
    wanted = without_plain_no({**values, **changes})
    return None if wanted == without_plain_no(values) else policy_document(network.entity, today["version"] + 1, wanted)


def _next_charter(network: Network, today: Mapping[str, Any], changes: Mapping[str, str]) -> dict[str, Any] | None:
    texts = {name: today.get(name, "") for name in ("purpose", *CHARTER_TEXTS)}
    name = changes.get("name", network.name)
    changed = {**texts, **{key: text for key, text in changes.items() if key != "name"}}
    document = charter_document(network.entity, today["version"], name, changed)
    document |= {name: today[name] for name in ("common", "drivers") if name in today}
    return None if document == today else {**document, "version": today["version"] + 1}
