"""Serving a log: checkpoint, tiles and acks to anybody, blobs to members, and to those who may read across."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import Untrusted
from federation.judge.state import MODERATED
from federation.tlog.tiles import CHECKPOINT_PATH, TILE_WIDTH, is_tile_path, parse_index_path
from nic_node.errors import NotFound
from nic_node.i18n import N_
from nic_node.logstore.store import ACKS_PATH, LogStore
from nic_node.membership.local import local_node
from nic_node.mirror.serve import answer_checkpoint, checkpoint_etag
from nic_node.mirror.serve_contents import answer_blobs
from nic_node.network.above.readers import reading_request
from nic_node.network.log.files import store_of
from nic_node.network.log.tables import LivingBlob, Log, LogBlock, LogRecord
from nic_node.network.read import network_by_slug
from nic_node.web.context import database
from schemas.code import Code

ACKS_SECONDS: Final = 600
FOREVER: Final = int(timedelta(days=365).total_seconds())
MOST_GENERATION_DIGITS: Final = 9
NO_FILE: Final = N_("The log has no such file.")


async def served_log(session: AsyncSession, request: web.Request) -> Log:
    """The log of the request's address.

    Raises:
        NotFound: no such network or generation here, or not in the one spelling that there is.
    """
    network = await network_by_slug(session, request.match_info["slug"])
    generation = request.match_info["generation"]
    is_number = generation.isascii() and generation.isdigit() and len(generation) <= MOST_GENERATION_DIGITS
    log = None
    if is_number and str(int(generation)) == generation:
        log = await session.scalar(select(Log).where(Log.network_id == network.id, Log.generation == int(generation)))
    if log is None:
        raise NotFound(N_("There is no such log here."))
    return log


@dataclass
class ServedNote:
    """A log's checkpoint file, and what was in it when it was last read; `state` tells of any change of it."""

    store: LogStore
    state: tuple[int, int, int] | None = None
    note: bytes = b""
    etag: str = ""


class ServedCheckpoints:
    """The newest signed note of each log here; a poll that has it already gets 304.

    Every member polls every minute, so that a poll costs no more than a look at the file's date: the folder of a log,
    once known, stays.
    """

    def __init__(self) -> None:
        self._served: dict[str, ServedNote] = {}

    async def show(self, request: web.Request) -> web.Response:
        served = self._served.get(request.path)
        if served is None:
            async with database(request).reading() as session:
                log = await served_log(session, request)
            served = self._served[request.path] = ServedNote(store_of(local_node(request), log))
        state = served.store.checkpoint_state()
        if state is None:
            raise NotFound(N_("This log has no checkpoint yet. Ask again in a moment."))
        if state != served.state:
            # The state first: a note that is newer than it is only read again.
            note = await asyncio.to_thread(served.store.read, CHECKPOINT_PATH)
            served.note = note or b""
            served.etag = checkpoint_etag(served.note)
            served.state = state
        return answer_checkpoint(request, served.note, served.etag)


async def show_tile(request: web.Request) -> web.StreamResponse:
    """A tile or an entry bundle: written once, so it may be kept for ever."""
    path = f"tile/{request.match_info['path']}"
    if request.path_qs != request.path or request.raw_path != request.path or not is_tile_path(path):
        raise NotFound(NO_FILE)
    headers = {
        "Cache-Control": f"public, max-age={FOREVER}, immutable",
        "Content-Type": "application/octet-stream",
    }
    return await _send_file(request, path, headers)


async def _send_file(request: web.Request, path: str, headers: dict[str, str]) -> web.StreamResponse:
    async with database(request).reading() as session:
        log = await served_log(session, request)
    file = await asyncio.to_thread(store_of(local_node(request), log).locate, path)
    if file is None:
        raise NotFound(NO_FILE)
    return web.FileResponse(file, headers=headers)


async def show_acks(request: web.Request) -> web.StreamResponse:
    """Up to which index each member has erased what was taken back: a file that is replaced as they promise."""
    headers = {"Cache-Control": f"public, max-age={ACKS_SECONDS}", "Content-Type": "application/json"}
    return await _send_file(request, ACKS_PATH, headers)


async def show_blobs(request: web.Request) -> web.Response:
    """The living blobs of up to 256 entries: each one's exact bytes, a line each, in index order; for readers only."""
    await reading_request(request, slug=request.match_info["slug"])
    try:
        number, width = parse_index_path(request.match_info["path"])
    except ValueError as error:
        raise NotFound(NO_FILE) from error
    start = number * TILE_WIDTH
    async with database(request).reading() as session:
        log = await served_log(session, request)
        if start + width > log.signed_size:
            raise NotFound(NO_FILE)
        query = select(LivingBlob.content).where(
            LivingBlob.log_id == log.id, LivingBlob.index >= start, LivingBlob.index < start + width
        )
        blobs = (await session.scalars(query.order_by(LivingBlob.index))).all()
    return await answer_blobs(request, blobs)


async def show_blob(request: web.Request) -> web.Response:
    """One blob by its hash, for audits. Members, and who may read across, only.

    Raises:
        Untrusted: BLOB_RETRACTED, BLOB_MODERATED: the record is gone, and so is the blob.
    """
    await reading_request(request, slug=request.match_info["slug"])
    sha256 = request.match_info["sha256"]
    async with database(request).reading() as session:
        log = await served_log(session, request)
        record = await session.scalar(
            select(LogRecord).where(LogRecord.log_id == log.id, LogRecord.blob_sha256 == sha256)
        )
        if record is None or record.index >= log.signed_size:
            raise NotFound(NO_FILE)
        blob = await session.get(LivingBlob, (log.id, record.index))
        block = await session.get(LogBlock, (log.id, record.jkt))
        is_blocked = block is not None and record.index >= block.from_index
    if record.gone == MODERATED:
        raise Untrusted(Code.BLOB_MODERATED, "The record was taken down by the network; its content is erased.")
    if record.gone is not None:
        raise Untrusted(Code.BLOB_RETRACTED, "The record was taken back by its author; its content is erased.")
    if is_blocked:
        raise Untrusted(Code.BLOB_MODERATED, "The network blocked who wrote the record; its content is erased.")
    if blob is None:
        raise NotFound(NO_FILE)
    headers = {"Cache-Control": "private, no-store"}
    return web.Response(body=blob.content, content_type="application/json", headers=headers)
