"""What schools ask a network over HTTP: documents, applying, and everything that follows from it."""

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from federation.errors import Untrusted, untrusted_document
from nic_node.accounts.actor import peer_actor
from nic_node.membership.local import local_node
from nic_node.network.appeal import (
    AppealView,
    appeal_document,
    appeal_view,
    open_appeal_documents,
    open_appeals,
    take_appeal,
)
from nic_node.network.apply import take_application
from nic_node.network.confirm import confirm_code
from nic_node.network.decide import end_by_member
from nic_node.network.documents import document_bytes
from nic_node.network.member_keys import take_keys
from nic_node.network.members import member_of, moves_of
from nic_node.network.read import network_by_slug
from nic_node.network.renew import ask_renewal, renewal_document
from nic_node.network.requests import READERS, MemberRequest, member_request
from nic_node.network.tables import Member, Transition
from nic_node.web.limits import read_limited
from nic_node.web.problems import problem_response
from nic_node.web.routes import Route, document, peer
from nic_node.web.visitor import PEER, PUBLIC
from schemas.canonical import canonical_bytes
from schemas.code import Code
from schemas.document import DocumentSchema, InvalidDocument, load_document
from schemas.entity import ENTITY_STATEMENT_CONTENT_TYPE
from schemas.limits import APPLICATION_MAX_BYTES, ENTITY_STATEMENT_MAX_BYTES, REQUEST_MAX_BYTES
from schemas.membership import APPEAL, APPLICATION_CONTENT_TYPE, CONFIRMATION, LEAVE, RENEWAL
from schemas.states import STATES

ANYBODY_KNOWN: Final = frozenset(STATES)
SMALL: Final = 4_096
LARGE: Final = 16_384
"""An appeal's text takes up to four bytes a character."""
FOR_EVER: Final = "public, max-age=31536000, immutable"


def member_routes() -> list[Route]:
    base = "/net/{slug}/v1"
    one = base + "/applications/{application}"
    return [
        document(base + "/documents/{sha256}", "network.document", serve_document, PUBLIC),
        peer("POST", base + "/applications", "network.apply", post_application, PUBLIC, APPLICATION_MAX_BYTES),
        peer("GET", one, "network.application_status", get_application, PEER),
        peer("POST", one + "/confirmation", "network.confirmation", post_confirmation, PEER, SMALL),
        peer("POST", base + "/members/{application}/leave", "network.leave", post_leave, PEER, SMALL),
        peer("POST", base + "/members/{application}/renewal", "network.ask_renewal", post_renewal, PEER, SMALL),
        peer("POST", base + "/members/{application}/appeal", "network.ask_appeal", post_appeal, PEER, LARGE),
        peer("GET", base + "/appeals", "network.open_appeals", get_appeals, PEER),
        peer(
            "POST",
            base + "/members/{application}/keys",
            "network.member_keys",
            post_keys,
            PEER,
            ENTITY_STATEMENT_MAX_BYTES,
        ),
    ]


async def serve_document(request: web.Request) -> web.Response:
    """A policy, charter or lattice by its hash; it never changes."""
    async with local_node(request).database.reading() as session:
        network = await network_by_slug(session, request.match_info["slug"])
        content = await document_bytes(session, network.id, request.match_info["sha256"])
    if content is None:
        raise Untrusted(Code.DOCUMENT_MISSING, "This network keeps no document of this hash.")
    return web.Response(body=content, content_type="application/json", headers={"Cache-Control": FOR_EVER})


async def post_application(request: web.Request) -> web.Response:
    """202 {id, state}; the JWT proves itself, so nothing else is signed."""
    node = local_node(request)
    if request.content_type != APPLICATION_CONTENT_TYPE:
        sentence = f"Send the application as {APPLICATION_CONTENT_TYPE}."
        return problem_response(415, Code.UNSUPPORTED_MEDIA_TYPE, sentence)
    token = await read_limited(request, APPLICATION_MAX_BYTES)
    async with node.database.writing() as session:
        network = await network_by_slug(session, request.match_info["slug"])
        member = await take_application(session, node, network_id=network.id, token=token, now=node.clock())
    node.wake()
    return _json({"id": member.public_id, "state": member.state}, status=202)


async def get_application(request: web.Request) -> web.Response:
    """How it stands, for the school itself: its own history, with reasons."""
    sent = await _own_request(request)
    async with local_node(request).database.reading() as session:
        moves = await moves_of(session, sent.member.id)
        appeal = await appeal_view(session, sent.member)
    return _json(_status_of(sent.member, moves, appeal))


