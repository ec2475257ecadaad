"""Reading another network: begun by a person, kept true by a job, ended by a person, by the policy, or by the chain."""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import FederationError, Untrusted
from nic_node.accounts.actor import SYSTEM, Actor
from nic_node.accounts.audit import record_audit
from nic_node.errors import Conflict, InvalidInput, NotFound
from nic_node.i18n import N_
from nic_node.membership.across.look import look_above, metadata_of, resolve_network
from nic_node.membership.local import LocalNode
from nic_node.membership.read import HELD, READING, READING_ENDED, WAITING
from nic_node.membership.resolve import Resolution
from nic_node.membership.tables import MembershipRow, NetworkAbove
from nic_node.peerhttp.answers import PeerRefused
from schemas.code import Code
from schemas.states import REVOKED

RENEW_AFTER: Final = timedelta(minutes=10)
NOT_ALLOWED_NOW: Final = N_(
    "No network above yours lets you read that one now. Ask your coordinator, or look again later."
)
BELONGS: Final = N_("Your school belongs to that network, or has applied there: you read it as a member.")
REVOKED_THERE: Final = N_("That network revoked the membership of your school; it is not read from outside either.")
POLICY_ENDED: Final = N_("The policy of the network above does not let you read it any more. The copy is erased here.")
NOT_VOUCHED: Final = N_("The network above does not vouch for it any more. The copy is erased here.")
STOPPED: Final = N_("You stopped reading it. The copy is erased here.")


async def start_reading(node: LocalNode, *, actor: Actor, network: str, now: datetime) -> int:
    """Begin to mirror a network read-only; answers its number.

    Raises:
        InvalidInput: under 'network', no superior allows it, or its chain does not hold or can't be had.
        Conflict: the school belongs there, or reads it already.
    """
    async with node.database.reading() as session:
        above = await _allowing(session, network)
    if above is None:
        raise InvalidInput({"network": [NOT_ALLOWED_NOW]}, NOT_ALLOWED_NOW)
    try:
        resolution = await resolve_network(node, network, {above.superior: above.pinned})
    except FederationError as error:
        raise InvalidInput({"network": [error.detail]}, error.detail) from error
    async with node.database.writing() as session:
        row = await _row(session, network, above, resolution, now)
        await _note(session, actor, row, "network.reading-started", now)
    node.wake()
    return row.id


async def _allowing(session: AsyncSession, network: str) -> NetworkAbove | None:
    rows = await session.scalars(select(NetworkAbove).where(NetworkAbove.allows.is_(True)).order_by(NetworkAbove.id))
    return next((row for row in rows if network in {one["entity"] for one in row.networks}), None)


async def _row(
    session: AsyncSession, network: str, above: NetworkAbove, resolution: Resolution, now: datetime
) -> MembershipRow:
    row = await session.scalar(select(MembershipRow).where(MembershipRow.network == network).with_for_update())
    if row is not None and (row.state in HELD | WAITING or row.state == READING):
        raise Conflict(BELONGS)
    if row is not None and row.state == REVOKED:
        raise Conflict(REVOKED_THERE)
    if row is not None and row.read_under is None:
        raise Conflict(N_("Your school belonged to that network once; apply there again to read it."))
    if row is None:
        # Nothing was applied for, so nothing was accepted or sent.
        empty: dict[str, Any] = {"jti": "", "invitation": "", "policy_accepted": "", "charter_accepted": ""}
        lists: dict[str, Any] = {"contact": {}, "profile": {}, "endpoints": {}, "trust_marks": {}, "moves": []}
        row = MembershipRow(network=network, created_at=now, **empty, **lists)
        session.add(row)
    row.state, row.problem = READING, ""
    row.read_under, row.read_through = above.superior, above.through
    _fill(row, resolution, now)
    await session.flush()
    return row


def _fill(row: MembershipRow, resolution: Resolution, now: datetime) -> None:
    metadata = dict(metadata_of(resolution))
    row.name, row.network_metadata = metadata["name"], metadata
    row.pinned, row.chain = sorted(resolution.chain.keys), list(resolution.statements)
    row.chain_expires_at, row.checked_at = resolution.chain.expires_at, now


async def stop_reading(session: AsyncSession, *, actor: Actor, reading_id: int, now: datetime) -> None:
    """A person ends it; the mirror erases its copy at its next look.

    Raises:
        NotFound: it is not read.
    """
    row = await session.get(MembershipRow, reading_id, with_for_update=True)
    if row is None or row.state != READING:
        raise NotFound(N_("There is no such network that you read."))
    _end(row, STOPPED)
    await _note(session, actor, row, "network.reading-stopped", now)


def _end(row: MembershipRow, why: str) -> None:
    row.state, row.problem, row.chain, row.chain_expires_at = READING_ENDED, why, [], None


async def keep_true(node: LocalNode) -> None:
    """Look above, end what is allowed no more, validate the rest again."""
    above = {(row.through, row.superior): row for row in await look_above(node)}
    async with node.database.reading() as session:
        chosen = select(MembershipRow).where(MembershipRow.state == READING).order_by(MembershipRow.id)
        rows = (await session.scalars(chosen)).all()
    for row in rows:
        found = above.get((row.read_through or "", row.read_under or ""))
        if found is None or (not found.allows and not found.problem):
            await _change(node, row.id, why=POLICY_ENDED)
        elif not found.problem and row.network not in {one["entity"] for one in found.networks}:
            await _change(node, row.id, why=NOT_VOUCHED)
        elif row.checked_at is None or node.clock() - row.checked_at >= RENEW_AFTER:
            await _renew(node, row, found)


async def _renew(node: LocalNode, row: MembershipRow, above: NetworkAbove) -> None:
    try:
        resolution = await resolve_network(node, row.network, {above.superior: above.pinned})
        if metadata_of(resolution)["generation"] < row.network_metadata["generation"]:
            raise Untrusted(Code.GENERATION_WRONG, "The network goes back to a log that has ended.")
    except PeerRefused:
        await _change(node, row.id, why=NOT_VOUCHED)
    except FederationError as error:
        # Reading goes on from the copy for as long as the last chain and 72 hours hold.
        await _change(node, row.id, problem=error.detail[:500])
    else:
        await _change(node, row.id, resolution=resolution)


async def _change(
    node: LocalNode, reading_id: int, *, why: str = "", problem: str = "", resolution: Resolution | None = None
) -> None:
    now = node.clock()
    async with node.database.writing() as session:
        row = await session.get(MembershipRow, reading_id, with_for_update=True)
        if row is None or row.state != READING:
            return
        row.problem = problem
        if resolution is not None:
            _fill(row, resolution, now)
        if why:
            _end(row, why)
            await _note(session, SYSTEM, row, "network.reading-ended", now)


async def _note(session: AsyncSession, actor: Actor, row: MembershipRow, action: str, now: datetime) -> None:
    await record_audit(
        session,
        actor=actor,
        action=action,
        subject="membership",
        subject_id=row.id,
        before=None,
        after={"network": row.network, "superior": row.read_under, "through": row.read_through},
        now=now,
    )
