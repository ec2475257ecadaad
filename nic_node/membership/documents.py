"""This node's copies of its networks' documents, by hash."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import FederationError
from nic_node.membership.fetch import fetch_document
from nic_node.membership.local import LocalNode
from nic_node.membership.tables import NetworkDocument
from schemas.policy import load_public_document


async def document_bytes(session: AsyncSession, sha256: str, *, network: str | None = None) -> bytes | None:
    """The document's bytes, if this node has a copy; with `network`, only where it is that network's."""
    row = await session.get(NetworkDocument, sha256)
    return None if row is None or network not in (None, row.network) else row.content


async def document_of(session: AsyncSession, sha256: str) -> dict[str, Any] | None:
    """The document, if this node has a copy."""
    content = await document_bytes(session, sha256)
    return None if content is None else load_public_document(content, sha256=sha256)


async def obtain_document(node: LocalNode, network: str, sha256: str, *, first_at: str | None = None) -> dict[str, Any]:
    """The document from this node's copies, else from the network, checked and kept.

    Args:
        first_at: an address under which somebody else serves the network's documents, asked before the network.

    Raises:
        Untrusted, Unreachable: as `fetch_document`.
    """
    async with node.database.reading() as session:
        document = await document_of(session, sha256)
    if document is not None:
        return document
    content, fetched = await _fetch(node, network, sha256, first_at)
    async with node.database.writing() as session:
        await keep_copy(session, network=network, sha256=sha256, content=content, now=node.clock())
    return dict(fetched)


async def _fetch(node: LocalNode, network: str, sha256: str, first_at: str | None) -> tuple[bytes, Mapping[str, Any]]:
    if first_at is not None:
        # It has the hash that the log names, whoever serves it; else the network has the word.
        with suppress(FederationError):
            return await fetch_document(node.client, network, sha256, folder=first_at)
    return await fetch_document(node.client, network, sha256)


async def keep_copy(session: AsyncSession, *, network: str, sha256: str, content: bytes, now: datetime) -> None:
    """Keep a document that was checked; a second copy is the same copy."""
    kind = load_public_document(content, sha256=sha256)["kind"]
    copy = NetworkDocument(sha256=sha256, network=network, kind=kind, content=content, fetched_at=now)
    await session.merge(copy)
    await session.flush()