async def post_confirmation(request: web.Request) -> web.Response:
    """The code that the coordinator gave out of band; 422 for a wrong one, which counts."""
    sent = await _own_request(request)
    code = _read(CONFIRMATION, sent.body)["code"]
    node = local_node(request)
    async with node.database.writing() as session:
        member = await member_of(session, sent.network.id, sent.member.id, for_update=True)
        is_right = confirm_code(member, code, now=node.clock())
    if not is_right:
        raise Untrusted(Code.CONFIRMATION_WRONG, "This is not the code that was given; type it once more.")
    return web.Response(status=204)


async def post_leave(request: web.Request) -> web.Response:
    """The school leaves, or withdraws its application."""
    sent = await _own_request(request)
    version = _read(LEAVE, sent.body).get("if_version")
    node = local_node(request)
    async with node.database.writing() as session:
        member = await member_of(session, sent.network.id, sent.member.id, for_update=True)
        actor = peer_actor(member.entity)
        await end_by_member(session, node, member=member, actor=actor, version=version, now=node.clock())
    node.wake()
    return web.Response(status=204)


async def post_keys(request: web.Request) -> web.Response:
    """The school's entity configuration, signed by a key that the network knows: its keys from now on."""
    if request.content_type != ENTITY_STATEMENT_CONTENT_TYPE:
        sentence = f"Send the entity configuration as {ENTITY_STATEMENT_CONTENT_TYPE}."
        return problem_response(415, Code.UNSUPPORTED_MEDIA_TYPE, sentence)
    sent = await _own_request(request)
    node = local_node(request)
    async with node.database.writing() as session:
        member = await member_of(session, sent.network.id, sent.member.id, for_update=True)
        await take_keys(session, node, member=member, token=sent.body.decode("ascii", "replace"), now=node.clock())
    node.wake()
    return web.Response(status=204)


async def post_renewal(request: web.Request) -> web.Response:
    """The member asks for its next term."""
    sent = await _own_request(request)
    said = _read(RENEWAL, sent.body)
    node = local_node(request)
    async with node.database.writing() as session:
        member = await member_of(session, sent.network.id, sent.member.id, for_update=True)
        await ask_renewal(session, member=member, said=said, actor=peer_actor(member.entity), now=node.clock())
    return web.Response(status=204)


async def post_appeal(request: web.Request) -> web.Response:
    """A school that was revoked asks to be let in again."""
    sent = await _own_request(request)
    said = _read(APPEAL, sent.body, max_bytes=LARGE)
    node = local_node(request)
    async with node.database.writing() as session:
        member = await member_of(session, sent.network.id, sent.member.id, for_update=True)
        await take_appeal(session, member=member, said=said, actor=peer_actor(member.entity), now=node.clock())
    return web.Response(status=204)


async def get_appeals(request: web.Request) -> web.Response:
    """The open appeals, for every member to see."""
    slug = request.match_info["slug"]
    sent = await member_request(request, slug=slug, max_bytes=SMALL, states=READERS)
    async with local_node(request).database.reading() as session:
        views = await open_appeals(session, sent.network.id)
    return _json({"appeals": open_appeal_documents(views)})


async def _own_request(request: web.Request) -> MemberRequest:
    """A request about a membership, signed by the school whose it is."""
    sent = await member_request(
        request, slug=request.match_info["slug"], max_bytes=REQUEST_MAX_BYTES, states=ANYBODY_KNOWN, of_networks=True
    )
    if sent.member.public_id != request.match_info["application"]:
        raise Untrusted(Code.APPLICATION_UNKNOWN, "This school has no such application here.")
    return sent


def _status_of(member: Member, moves: list[Transition], appeal: AppealView | None) -> dict[str, Any]:
    status: dict[str, Any] = {
        "id": member.public_id,
        "state": member.state,
        "version": member.version,
        "confirmed": member.confirmed_at is not None,
        "moves": [_move_document(move) for move in moves],
    }
    if member.expires_at is not None:
        status["expires"] = int(member.expires_at.timestamp())
    renewal = renewal_document(member)
    status |= {"renewal": renewal} if renewal is not None else {}
    return status | ({"appeal": appeal_document(appeal)} if appeal is not None else {})


def _move_document(move: Transition) -> dict[str, Any]:
    document = {"at": int(move.at.timestamp()), "to": move.to_state, "reason": move.reason}
    document |= {"from": move.from_state} if move.from_state else {}
    return document | ({"note": move.note} if move.note else {})


def _read(schema: DocumentSchema, body: bytes, *, max_bytes: int = SMALL) -> Mapping[str, Any]:
    try:
        return load_document(schema, body or b"{}", max_bytes=max_bytes)
    except InvalidDocument as error:
        raise untrusted_document(error) from error


def _json(content: Mapping[str, Any], *, status: int = 200) -> web.Response:
    return web.Response(status=status, body=canonical_bytes(dict(content)), content_type="application/json")
