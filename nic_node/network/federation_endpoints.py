"""The network's OpenID Federation endpoints: exact content types, and the specification's own errors."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
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

FORM_MAX_BYTES: Final = 2 * TRUST_MARK_MAX_BYTES


class FederationProblem(Exception):
    """An answer in the words of the specification (section 8.9)."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error, description)
        self.error = error
        self.description = description


Parameters = Mapping[str, Sequence[str]]
Answer = Callable[[LocalNode, AsyncSession, Network, Parameters], Awaitable[web.Response]]
LIST_FILTERS: Final = frozenset({"entity_type", "trust_marked", "trust_mark_type", "intermediate"})
FEDERATION_TYPE: Final = "federation_entity"


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


async def _parameters(request: web.Request) -> Parameters:
    """Query or form, each parameter's values in order."""
    if request.method == "POST":
        body = await read_limited(request, FORM_MAX_BYTES)
        try:
            return parse_qs(body.decode("utf-8", errors="replace"), keep_blank_values=True, max_num_fields=20)
        except ValueError as error:
            raise FederationProblem("invalid_request", "The form has too many fields.") from error
    return {name: request.query.getall(name) for name in request.query}


def _one(parameters: Parameters, name: str) -> str | None:
    """The value of a parameter that may stand there once; twice would mean two things."""
    values = parameters.get(name, ())
    if len(values) > 1:
        raise FederationProblem("invalid_request", f"The parameter {name} stands there twice.")
    return values[0] if values else None


def _required(parameters: Parameters, name: str) -> str:
    value = _one(parameters, name)
    if value is None:
        raise FederationProblem("invalid_request", f"The parameter {name} is missing.")
    return value


def _flag(parameters: Parameters, name: str) -> bool | None:
    value = _one(parameters, name)
    if value not in (None, "true", "false"):
        raise FederationProblem("invalid_request", f"The parameter {name} is true or false.")
    return None if value is None else value == "true"


async def configuration(
    node: LocalNode, session: AsyncSession, network: Network, parameters: Parameters
) -> web.Response:
    return _token(await statements.network_configuration(node, session, network), ENTITY_STATEMENT_CONTENT_TYPE)


async def fetch(node: LocalNode, session: AsyncSession, network: Network, parameters: Parameters) -> web.Response:
    """Section 8.1: the statement about `sub`; 404 for whoever is not approved."""
    subject = _subject(node, parameters)
    if subject == network.entity:
        raise FederationProblem("invalid_request", "What a network says of itself stands in its configuration.")
    statement = await statements.subordinate_statement(node, session, network, subject)
    if statement is None:
        raise FederationProblem("not_found", "This network vouches for no such entity.")
    return _token(statement, ENTITY_STATEMENT_CONTENT_TYPE)


async def list_subordinates(
    node: LocalNode, session: AsyncSession, network: Network, parameters: Parameters
) -> web.Response:
    """Section 8.2, with all its filters."""
    if unknown := parameters.keys() - LIST_FILTERS:
        raise FederationProblem("unsupported_parameter", f"Not known here: {', '.join(sorted(unknown))}.")
    kinds = {kind for kind in ENTITY_TYPES if _is_listed(kind, parameters.get("entity_type"))}
    if _flag(parameters, "intermediate"):
        kinds &= {NETWORK_TYPE}
    marked = _one(parameters, "trust_mark_type")
    if _flag(parameters, "trust_marked") or marked is not None:
        # Roles are schools'.
        kinds &= {SCHOOL_TYPE}
    if marked is None:
        return _json(await statements.approved_entities(session, network, node.clock(), kinds))
    role = statements.role_of(network, marked)
    if role is None or SCHOOL_TYPE not in kinds:
        return _json([])
    return _json(await statements.entities_with(session, network, role, node.clock()))


def _is_listed(kind: str, wanted: Sequence[str] | None) -> bool:
    """Whether members of this kind are of a type that was asked for: this parameter alone may be repeated."""
    types = {kind, FEDERATION_TYPE} if kind == NETWORK_TYPE else {kind}
    return wanted is None or not types.isdisjoint(wanted)


async def fetch_mark(node: LocalNode, session: AsyncSession, network: Network, parameters: Parameters) -> web.Response:
    """Section 8.6."""
    kind = _required(parameters, "trust_mark_type")
    mark = await statements.trust_mark(node, session, network, kind=kind, subject=_subject(node, parameters))
    if mark is None:
        raise FederationProblem("not_found", "No such mark was issued to this entity.")
    return _token(mark, TRUST_MARK_CONTENT_TYPE)


async def list_marked(node: LocalNode, session: AsyncSession, network: Network, parameters: Parameters) -> web.Response:
    """Section 8.5: who has a mark of this type now."""
    role = statements.role_of(network, _required(parameters, "trust_mark_type"))
    if role is None:
        return _json([])
    wanted = _one(parameters, "sub")
    entities = await statements.entities_with(session, network, role, node.clock())
    return _json([entity for entity in entities if wanted in (None, entity)])


async def mark_status(node: LocalNode, session: AsyncSession, network: Network, parameters: Parameters) -> web.Response:
    """Section 8.4: does a mark that this network issued still hold?"""
    token = _required(parameters, "trust_mark")
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
        mark = verify_trust_mark(token, network=network.entity, network_keys=keys, subject=subject, now=node.clock())
    except Untrusted as error:
        return "expired" if error.code is Code.TRUST_MARK_EXPIRED else "invalid"
    return "active" if await statements.has_role(session, network, subject, mark.role, node.clock()) else "revoked"


async def list_old_keys(
    node: LocalNode, session: AsyncSession, network: Network, parameters: Parameters
) -> web.Response:
    return _token(await statements.historical_key_set(node, session, network), f"application/{HISTORICAL_KEYS_TYP}")


def _subject(node: LocalNode, parameters: Parameters) -> str:
    subject = _required(parameters, "sub")
    try:
        return verify_entity_id(subject, allow_insecure_loopback=node.config.allow_insecure_loopback)
    except Untrusted as error:
        raise FederationProblem("invalid_subject", error.detail) from error


def _token(token: str, content_type: str) -> web.Response:
    return web.Response(body=token.encode(), headers={"Content-Type": content_type, "Cache-Control": "no-cache"})


def _json(content: list[str]) -> web.Response:
    return web.Response(body=canonical_bytes(content), content_type="application/json")
