"""Keeping a membership true: ask the network how it stands, and renew the chain of statements that proves it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from federation.chain import ResolvedChain, verify_chain
from federation.entities import REISSUE_BEFORE
from federation.errors import FederationError, Untrusted
from federation.trust_marks import TrustMark, verify_trust_marks
from nic_node.membership.ask import ask_status
from nic_node.membership.configuration import own_configuration
from nic_node.membership.fetch import fetch_configuration, fetch_statement, fetch_trust_mark
from nic_node.membership.join import send_application
from nic_node.membership.keys import signer
from nic_node.membership.local import LocalNode
from nic_node.membership.look_up import federation_endpoints, network_metadata
from nic_node.membership.read import HELD, SENDING, view_of
from nic_node.membership.tables import MembershipRow
from nic_node.membership.tell_keys import tell_keys
from nic_node.membership.terms import obtain_new_terms
from nic_node.peerhttp.answers import PeerRefused
from schemas.code import Code
from schemas.document import InvalidDocument, load_document
from schemas.entity import TRUST_MARK_ROLES, trust_mark_type
from schemas.limits import REQUEST_MAX_BYTES
from schemas.membership import OPEN_APPEALS
from schemas.states import APPROVED, SUSPENDED

NO_MARK: Final = 404
RENEW_BEFORE: Final = 3 * REISSUE_BEFORE
"""A chain is renewed while it has 18 hours left: three in four nodes find the network up within the first six."""
CONFIGURATION_AGAIN: Final = timedelta(minutes=10)
"""How often the network's own configuration is read again: policy and charter change there."""
PROBLEM_LENGTH: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """A chain that was validated just now, and the roles that hold with it."""

    statements: list[str]
    chain: ResolvedChain
    marks: Mapping[str, TrustMark]
    endpoints: Mapping[str, str]


async def check_membership(node: LocalNode, membership_id: int, *, by_hand: bool = False) -> bool:
    """One look at how things stand; False when something went wrong, which is kept as a sentence.

    Args:
        by_hand: a person wants to know now: what the network states, roles among it, is read however fresh it is here.
    """
    try:
        await _check(node, membership_id, by_hand=by_hand)
    except FederationError as error:
        async with node.database.writing() as session:
            row = await session.get(MembershipRow, membership_id, with_for_update=True)
            if row is not None:
                row.problem = error.detail[:PROBLEM_LENGTH]
        return False
    return True


async def _check(node: LocalNode, membership_id: int, *, by_hand: bool) -> None:
    row = await _read(node, membership_id)
    if row is None:
        return
    if row.state == SENDING:
        await send_application(node, membership_id)
        row = await _read(node, membership_id)
    if row is None or row.application_id is None:
        return
    await tell_keys(node, membership_id)
    row = await _read(node, membership_id) or row
    status = await _ask_status(node, row)
    await _keep_status(node, membership_id, status, asked_at_version=row.version)
    if status["state"] in HELD:
        await _look_at_appeals(node, row)
    if status["state"] == APPROVED and (by_hand or _is_due(row, node.clock())):
        renewal = await _renew(node, row)
        await _keep_renewal(node, membership_id, renewal)
    row = await _read(node, membership_id)
    if row is not None:
        await obtain_new_terms(node, view_of(row))


def _is_due(row: MembershipRow, now: datetime) -> bool:
    is_fresh = row.chain_expires_at is not None and row.chain_expires_at - now > RENEW_BEFORE
    is_new = row.checked_at is not None and now - row.checked_at < CONFIGURATION_AGAIN
    return not (is_fresh and is_new)


async def _read(node: LocalNode, membership_id: int) -> MembershipRow | None:
    async with node.database.reading() as session:
        return await session.get(MembershipRow, membership_id)


async def _ask_status(node: LocalNode, row: MembershipRow) -> dict[str, Any]:
    assert row.application_id is not None
    async with node.database.reading() as session:
        signs = await signer(node, session)
    return await ask_status(node, row.network, row.application_id, signs)


async def _keep_status(
    node: LocalNode, membership_id: int, status: Mapping[str, Any], *, asked_at_version: int
) -> None:
    """Keep what the network told; a code that was confirmed while it answered stays confirmed."""
    async with node.database.writing() as session:
        row = await session.get(MembershipRow, membership_id, with_for_update=True)
        if row is None:
            return
        was_confirmed_meanwhile = row.confirmed and row.version != asked_at_version
        row.state, row.status_version = status["state"], status["version"]
        row.confirmed = status["confirmed"] or was_confirmed_meanwhile
        row.moves, row.problem = list(status["moves"]), ""
        row.appeal, row.renewal = status.get("appeal"), status.get("renewal")
        row.expires_at = datetime.fromtimestamp(status["expires"], UTC) if "expires" in status else None
        row.suspended_heard_at = _heard_at(row, node.clock())
        if row.state != APPROVED:
            # Writing stops at once; a cached statement proves nothing any more.
            row.chain, row.chain_expires_at, row.trust_marks = [], None, {}


