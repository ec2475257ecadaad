"""The network's OpenID Federation endpoints: exact content types, and the specification's own errors."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final
from urllib.parse import parse_qs

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from federation.entities import verify_entity_id
from federation.errors import Untrusted
from federation.jws import peek_jws
from federation.keys import thumbprint
from federation.trust_marks import verify_trust_mark
from nic_node.keyring.purposes import KeyPurpose
from nic_node.membership.local import LocalNode, local_node
from nic_node.network import statements
from nic_node.network.keys import network_public_keys
from nic_node.network.members import member_by_entity
from nic_node.network.read import network_by_slug
from nic_node.network.tables import Network
from nic_node.web.limits import read_limited
from nic_node.web.routes import Route, document, peer
from nic_node.web.visitor import PUBLIC
from schemas.canonical import canonical_bytes
from schemas.code import Code
from schemas.entity import (
    ENTITY_STATEMENT_CONTENT_TYPE,
    FEDERATION_ERRORS,
    HISTORICAL_KEYS_TYP,
    TRUST_MARK_CONTENT_TYPE,
    TRUST_MARK_STATUS_TYP,
    TRUST_MARK_TYP,
    WELL_KNOWN_PATH,
    federation_error_document,
)
from schemas.limits import TRUST_MARK_MAX_BYTES
from schemas.membership import ENTITY_TYPES, NETWORK_TYPE, SCHOOL_TYPE
from schemas.states import APPROVED

FORM_MAX_BYTES: Final = 2 * TRUST_MARK_MAX_BYTES
SUBJECT_MISSING: Final = "The parameter sub names the entity that is asked about."


class FederationProblem(Exception):
    """An answer in the words of the specification (section 8.9)."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error, description)
        self.error = error
        self.description = description


Answer = Callable[[LocalNode, AsyncSession, Network, Mapping[str, str]], Awaitable[web.Response]]


def federation_routes() -> list[Route]:
    base = "/net/{slug}"
    routes = [document(base + WELL_KNOWN_PATH, "network.configuration", _endpoint(configuration), PUBLIC)]
    answers: dict[str, Answer] = {
        "federation_fetch_endpoint": fetch,
        "federation_list_endpoint": list_subordinates,
        "federation_trust_mark_endpoint": fetch_mark,
        "federation_trust_mark_list_endpoint": list_marked,
        "federation_historical_keys_endpoint": list_old_keys,
    }
    for name, answer in answers.items():
        path = base + statements.ENDPOINTS[name]
        routes.append(document(path, f"network.{name}", _endpoint(answer), PUBLIC))
    status = base + statements.ENDPOINTS["federation_trust_mark_status_endpoint"]
    routes.append(
        peer("POST", status, "network.trust_mark_status", _endpoint(mark_status), PUBLIC, max_bytes=FORM_MAX_BYTES)
    )
    return routes


def _endpoint(answer: Answer) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        node = local_node(request)
        try:
            parameters = await _parameters(request)
            async with node.database.reading() as session:
                network = await network_by_slug(session, request.match_info["slug"])
                return await answer(node, session, network, parameters)
        except FederationProblem as problem:
            content = federation_error_document(problem.error, problem.description)
            return web.Response(
                status=FEDERATION_ERRORS[problem.error],
                body=canonical_bytes(content),
                content_type="application/json",
            )

    return handle


async def _parameters(request: web.Request) -> dict[str, str]:
    """Query or form; a parameter that comes twice would mean two things."""
    pairs: dict[str, list[str]] = {name: request.query.getall(name) for name in request.query}
    if request.method == "POST":
        body = await read_limited(request, FORM_MAX_BYTES)
        pairs = parse_qs(body.decode("utf-8", errors="replace"), keep_blank_values=True, max_num_fields=20)
    if any(len(values) > 1 for values in pairs.values()):
        raise FederationProblem("invalid_request", "A parameter stands there twice.")
    return {name: values[0] for name, values in pairs.items()}


async def configuration(
    node: LocalNode, session: AsyncSession, network: Network, parameters: Mapping[str, str]
) -> web.Response:
    return _token(await statements.network_configuration(node, session, network), ENTITY_STATEMENT_CONTENT_TYPE)


async def fetch(
    node: LocalNode, session: AsyncSession, network: Network, parameters: Mapping[str, str]
) -> web.Response:
    """Section 8.1: the statement about `sub`; 404 for whoever is not approved."""
    statement = await statements.subordinate_statement(node, session, network, _subject(node, parameters))
    if statement is None:
        raise FederationProblem("not_found", "This network vouches for no such entity.")
    return _token(statement, ENTITY_STATEMENT_CONTENT_TYPE)


