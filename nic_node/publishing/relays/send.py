"""Handing an envelope to a relay, and to the next one where that fails."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import FederationError
from nic_node.i18n import N_
from nic_node.membership.local import LocalNode
from nic_node.peerhttp.answers import PeerAnswer
from nic_node.peerhttp.signing import RequestSigner
from nic_node.publishing.participate import LONGEST_PROBLEM
from nic_node.publishing.relays.tables import RelayDraw
from schemas.canonical import read_json
from schemas.code import Code
from schemas.invalid import InvalidDocument
from schemas.limits import REQUEST_MAX_BYTES

TAKEN: Final = 202
SLOT_IS_USED: Final = 429
BUSY: Final = N_("The relay has too much to do. It is asked again later.")
NO_RELAY: Final = N_(
    "No other approved member may carry envelopes of this school, so there is no relay, and nothing is sent."
)


def ways_of(draw: RelayDraw, network: str) -> tuple[str, ...]:
    """The addresses that may take an envelope: of the relays in their order, or of the network if a person said so."""
    if draw.direct:
        return (f"{network}/v1/submissions",)
    return tuple(f"{relay}/v1/relay?{urlencode({'network': network})}" for relay in draw.relays)


async def hand_over(node: LocalNode, ways: Sequence[str], body: bytes, signer: RequestSigner) -> str:
    """Try one way after the other until the envelope is taken: "", else why the last one did not take it.

    The same bytes go everywhere: should two relays bring them, the network keeps one.
    """
    problem = NO_RELAY
    for url in ways:
        try:
            answer = await node.client.post(
                url,
                body=body,
                body_type="application/octet-stream",
                content_type=(),
                max_bytes=REQUEST_MAX_BYTES,
                signer=signer,
                accept_status=frozenset({TAKEN, SLOT_IS_USED}),
                may_be_empty=True,
            )
        except FederationError as error:
            problem = error.detail[:LONGEST_PROBLEM]
            continue
        if answer.status == TAKEN or _is_slot_used(answer):
            return ""
        problem = BUSY
    return problem


def _is_slot_used(answer: PeerAnswer) -> bool:
    """The relay passed one of ours on in this slot: an answer of its own was lost."""
    try:
        problem = read_json(answer.body, max_bytes=REQUEST_MAX_BYTES)
    except InvalidDocument:
        return False
    return isinstance(problem, dict) and problem.get("code") == Code.SLOT_USED


async def note_way(session: AsyncSession, *, network: str, epoch: int, is_taken: bool, now: datetime) -> None:
    """Since when no relay takes anything: that is when a person is asked."""
    draw = await session.get(RelayDraw, (network, epoch), with_for_update=True)
    if draw is not None:
        draw.failing_since = None if is_taken else draw.failing_since or now
