"""A log whose key signed two histories: nothing more is taken from it, and both notes are kept as the proof."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import FederationError
from nic_node.mirror.refuse import LONGEST_DETAIL, Refused, note_refusals
from nic_node.mirror.states import LogState
from nic_node.mirror.tables import MirrorLog
from schemas.canonical import sha256_hex


async def freeze_log(
    session: AsyncSession, log: MirrorLog, note: bytes, error: FederationError, *, source: str, now: datetime
) -> None:
    """Until a person has looked.

    Args:
        log: locked; its own `checkpoint` is the first note.
        note: the second one.
    """
    log.state, log.checkpoint_forked = LogState.FROZEN, note
    log.trouble, log.trouble_detail = error.code.value, error.detail[:LONGEST_DETAIL]
    refused = Refused(what="source", code=error.code, detail=error.detail, sha256=sha256_hex(note))
    await note_refusals(session, log.id, [refused], source=source, now=now)