async def list_subordinates(
    node: LocalNode, session: AsyncSession, network: Network, parameters: Mapping[str, str]
) -> web.Response:
    """Section 8.2; of its filters we know entity_type."""
    if unknown := parameters.keys() - {"entity_type", "trust_marked", "trust_mark_type", "intermediate"}:
        raise FederationProblem("unsupported_parameter", f"Not known here: {', '.join(sorted(unknown))}.")
    kinds: tuple[str, ...] = ENTITY_TYPES if parameters.get("entity_type") is None else (parameters["entity_type"],)
    if parameters.get("intermediate") == "true":
        kinds = tuple(kind for kind in kinds if kind == NETWORK_TYPE)
    is_empty = False
    marked = parameters.get("trust_mark_type")
    if marked is not None or parameters.get("trust_marked") == "true":
        # Roles are schools'.
        kinds = tuple(kind for kind in kinds if kind == SCHOOL_TYPE)
        is_empty = marked is not None and statements.role_of(network, marked) is None
    return _json([] if is_empty else await statements.approved_entities(session, network, kinds))


async def fetch_mark(
    node: LocalNode, session: AsyncSession, network: Network, parameters: Mapping[str, str]
) -> web.Response:
    """Section 8.6."""
    kind = parameters.get("trust_mark_type")
    if kind is None:
        raise FederationProblem("invalid_request", "The parameter trust_mark_type is missing.")
    mark = await statements.trust_mark(node, session, network, kind=kind, subject=_subject(node, parameters))
    if mark is None:
        raise FederationProblem("not_found", "No such mark was issued to this entity.")
    return _token(mark, TRUST_MARK_CONTENT_TYPE)


async def list_marked(
    node: LocalNode, session: AsyncSession, network: Network, parameters: Mapping[str, str]
) -> web.Response:
    """Section 8.5: who has a mark of this type now."""
    kind = parameters.get("trust_mark_type")
    if kind is None:
        raise FederationProblem("invalid_request", "The parameter trust_mark_type is missing.")
    entities = await statements.approved_entities(session, network) if statements.role_of(network, kind) else []
    wanted = parameters.get("sub")
    return _json([entity for entity in entities if wanted in (None, entity)])


async def mark_status(
    node: LocalNode, session: AsyncSession, network: Network, parameters: Mapping[str, str]
) -> web.Response:
    """Section 8.4: does a mark that this network issued still hold?"""
    token = parameters.get("trust_mark", "")
    try:
        claimed = peek_jws(token, typ=TRUST_MARK_TYP, max_bytes=TRUST_MARK_MAX_BYTES, extra_header_names=None)
    except Untrusted as error:
        raise FederationProblem("invalid_request", error.detail) from error
    if claimed.payload.get("iss") != network.entity:
        raise FederationProblem("not_found", "This network did not issue that mark.")
    status = await _status_of(node, session, network, token, str(claimed.payload.get("sub")))
    content = await statements.trust_mark_status(node, session, network, token=token, status=status)
    return _token(content, f"application/{TRUST_MARK_STATUS_TYP}")


async def _status_of(node: LocalNode, session: AsyncSession, network: Network, token: str, subject: str) -> str:
    keys = {thumbprint(key): key for key in await network_public_keys(node, session, network, KeyPurpose.FEDERATION)}
    try:
        verify_trust_mark(token, network=network.entity, network_keys=keys, subject=subject, now=node.clock())
    except Untrusted as error:
        return "expired" if error.code is Code.TRUST_MARK_EXPIRED else "invalid"
    member = await member_by_entity(session, network.id, subject)
    return "active" if member is not None and member.state == APPROVED else "revoked"


async def list_old_keys(
    node: LocalNode, session: AsyncSession, network: Network, parameters: Mapping[str, str]
) -> web.Response:
    return _token(await statements.historical_key_set(node, session, network), f"application/{HISTORICAL_KEYS_TYP}")


def _subject(node: LocalNode, parameters: Mapping[str, str]) -> str:
    subject = parameters.get("sub")
    if subject is None:
        raise FederationProblem("invalid_request", SUBJECT_MISSING)
    try:
        return verify_entity_id(subject, allow_insecure_loopback=node.config.allow_insecure_loopback)
    except Untrusted as error:
        raise FederationProblem("invalid_subject", error.detail) from error


def _token(token: str, content_type: str) -> web.Response:
    return web.Response(body=token.encode(), headers={"Content-Type": content_type, "Cache-Control": "no-cache"})


def _json(content: list[str]) -> web.Response:
    return web.Response(body=canonical_bytes(content), content_type="application/json")
