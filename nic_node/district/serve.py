"""What nodes ask of each other about sharing: a school answers its district alone, a district listens to any school."""

from typing import Any, Final

from aiohttp import web

from federation.entities import verify_entity_id
from federation.errors import Untrusted, untrusted_document
from federation.requests import build_key_id
from nic_node.accounts.actor import peer_actor
from nic_node.accounts.audit import record_audit
from nic_node.district.ask import ask_soon
from nic_node.district.shared import TOO_LARGE, build_shared
from nic_node.district.sharing import learn_soon, sharing_of
from nic_node.district.tables import Sharing
from nic_node.errors import NotAllowed, TooLarge
from nic_node.i18n import N_
from nic_node.membership.local import LocalNode, local_node
from nic_node.peerhttp.requests import PeerRequest, claimed_entities, peer_request
from nic_node.school.known_names import known_names
from nic_node.school.obstacles.write import take_answer
from nic_node.web.limits import read_limited
from schemas.canonical import canonical_bytes
from schemas.code import Code
from schemas.district import ANSWER_MAX_BYTES, DISTRICT_NAMED, NAMED_MAX_BYTES, OBSTACLE_ANSWER, SHARES
from schemas.document import InvalidDocument, load_document

NOT_SHARED: Final = N_("This school shares nothing with you.")


async def serve_shared(request: web.Request) -> web.Response:
    """`GET {school}/v1/district/shared`: what the district that signed this may see; each look is in the audit log."""
    node = local_node(request)
    row, sent = await _of_district(request, max_bytes=0)
    now = node.clock()
    async with node.database.reading() as session:
        names = await known_names(request, session)
        upward = await build_shared(node, session, names, row, shares=row.shares)
    async with node.database.writing() as session:
        kept = await session.get_one(Sharing, row.id, with_for_update=True)
        # The choice may have changed meanwhile: off is off at once.
        if kept.entity != sent.entity_id or not kept.shares:
            raise NotAllowed(NOT_SHARED)
        if upward.is_too_large(kept.shares):
            raise TooLarge(TOO_LARGE)
        document = upward.of(kept.shares)
        kept.read_at = now
        await record_audit(
            session,
            actor=peer_actor(sent.entity_id),
            action="district.read",
            subject="district",
            subject_id=kept.id,
            before=None,
            after={"shares": [name for name in SHARES if name in document], "held_back": upward.held_back},
            now=now,
        )
    headers = {"Cache-Control": "no-store"}
    return web.Response(body=canonical_bytes(document), content_type="application/json", headers=headers)


async def take_obstacle_answer(request: web.Request) -> web.Response:
    """`POST {school}/v1/district/obstacles/{id}`: what the district says of one; 204, also the second time."""
    node = local_node(request)
    row, sent = await _of_district(request, max_bytes=ANSWER_MAX_BYTES)
    document = _loaded(OBSTACLE_ANSWER, sent.body, ANSWER_MAX_BYTES)
    async with node.database.writing() as session:
        kept = await session.get_one(Sharing, row.id, with_for_update=True)
        if kept.entity != sent.entity_id or "obstacles" not in kept.shares:
            raise NotAllowed(NOT_SHARED)
        await take_answer(
            session,
            actor=peer_actor(sent.entity_id),
            obstacle_id=int(request.match_info["id"]),
            answer=document["answer"],
            note=document.get("note", ""),
            now=node.clock(),
        )
    return web.Response(status=204)


async def take_named(request: web.Request) -> web.Response:
    """`POST {district}/v1/district/schools`: 202 whatever it says: what the school shares, its own node tells."""
    node = local_node(request)
    document = _loaded(DISTRICT_NAMED, await read_limited(request, NAMED_MAX_BYTES), NAMED_MAX_BYTES)
    entity = verify_entity_id(document["entity"], allow_insecure_loopback=node.config.allow_insecure_loopback)
    if entity != node.entity_id:
        async with node.database.writing() as session:
            is_new = await ask_soon(session, entity, now=node.clock(), by_hand=False)
        if is_new:
            node.wake()
    return web.Response(status=202)


async def _of_district(request: web.Request, *, max_bytes: int) -> tuple[Sharing, PeerRequest]:
    """The sharing, and the request that its district signed.

    Raises:
        NotAllowed: nothing is shared with whoever this says to be.
        Untrusted: as `peer_request`. After SIGNER_UNKNOWN the district's keys are read again.
    """
    node = local_node(request)
    now = node.clock()
    async with node.database.reading() as session:
        row = await sharing_of(session)
    if row is None or not row.shares or row.entity not in claimed_entities(request.headers):
        raise NotAllowed(NOT_SHARED)
    holds = row.keys_expire_at is not None and now < row.keys_expire_at
    keys = {build_key_id(row.entity, kid): jwk for kid, jwk in row.http_keys.items()} if holds else {}
    try:
        # Anybody may claim the district's name: so many wrong ones a minute have its keys read again, and no more.
        with node.throttle.counting(f"district {row.entity}", now):
            sent = await peer_request(
                request,
                public_url=node.config.public_url,
                find_key=keys.get,
                nonces=node.nonces,
                throttle=node.throttle,
                now=now,
                max_bytes=max_bytes,
            )
    except Untrusted as error:
        if error.code is Code.SIGNER_UNKNOWN:
            await _learn(node)
        raise
    return row, sent


async def _learn(node: LocalNode) -> None:
    async with node.database.writing() as session:
        await learn_soon(session, now=node.clock())
    node.wake()


def _loaded(schema: Any, body: bytes, max_bytes: int) -> dict[str, Any]:
    try:
        return load_document(schema, body, max_bytes=max_bytes)
    except InvalidDocument as error:
        raise untrusted_document(error) from error
