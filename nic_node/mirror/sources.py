"""Where a log is read: what each source answered last, so that it needn't send the same again."""

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.membership.local import LocalNode
from nic_node.mirror.source import HeldNote, HttpLog
from nic_node.mirror.tables import MirrorLog, MirrorSource
from nic_node.mirror.upsert import upsert
from nic_node.peerhttp.signing import RequestSigner


async def open_source(node: LocalNode, log: MirrorLog, url: str, signer: RequestSigner | None) -> HttpLog:
    """A source of a log, with the checkpoint that it gave last."""
    async with node.database.reading() as session:
        row = await session.get(MirrorSource, (log.id, url))
    held = HeldNote(row.note, row.etag) if row is not None else None
    return HttpLog(node.client, url, signer, held)


async def keep_answer(session: AsyncSession, log_id: int, source: HttpLog) -> None:
    """Keep the checkpoint that a source gave, now that it was believed; one without a tag would be asked for anyway."""
    held = source.held
    if held is not None and held.etag and not source.is_same:
        row = {"log_id": log_id, "url": source.url, "note": held.note, "etag": held.etag}
        await upsert(session, MirrorSource, [row])
