"""What this node serves of the logs that it follows, to anybody: a plain copy (C2SP tlog-tiles), and its cosignature.

A copy is at `{node}/mirror/{hex sha256 of the origin}`; its blobs are for members (serve_contents.py).
"""

import hashlib
from datetime import timedelta
from typing import Final

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import Untrusted
from federation.tlog.witness import ADD_CHECKPOINT_MAX_BYTES, SIZE_CONTENT_TYPE, WitnessConflict
from nic_node.errors import NotFound
from nic_node.i18n import N_
from nic_node.membership.local import local_node
from nic_node.mirror.held import held_file
from nic_node.mirror.tables import MirrorLog
from nic_node.mirror.witness import add_checkpoint
from nic_node.web.limits import read_limited
from nic_node.web.problems import problem_of, problem_response
from schemas.code import Code

CHECKPOINT_SECONDS: Final = 2
FOREVER: Final = int(timedelta(days=365).total_seconds())
NO_FILE: Final = N_("This copy of the log has no such file.")
STATUS: Final[dict[Code, int]] = {
    Code.WITNESS_REQUEST_MALFORMED: 400,
    Code.CHECKPOINT_MALFORMED: 400,
    Code.CHECKPOINT_UNSIGNED: 403,
    Code.SIGNATURE_INVALID: 403,
    Code.LOG_FROZEN: 403,
    Code.LOG_UNKNOWN: 404,
    Code.LOG_FORKED: 409,
    Code.CONSISTENCY_WRONG: 422,
}
"""Refusal of a witness -> the status that C2SP tlog-witness gives it."""


async def take_checkpoint(request: web.Request) -> web.Response:
    """`POST {witness}/add-checkpoint`: the cosignature, or why there is none."""
    node = local_node(request)
    body = await read_limited(request, ADD_CHECKPOINT_MAX_BYTES)
    try:
        line = await add_checkpoint(node, body, now=node.clock())
    except WitnessConflict as error:
        return web.Response(status=409, body=b"%d\n" % error.size, headers={"Content-Type": SIZE_CONTENT_TYPE})
    except Untrusted as error:
        if error.code in STATUS:
            return problem_response(STATUS[error.code], error.code, error.detail)
        return problem_of(error)
    return web.Response(body=line, content_type="text/plain", charset="utf-8")


async def copied_log(session: AsyncSession, request: web.Request) -> MirrorLog:
    """The log of the request's address, complete up to its checkpoint.

    Raises:
        NotFound: this node has none of it, or only a part yet.
    """
    wanted = request.match_info["origin_sha256"]
    for log in await session.scalars(select(MirrorLog).where(MirrorLog.checkpoint.is_not(None))):
        is_complete = log.mirrored >= log.size
        if is_complete and hashlib.sha256(log.origin.encode()).hexdigest() == wanted:
            return log
    raise NotFound(N_("This node has no copy of such a log, or not all of it yet."))


async def show_checkpoint(request: web.Request) -> web.Response:
    """The newest signed note that this node believed."""
    async with local_node(request).database.reading() as session:
        log = await copied_log(session, request)
    assert log.checkpoint is not None
    return answer_checkpoint(request, log.checkpoint, checkpoint_etag(log.checkpoint))


def checkpoint_etag(note: bytes) -> str:
    return hashlib.sha256(note).hexdigest()[:32]


def answer_checkpoint(request: web.Request, note: bytes, etag: str) -> web.Response:
    """A signed note; 304 to whoever has it already."""
    headers = {"Cache-Control": f"public, max-age={CHECKPOINT_SECONDS}", "ETag": f'"{etag}"'}
    if any(tag.value in (etag, "*") for tag in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    return web.Response(body=note, content_type="text/plain", charset="utf-8", headers=headers)


async def show_tile(request: web.Request) -> web.Response:
    """A tile or an entry bundle, cut to the width that was asked for."""
    path = f"tile/{request.match_info['path']}"
    if request.path_qs != request.path or request.raw_path != request.path:
        raise NotFound(NO_FILE)
    async with local_node(request).database.reading() as session:
        log = await copied_log(session, request)
        content = await held_file(session, log.id, path)
    if content is None:
        raise NotFound(NO_FILE)
    headers = {"Cache-Control": f"public, max-age={FOREVER}, immutable"}
    return web.Response(body=content, content_type="application/octet-stream", headers=headers)
