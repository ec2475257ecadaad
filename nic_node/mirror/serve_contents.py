"""What a copy of a log holds beside its files: blobs, to members who sign for them, and the network's documents.

As the log serves them: what was taken back or down is gone from here with the entry that says so, and is answered with
410. What this school hides for rules of its own is served all the same: it is living.
"""

import asyncio
import gzip
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from aiohttp import web
from sqlalchemy import select

from federation.errors import Untrusted
from federation.judge.state import MODERATED
from federation.tlog.tiles import TILE_WIDTH, parse_index_path
from nic_node.errors import NotFound
from nic_node.membership.documents import document_bytes
from nic_node.membership.local import local_node
from nic_node.mirror.requests import READERS, VOUCHED_TO_READ, member_request
from nic_node.mirror.serve import FOREVER, NO_FILE, copied_log
from nic_node.mirror.states import RecordState
from nic_node.mirror.tables import MirrorBlob, MirrorLog, MirrorRecord
from schemas.code import Code

BLOBS_SECONDS: Final = int(timedelta(minutes=10).total_seconds())
"""Short of the hour that a blob may be cached: what was taken back should be gone soon."""
LINES: Final = "application/x-ndjson"
SERVED: Final = (RecordState.LIVING, RecordState.UNRECOGNISED, RecordState.NEWER)


async def _members_log(request: web.Request) -> MirrorLog:
    """The log of the request's address, asked for by a member of its network, suspended or not."""
    async with local_node(request).database.reading() as session:
        log = await copied_log(session, request)
    await member_request(request, max_bytes=0, network=log.network, within=VOUCHED_TO_READ, states=READERS)
    return log


async def show_blobs(request: web.Request) -> web.Response:
    """The living blobs of up to 256 entries: each one's exact bytes, a line each, in index order."""
    log = await _members_log(request)
    try:
        number, width = parse_index_path(request.match_info["path"])
    except ValueError as error:
        raise NotFound(NO_FILE) from error
    start = number * TILE_WIDTH
    if start + width > log.size:
        raise NotFound(NO_FILE)
    chosen = select(MirrorBlob.content).join(MirrorRecord, MirrorRecord.id == MirrorBlob.record_id)
    within = MirrorRecord.leaf_index.between(start, start + width - 1)
    chosen = chosen.where(MirrorRecord.log_id == log.id, within, MirrorRecord.state.in_(SERVED))
    async with local_node(request).database.reading() as session:
        blobs = (await session.scalars(chosen.order_by(MirrorRecord.leaf_index))).all()
    return await answer_blobs(request, blobs)


async def answer_blobs(request: web.Request, blobs: Sequence[bytes]) -> web.Response:
    """A bundle of blobs, compressed for whoever can read that."""
    lines = b"".join(blob + b"\n" for blob in blobs)
    headers = {"Cache-Control": f"private, max-age={BLOBS_SECONDS}", "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        lines = await asyncio.to_thread(gzip.compress, lines, 6, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return web.Response(body=lines, content_type=LINES, headers=headers)


async def show_blob(request: web.Request) -> web.Response:
    """One blob by its hash, for audits.

    Raises:
        Untrusted: BLOB_RETRACTED, BLOB_MODERATED: the record is gone, and so is the blob.
    """
    log = await _members_log(request)
    chosen = select(MirrorRecord).where(MirrorRecord.log_id == log.id)
    async with local_node(request).database.reading() as session:
        record = await session.scalar(chosen.where(MirrorRecord.blob_sha256 == request.match_info["sha256"]))
        blob = await session.get(MirrorBlob, record.id) if record is not None and record.state in SERVED else None
    if record is not None and (record.state == RecordState.BLOCKED or record.gone == MODERATED):
        raise Untrusted(Code.BLOB_MODERATED, "The network took the record down; its content is erased.")
    if record is not None and record.state == RecordState.GONE:
        raise Untrusted(Code.BLOB_RETRACTED, "The record was taken back by its author; its content is erased.")
    if blob is None:
        raise NotFound(NO_FILE)
    headers = {"Cache-Control": "private, no-store"}
    return web.Response(body=blob.content, content_type="application/json", headers=headers)


async def show_document(request: web.Request) -> web.Response:
    """A policy, lattice or charter of the log's network, by its hash."""
    async with local_node(request).database.reading() as session:
        log = await copied_log(session, request)
        content = await document_bytes(session, request.match_info["sha256"], network=log.network)
    if content is None:
        raise NotFound(NO_FILE)
    headers = {"Cache-Control": f"public, max-age={FOREVER}, immutable"}
    return web.Response(body=content, content_type="application/json", headers=headers)
