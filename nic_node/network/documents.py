"""The network's public documents, by hash: policy, charter, lattices."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.errors import NotFound
from nic_node.i18n import N_
from nic_node.network.read import network_of
from nic_node.network.tables import PublicDocument
from schemas.canonical import canonical_bytes, sha256_hex
from schemas.policy import load_public_document


async def keep_document(session: AsyncSession, network_id: int, content: bytes, *, now: datetime | None = None) -> str:
    """Keep a document's canonical bytes, and return their hash; keeping it again changes nothing.

    `now` is kept with it, where it is of use to know since when it has been there.

    Raises:
        InvalidDocument: it is none of ours in its canonical form.
    """
    document = load_public_document(content)
    sha256 = sha256_hex(content)
    if await document_bytes(session, network_id, sha256) is None:
        session.add(
            PublicDocument(network_id=network_id, sha256=sha256, kind=document["kind"], content=content, kept_at=now)
        )
        await session.flush()
    return sha256


async def keep(session: AsyncSession, network_id: int, document: dict[str, Any], now: datetime) -> str:
    return await keep_document(session, network_id, canonical_bytes(document), now=now)


async def document_bytes(session: AsyncSession, network_id: int, sha256: str) -> bytes | None:
    return await session.scalar(
        select(PublicDocument.content).where(PublicDocument.network_id == network_id, PublicDocument.sha256 == sha256)
    )


async def document_of(session: AsyncSession, network_id: int, sha256: str) -> dict[str, Any]:
    """A document that the network keeps.

    Raises:
        NotFound: it keeps none of this hash.
    """
    content = await document_bytes(session, network_id, sha256)
    if content is None:
        raise NotFound(N_("The network keeps no document of this hash."))
    return load_public_document(content, sha256=sha256)


async def current_policy(session: AsyncSession, network_id: int) -> dict[str, Any]:
    """The policy as it stands today; an epoch's own is named by its leaf."""
    network = await network_of(session, network_id)
    return await document_of(session, network_id, network.policy_sha256)


async def current_charter(session: AsyncSession, network_id: int) -> dict[str, Any]:
    network = await network_of(session, network_id)
    return await document_of(session, network_id, network.charter_sha256)
