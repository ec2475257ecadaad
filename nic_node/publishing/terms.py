"""Under which policy and lattice a draft is prepared: those of the term in which this school can publish now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.epochs import seals_records
from nic_node.disclosure.text.allow_list import AllowList, build_allow_list
from nic_node.membership.documents import document_of
from nic_node.membership.own_rules import own_rules
from nic_node.membership.read import Membership, current_memberships, is_writing_allowed, membership_in
from nic_node.mirror.epochs import EpochView, epochs_of
from nic_node.publishing.states import EpochState
from nic_node.publishing.tables import Participation
from schemas.canonical import document_sha256
from schemas.policy import build_policy

NO_NETWORK: Final = "https://no-network.invalid/net/none"
"""Before a school joined any, a draft is shown by the protocol's own rules."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a draft is prepared by.

    Attributes:
        epoch: the open term in which this school has a registered pseudonym; None where it has to wait.
        lattice: of that term; None: no context leaves.
        may_write: whether the network lets this school publish at all, today.
    """

    membership: Membership | None
    policy: Mapping[str, Any]
    policy_sha256: str
    lattice: Mapping[str, Any] | None
    epoch: EpochView | None
    may_write: bool


async def default_network(session: AsyncSession) -> str | None:
    """The network that a new draft is for: the one that this school joined first, of those that it is still in."""
    found = await current_memberships(session)
    return found[0].network if found else None


async def terms_of(session: AsyncSession, network: str | None, now: datetime, *, term: int | None = None) -> Terms:
    """The terms of today in a network; those of the protocol itself where there is none.

    Args:
        term: number of the epoch by whose rules it goes, because its pseudonym signs; also after its end.
    """
    membership = await membership_in(session, network) if network else None
    if membership is None:
        policy = build_policy(network=NO_NETWORK)
        return _terms(None, policy, lattice=None, epoch=None, may_write=False)
    views = await epochs_of(session, membership.network)
    epoch = next((view for view in views if view.number == term), None)
    if term is None:
        epoch = await writable_epoch(session, views, now)
    newest = views[-1] if views else None
    shown = epoch or newest
    sha256 = shown.epoch.policy_sha256 if shown else membership.policy_sha256
    policy = await document_of(session, sha256) or build_policy(network=membership.network)
    lattice = await document_of(session, epoch.lattice_sha256) if epoch and epoch.lattice_sha256 else None
    return _terms(
        membership,
        policy,
        lattice=lattice,
        epoch=epoch,
        may_write=is_writing_allowed(membership, now),
    )


def _terms(membership: Membership | None, policy: Mapping[str, Any], **rest: Any) -> Terms:
    return Terms(membership=membership, policy=policy, policy_sha256=document_sha256(policy), **rest)


async def writable_epoch(session: AsyncSession, views: list[EpochView], now: datetime) -> EpochView | None:
    """The newest term that this school recognises, that seals records now and in which its pseudonym stands in the log.

    Not before its policy and its lattice are here: a draft must not show a context later that it did not show now.
    """
    if not views:
        return None
    registered = set(
        await session.scalars(
            select(Participation.epoch).where(
                Participation.network == views[0].network, Participation.state == EpochState.REGISTERED
            )
        )
    )
    rules = await own_rules(session, views[0].network)
    for view in reversed(views):
        if view.number not in registered or not rules.recognises(view.issued) or await _lacks_lattice(session, view):
            continue
        policy = await document_of(session, view.epoch.policy_sha256)
        if policy is not None and seals_records(
            view.epoch.windows, view.status, now, slot_seconds=policy["slot_seconds"]
        ):
            return view
    return None


async def _lacks_lattice(session: AsyncSession, view: EpochView) -> bool:
    return view.lattice_sha256 is not None and await document_of(session, view.lattice_sha256) is None


def allow_list_of(policy: Mapping[str, Any]) -> AllowList:
    """The bundled programmes and the network's own."""
    return _allow_list(tuple(policy["programmes"]))


@lru_cache(maxsize=8)
def _allow_list(programmes: tuple[str, ...]) -> AllowList:
    return build_allow_list(programmes)
