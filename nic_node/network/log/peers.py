"""What other nodes send to the log: envelopes, requests for credentials, open retractions, acks."""

import asyncio
from datetime import timedelta
from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import Untrusted, untrusted_document
from federation.judge import Outcome, judge_leaf, wanted_by_leaves
from federation.keys import load_ed25519
from federation.leaves import Leaf, read_leaf, verify_leaf
from nic_node.membership.local import LocalNode, local_node
from nic_node.network.log.acks import keep_ack, write_acks_at
from nic_node.network.log.envelopes import (
    PLACE_BYTES,
    count_envelope,
    find_envelope,
    find_epoch,
    replayed,
    slot_seconds_of,
    submission_keys,
    take_envelope,
    verify_not_flooding,
    was_opened,
)
from nic_node.network.log.issue import sign_blinded
from nic_node.network.log.queue import is_waiting, log_of, queue_leaf
from nic_node.network.log.rows import load_state
from nic_node.network.log.tables import Log, LogPseudonym, LogRefusal
from nic_node.network.read import network_by_slug
from nic_node.network.requests import READERS, member_request
from nic_node.web.address import address_of
from nic_node.web.limits import read_limited
from schemas.base64url import encode_base64url
from schemas.canonical import canonical_bytes, sha256_hex
from schemas.code import Code
from schemas.document import DocumentSchema, load_document
from schemas.invalid import InvalidDocument
from schemas.limits import ENVELOPE_BYTES, REQUEST_MAX_BYTES
from schemas.membership import ACK, BLIND_SIGN_REQUEST, RETRACTION

RETRACTION_BYTES = 8 * 1024


async def take_submission(request: web.Request) -> web.Response:
    """A sealed envelope from a relay: 202, whatever is in it."""
    sent = await member_request(request, slug=request.match_info["slug"], max_bytes=ENVELOPE_BYTES)
    node, relay = local_node(request), sent.member.entity
    now = node.clock()
    async with node.database.reading() as session:
        log = await log_of(session, sent.network.id)
        keys = await submission_keys(session, operator_key=node.operator_key, log=log)
        slots = {epoch: await slot_seconds_of(session, log, epoch) for epoch in keys}
        if keys:
            await verify_not_flooding(session, log=log, relay=relay, slot_seconds=slots[max(keys)], now=now)
        held = await find_envelope(session, log, sent.body)
        is_opened = held is None and await was_opened(session, log, sent.body, keys)
        held_seconds = None if held is None else await slot_seconds_of(session, log, held.epoch)
    if held_seconds is not None:
        # Brought again, perhaps by another relay: it counts, and nothing is opened.
        async with node.database.writing() as session:
            await count_envelope(session, log=log, relay=relay, slot_seconds=held_seconds, now=now)
        return web.Response(status=202)
    try:
        if is_opened:
            raise replayed()
        epoch = await asyncio.to_thread(find_epoch, keys, sent.body, origin=log.origin)
    except Untrusted as error:
        if keys:
            await _keep_refusal(node, log, error, sent.body, relay=relay, slot_seconds=slots[max(keys)])
        raise
    place = node.random_bytes(PLACE_BYTES).hex()
    async with node.database.writing() as session:
        await take_envelope(
            session,
            log=log,
            relay=relay,
            epoch=epoch,
            envelope=sent.body,
            place=place,
            slot_seconds=slots[epoch],
            now=now,
        )
    node.wake()
    return web.Response(status=202)


async def take_blind_sign(request: web.Request) -> web.Response:
    """One blind signature a member and epoch."""
    sent = await member_request(request, slug=request.match_info["slug"], max_bytes=REQUEST_MAX_BYTES)
    node = local_node(request)
    epoch = int(request.match_info["epoch"])
    with node.throttle.watching(f"blind-sign {sent.member.entity}", node.clock()):
        signature = await sign_blinded(
            node,
            network_id=sent.network.id,
            epoch=epoch,
            entity=sent.member.entity,
            jws=_read(BLIND_SIGN_REQUEST, sent.body)["jws"],
            now=node.clock(),
        )
    answer = {"epoch": epoch, "blind_sig": encode_base64url(signature)}
    return web.Response(body=canonical_bytes(answer), content_type="application/json")


