"""What this node saw two histories of, served to anybody; and what others show of it, checked without trusting them."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web
from sqlalchemy import select

from federation.errors import Untrusted, untrusted_document
from federation.tlog.fork import read_fork, verify_fork
from federation.tlog.note import parse_vkey
from nic_node.membership.local import LocalNode, local_node
from nic_node.mirror.forks.freeze import freeze_log, is_decided, seen_from_here
from nic_node.mirror.forks.read import evidence
from nic_node.mirror.tables import MirrorLog
from schemas.canonical import canonical_bytes
from schemas.document import InvalidDocument, load_document
from schemas.limits import REQUEST_MAX_BYTES
from schemas.membership import EVIDENCE, EVIDENCE_MOST

EVIDENCE_PATH: Final = "/v1/evidence"
EVIDENCE_SECONDS: Final = 60
EVIDENCE_MAX_BYTES: Final = EVIDENCE_MOST * REQUEST_MAX_BYTES
JSON: Final = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One fork that somebody showed. is_known: of a log that is here; code: why it proves nothing, "" if it does."""

    origin: str
    is_known: bool
    code: str

    @property
    def is_proven(self) -> bool:
        return self.is_known and not self.code


async def show_evidence(request: web.Request) -> web.Response:
    """`GET {node}/v1/evidence`; whoever has it already gets 304."""
    async with local_node(request).database.reading() as session:
        body = canonical_bytes(await evidence(session))
    etag = hashlib.sha256(body).hexdigest()[:32]
    headers = {"Cache-Control": f"public, max-age={EVIDENCE_SECONDS}", "ETag": f'"{etag}"'}
    if any(tag.value in (etag, "*") for tag in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    return web.Response(body=body, content_type=JSON, headers=headers)


async def fetch_evidence(node: LocalNode, entity: str) -> list[Checked]:
    """What a node serves, checked; a log of ours that is proven to be forked is frozen here too.

    Raises:
        Unreachable, Untrusted: no answer, or one that is no evidence document.
    """
    url = f"{entity}{EVIDENCE_PATH}"
    answer = await node.client.get(url, content_type=JSON, max_bytes=EVIDENCE_MAX_BYTES)
    try:
        document = load_document(EVIDENCE, answer.body, max_bytes=EVIDENCE_MAX_BYTES)
    except InvalidDocument as error:
        raise untrusted_document(error) from error
    return await heed_evidence(node, document["forks"], source=entity)


async def heed_evidence(node: LocalNode, shown: Sequence[Mapping[str, Any]], *, source: str) -> list[Checked]:
    """Check documents of `schemas.membership.FORK`, and freeze the logs of ours that they prove to be forked.

    The key of the log decides, so that nobody needs to be trusted for showing it.
    """
    return [await _heed(node, each, source) for each in shown]


async def _heed(node: LocalNode, shown: Mapping[str, Any], source: str) -> Checked:
    origin = shown["origin"]
    async with node.database.reading() as session:
        log = await session.scalar(select(MirrorLog).where(MirrorLog.origin == origin))
    if log is None:
        return Checked(origin=origin, is_known=False, code="")
    fork = read_fork(shown)
    try:
        both = verify_fork(fork, parse_vkey(log.log_key))
    except Untrusted as error:
        return Checked(origin=origin, is_known=True, code=error.code.value)
    if not await is_decided(node.database, log, fork, both):
        fork = await seen_from_here(node.database, log, fork, both)
        async with node.database.writing() as session:
            locked = await session.scalar(select(MirrorLog).where(MirrorLog.id == log.id).with_for_update())
            if locked is not None:
                await freeze_log(session, locked, fork, source=source, now=node.clock())
    return Checked(origin=origin, is_known=True, code="")
