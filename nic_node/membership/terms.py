"""The charter and policy that a network has by now, beside those that this school accepted; and accepting them.

What is accepted is kept here, noted in the audit log, and sent with the next application or renewal.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.errors import Conflict, NotFound, Stale
from nic_node.i18n import N_
from nic_node.membership.documents import document_of, obtain_document
from nic_node.membership.local import LocalNode
from nic_node.membership.read import HELD, Membership, memberships
from nic_node.membership.tables import MembershipRow
from nic_node.membership.term_changes import TermChange, TextChange, charter_changes, policy_changes

NOT_HERE = N_("This node has not fetched the new charter and policy yet. Ask the network now, then read them.")
CHANGED_AGAIN = N_("Charter or policy changed again since you opened the page. Read what changes, then accept.")
NOTHING_NEW = N_("This school has accepted the charter and policy that hold today.")
NO_MEMBERSHIP = N_("There is no such membership.")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTerms:
    """A charter and policy that this school has not accepted yet.

    Attributes:
        is_here: whether both documents have been fetched; without them nothing can be told of what changes.
        policy, charter: {version, ...} as they are now; None before they are here.
    """

    membership_id: int
    name: str
    policy_sha256: str
    charter_sha256: str
    policy: Mapping[str, Any] | None = None
    charter: Mapping[str, Any] | None = None
    policy_changes: Sequence[TermChange] = ()
    charter_changes: Sequence[TextChange] = ()

    @property
    def is_here(self) -> bool:
        return self.policy is not None and self.charter is not None


async def new_terms(session: AsyncSession, membership: Membership) -> NewTerms | None:
    """None where the school accepted what holds today, or is no member."""
    accepted = (membership.policy_accepted, membership.charter_accepted)
    if membership.state not in HELD or accepted == (membership.policy_sha256, membership.charter_sha256):
        return None
    policy = await document_of(session, membership.policy_sha256)
    charter = await document_of(session, membership.charter_sha256)
    policy_before, charter_before = [await document_of(session, sha256) for sha256 in accepted]
    return NewTerms(
        membership_id=membership.id,
        name=membership.name,
        policy_sha256=membership.policy_sha256,
        charter_sha256=membership.charter_sha256,
        policy=policy,
        charter=charter,
        policy_changes=policy_changes(policy_before, policy) if policy and policy_before else (),
        charter_changes=charter_changes(charter_before, charter) if charter and charter_before else (),
    )


async def all_new_terms(session: AsyncSession) -> list[NewTerms]:
    """Of every network that this school belongs to, for the page that people live on."""
    found = [await new_terms(session, membership) for membership in await memberships(session)]
    return [terms for terms in found if terms is not None]


async def obtain_new_terms(node: LocalNode, membership: Membership) -> None:
    """Fetch what is new, so that its page can say what changes.

    Raises:
        Untrusted, Unreachable: as `fetch_document`.
    """
    if membership.state in HELD:
        for sha256 in (membership.policy_sha256, membership.charter_sha256):
            if sha256 not in (membership.policy_accepted, membership.charter_accepted):
                await obtain_document(node, membership.network, sha256)


async def accept_terms(
    session: AsyncSession, *, actor: Actor, membership_id: int, policy_sha256: str, charter_sha256: str, now: datetime
) -> None:
    """Accept the charter and policy that were read, by hash.

    Raises:
        NotFound. Conflict: they are not the ones that hold today, or not here to be read.
    """
    chosen = select(MembershipRow).where(MembershipRow.id == membership_id)
    row = await session.scalar(chosen.with_for_update())
    if row is None:
        raise NotFound(NO_MEMBERSHIP)
    today = (row.network_metadata["policy_sha256"], row.network_metadata["charter_sha256"])
    before = (row.policy_accepted, row.charter_accepted)
    if row.state not in HELD or before == today:
        raise Conflict(NOTHING_NEW)
    if (policy_sha256, charter_sha256) != today:
        raise Stale(CHANGED_AGAIN)
    if any([await document_of(session, sha256) is None for sha256 in today]):
        raise Conflict(NOT_HERE)
    row.policy_accepted, row.charter_accepted = today
    await record_audit(
        session,
        actor=actor,
        action="membership.terms-accepted",
        subject="membership",
        subject_id=row.id,
        before={"policy": before[0], "charter": before[1]},
        after={"policy": today[0], "charter": today[1]},
        now=now,
    )