def _heard_at(row: MembershipRow, now: datetime) -> datetime | None:
    """Now, where the school is suspended; not anew at each poll, which would be a write each time."""
    if row.state != SUSPENDED:
        return None
    before = row.suspended_heard_at
    return now if before is None or now - before >= CONFIGURATION_AGAIN else before


async def _look_at_appeals(node: LocalNode, row: MembershipRow) -> None:
    """The open appeals that members are to see. A network that does not tell them keeps its membership true anyway."""
    async with node.database.reading() as session:
        signs = await signer(node, session)
    try:
        answer = await node.client.get(
            f"{row.network}/v1/appeals",
            content_type="application/json",
            max_bytes=REQUEST_MAX_BYTES,
            signer=signs,
        )
        appeals = load_document(OPEN_APPEALS, answer.body)["appeals"]
    except (FederationError, InvalidDocument):
        return
    if appeals != (row.appeals_seen or []):
        async with node.database.writing() as session:
            kept = await session.get(MembershipRow, row.id, with_for_update=True)
            if kept is not None:
                kept.appeals_seen = [dict(appeal) for appeal in appeals if appeal["entity"] != node.entity_id]


async def _renew(node: LocalNode, row: MembershipRow) -> Renewal:
    """Fetch what others state, make our own statement, and validate the whole.

    Raises:
        Untrusted: a statement does not hold. Unreachable: one can't be had.
    """
    now, allow = node.clock(), node.config.allow_insecure_loopback
    anchor, statement, given = await asyncio.gather(
        fetch_configuration(node.client, row.network),
        fetch_statement(node.client, row.endpoints["federation_fetch_endpoint"], node.entity_id),
        _fetch_marks(node, row),
    )
    await _keep_marks(node, row.id, given)
    async with node.database.reading() as session:
        own = await own_configuration(node, session)
    statements = [own, statement, anchor]
    chain = verify_chain(statements, anchors={row.network: row.pinned}, now=now, allow_insecure_loopback=allow)
    if chain.subject != node.entity_id:
        raise Untrusted(Code.CHAIN_BROKEN, "The network's statement is about another school.")
    if network_metadata(chain.anchor_configuration)["generation"] < row.network_metadata["generation"]:
        raise Untrusted(Code.GENERATION_WRONG, "The network goes back to a log that has ended. Ask its coordinators.")
    marks = verify_trust_marks(chain, network=row.network, now=now)
    endpoints = federation_endpoints(chain.anchor_configuration)
    return Renewal(statements=statements, chain=chain, marks=marks, endpoints=endpoints)


async def _fetch_marks(node: LocalNode, row: MembershipRow) -> dict[str, str]:
    """Type -> mark, of the roles that this school has in the network today."""
    kinds = [trust_mark_type(row.network, role) for role in TRUST_MARK_ROLES]
    endpoint = row.endpoints["federation_trust_mark_endpoint"]
    found = await asyncio.gather(*(_fetch_mark(node, endpoint, kind) for kind in kinds))
    return {kind: mark for kind, mark in zip(kinds, found, strict=True) if mark is not None}


async def _fetch_mark(node: LocalNode, endpoint: str, kind: str) -> str | None:
    try:
        return await fetch_trust_mark(node.client, endpoint, kind, node.entity_id)
    except PeerRefused as error:
        if error.status == NO_MARK:
            return None
        raise


async def _keep_marks(node: LocalNode, membership_id: int, marks: Mapping[str, str]) -> None:
    """Our configuration carries them from now on; whether they hold, the chain says."""
    async with node.database.writing() as session:
        row = await session.get(MembershipRow, membership_id, with_for_update=True)
        if row is not None:
            row.trust_marks = dict(marks)


async def _keep_renewal(node: LocalNode, membership_id: int, renewal: Renewal) -> None:
    async with node.database.writing() as session:
        row = await session.get(MembershipRow, membership_id, with_for_update=True)
        if row is None or row.state != APPROVED:
            return
        anchor = renewal.chain.anchor_configuration
        row.chain, row.chain_expires_at = renewal.statements, renewal.chain.expires_at
        row.pinned, row.checked_at = sorted(anchor.keys), node.clock()
        row.network_metadata, row.endpoints = dict(network_metadata(anchor)), dict(renewal.endpoints)
        row.name = row.network_metadata["name"]
        row.trust_marks = {trust_mark_type(row.network, role): mark.token for role, mark in renewal.marks.items()}
