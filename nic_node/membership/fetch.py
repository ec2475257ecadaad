"""Fetching what OpenID Federation and a network publish. Who signed it is checked by whoever asked for it."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from federation.entities import build_configuration_url
from federation.errors import Untrusted, untrusted_document
from nic_node.peerhttp.client import PeerClient
from schemas.canonical import read_json
from schemas.code import Code
from schemas.document import InvalidDocument
from schemas.entity import ENTITY_STATEMENT_CONTENT_TYPE, TRUST_MARK_CONTENT_TYPE
from schemas.ids import is_entity_id
from schemas.limits import ENTITY_STATEMENT_MAX_BYTES, PUBLIC_DOCUMENT_MAX_BYTES, TRUST_MARK_MAX_BYTES
from schemas.policy import load_public_document

LIST_MAX_BYTES: Final = 2 * 1024 * 1024
"""Of some 40,000 members."""


async def fetch_configuration(client: PeerClient, entity: str) -> str:
    """An entity's configuration, unverified.

    Raises:
        Untrusted, Unreachable: the answer is of another kind, too large, a redirect; or there is none.
    """
    return await _fetch_token(
        client, build_configuration_url(entity), ENTITY_STATEMENT_CONTENT_TYPE, ENTITY_STATEMENT_MAX_BYTES
    )


async def fetch_statement(client: PeerClient, endpoint: str, subject: str) -> str:
    """A superior's statement about `subject` (OpenID Federation 1.0, section 8.1), unverified."""
    url = _with_query(endpoint, sub=subject)
    return await _fetch_token(client, url, ENTITY_STATEMENT_CONTENT_TYPE, ENTITY_STATEMENT_MAX_BYTES)


async def fetch_trust_mark(client: PeerClient, endpoint: str, kind: str, subject: str) -> str:
    """A trust mark for `subject` (section 8.6), unverified."""
    url = _with_query(endpoint, trust_mark_type=kind, sub=subject)
    return await _fetch_token(client, url, TRUST_MARK_CONTENT_TYPE, TRUST_MARK_MAX_BYTES)


async def fetch_marked(client: PeerClient, endpoint: str, kind: str) -> list[str]:
    """The entities that a network says have a trust mark of a type (section 8.5); those whose ids are none left out.

    Raises:
        Untrusted: what came is no list. Unreachable: nothing came.
    """
    answer = await client.get(
        _with_query(endpoint, trust_mark_type=kind), content_type="application/json", max_bytes=LIST_MAX_BYTES
    )
    try:
        found = read_json(answer.body, max_bytes=LIST_MAX_BYTES)
    except InvalidDocument as error:
        raise untrusted_document(error) from error
    if not isinstance(found, list):
        raise Untrusted(Code.METADATA_INVALID, "A network's list of members that have a role is no list.")
    return [entity for entity in found if isinstance(entity, str) and is_entity_id(entity)]


async def fetch_document(
    client: PeerClient, network: str, sha256: str, *, folder: str | None = None
) -> tuple[bytes, Mapping[str, Any]]:
    """(bytes, document) of a network's policy, charter or lattice; its hash is checked.

    Args:
        folder: where the network's documents are served; by default at the network itself.

    Raises:
        Untrusted: what came has another hash, is not canonical, or is not by its schema.
        Unreachable: nothing came.
    """
    answer = await client.get(
        f"{folder or f'{network}/v1/documents'}/{sha256}",
        content_type="application/json",
        max_bytes=PUBLIC_DOCUMENT_MAX_BYTES,
    )
    try:
        document = load_public_document(answer.body, sha256=sha256)
    except InvalidDocument as error:
        raise untrusted_document(error) from error
    if document["network"] != network:
        raise Untrusted(Code.AUDIENCE_WRONG, f"The document that {network} serves is another network's.")
    return answer.body, document


def _with_query(endpoint: str, **parameters: str) -> str:
    """An endpoint may have a query of its own, which is kept (section 5.1.1)."""
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(parameters)}"


async def _fetch_token(client: PeerClient, url: str, content_type: str, max_bytes: int) -> str:
    answer = await client.get(url, content_type=content_type, max_bytes=max_bytes)
    try:
        return answer.body.decode("ascii")
    except UnicodeDecodeError as error:
        raise Untrusted(Code.TOKEN_MALFORMED, "A token holds characters that no token has.") from error