async def take_retraction(request: web.Request) -> web.Response:
    """A retract leaf in the open, by who may not sign requests any more: the pseudonym's signature is the proof."""
    body = await read_limited(request, RETRACTION_BYTES)
    node = local_node(request)
    async with node.database.reading() as session:
        network = await network_by_slug(session, request.match_info["slug"])
        log = await log_of(session, network.id)
        # Who shares an address only gets shorter answers to what is wrong anyway.
        with node.throttle.counting(f"retraction {address_of(request)}", node.clock()):
            leaf = _read(RETRACTION, body)["leaf"].encode()
            claim = _read_retraction(leaf)
            await _verify_signed(session, log, claim)
        # From here on it costs more, and nobody but the author gets here with this name.
        with node.throttle.watching(f"retraction {claim.kid} {claim.payload['target']}", node.clock()):
            await _verify_retraction(session, log, leaf)
    async with node.database.writing() as session:
        if not await is_waiting(session, await log_of(session, network.id), leaf):
            await queue_leaf(session, network.id, leaf, None, node.clock())
    node.wake()
    return web.Response(status=202)


async def take_ack(request: web.Request) -> web.Response:
    """A member's promise of what it has erased. It never goes back."""
    sent = await member_request(request, slug=request.match_info["slug"], max_bytes=REQUEST_MAX_BYTES, states=READERS)
    body = _read(ACK, sent.body)
    node = local_node(request)
    async with node.database.writing() as session:
        log = await log_of(session, sent.network.id)
        if body["origin"] != log.origin:
            raise Untrusted(Code.CHECKPOINT_ORIGIN_WRONG, "The ack is about another log.")
        if body["erased_to"] > log.signed_size:
            raise Untrusted(Code.INVALID_INPUT, "The ack promises more entries than this log has.")
        await keep_ack(session, log, entity=sent.member.entity, erased_to=body["erased_to"])
        await write_acks_at(session, log.id, node.clock() + timedelta(seconds=node.config.job_seconds))
    return web.Response(status=202)


def _read_retraction(data: bytes) -> Leaf:
    """Raises Untrusted: LEAF_TYPE_UNKNOWN, it is another leaf; what `read_leaf` finds."""
    leaf = read_leaf(data)
    if leaf.t != "retract":
        raise Untrusted(Code.LEAF_TYPE_UNKNOWN, "Only a retraction may be sent in the open.")
    return leaf


async def _verify_signed(session: AsyncSession, log: Log, leaf: Leaf) -> None:
    """One row and one Ed25519 signature: all that a stranger can make this node do.

    Raises:
        Untrusted: TARGET_NOT_OWN, no generation of the log knows the signer; SIGNATURE_INVALID.
    """
    logs = select(Log.id).where(Log.network_id == log.network_id)
    query = select(LogPseudonym.x).where(LogPseudonym.log_id.in_(logs), LogPseudonym.jkt == leaf.kid).limit(1)
    x = await session.scalar(query)
    if x is None:
        raise Untrusted(Code.TARGET_NOT_OWN, "Who signed this has no record in the log.")
    verify_leaf(leaf, load_ed25519(x))


async def _verify_retraction(session: AsyncSession, log: Log, data: bytes) -> None:
    """That it would be accepted now, so that it is worth a place in the queue. Raises Untrusted: why it would not."""
    state = await load_state(session, log, wanted_by_leaves([data]))
    verdict = judge_leaf(state, state.size, data)
    if verdict.outcome is not Outcome.ACCEPTED:
        raise Untrusted(verdict.code or Code.LEAF_MALFORMED, verdict.detail)


def _read(schema: DocumentSchema, body: bytes) -> dict[str, Any]:
    try:
        return load_document(schema, body)
    except InvalidDocument as error:
        raise untrusted_document(error) from error


async def _keep_refusal(
    node: LocalNode, log: Log, error: Untrusted, content: bytes, *, relay: str, slot_seconds: int
) -> None:
    """What a relay brought that nobody can open: its code and hash, and who brought it. It counts as an envelope."""
    now = node.clock()
    async with node.database.writing() as session:
        await count_envelope(session, log=log, relay=relay, slot_seconds=slot_seconds, now=now)
        session.add(
            LogRefusal(
                log_id=log.id,
                at=now,
                what="envelope",
                code=error.code.value,
                detail=error.detail,
                sha256=sha256_hex(content),
                source=relay,
            )
        )
