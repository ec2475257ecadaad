"""Erasing: what was taken back leaves the index, the tables and, by the job `mirror.scour`, the database's files."""

import re
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import unquote

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.db.engine import Database
from nic_node.db.jobs import enqueue
from nic_node.db.rewrite import overwrite_freed
from nic_node.mail.states import WAITING
from nic_node.mail.tables import Mail
from nic_node.mirror.full_text import IndexedText, remove_texts, rewrite_index
from nic_node.mirror.rows import parts
from nic_node.mirror.tables import (
    MirrorBlob,
    MirrorLog,
    MirrorProperties,
    MirrorRecord,
    MirrorReference,
    MirrorVersion,
)
from nic_node.mirror.words import index_text
from schemas.canonical import read_json
from schemas.ids import build_record_id
from schemas.limits import BLOB_MAX_BYTES

SCOUR: Final = "mirror.scour"
TABLES: Final = ("mirror_blobs", "mirror_properties", "mirror_references", "mirror_versions", "search_index", "mails")
NOT_SAMPLED: Final = {
    "mirror_blobs": ("content",),
    "search_index": ("title", "words"),
    "mails": ("text", "html"),
}
NAMED: Final = re.compile(r"/learn/practices/(\S+%23\d+)")
"""A record's page in a letter."""


async def erase_contents(
    session: AsyncSession,
    ids: Sequence[int],
    *,
    corrected: Collection[int] = (),
    taken_down: Collection[int] = (),
    now: datetime,
) -> None:
    """Erase blobs with their salts, and all that was taken from them; the leaf in the log stays and says nothing.

    Of those among `corrected` it stays which record they took the place of; of those among `taken_down`, questions
    and answers that a network removed, what they stood under.
    """
    erased = False
    for part in parts(ids):
        blobs = (await session.scalars(select(MirrorBlob).where(MirrorBlob.record_id.in_(part)))).all()
        await remove_texts(session, [indexed_text(blob) for blob in blobs if blob.is_indexed])
        for model in (MirrorProperties, MirrorBlob):
            await session.execute(delete(model).where(model.record_id.in_(part)))
        taken = [each for each in part if each not in corrected]
        await session.execute(delete(MirrorVersion).where(MirrorVersion.record_id.in_(taken)))
        stands = MirrorReference.record_id.in_(taken_down) & (MirrorReference.name == "target")
        await session.execute(delete(MirrorReference).where(MirrorReference.record_id.in_(part), ~stands))
        await _forget_letters(session, [blob.record_id for blob in blobs])
        erased = erased or bool(blobs)
    if erased:
        await scour_soon(session, now=now)


async def _forget_letters(session: AsyncSession, ids: Collection[int]) -> None:
    """Letters of this node that name these records, digests of kept searches: their texts hold titles.

    One that still waits is not sent; of the others it stays that there was one.
    """
    letters = (
        await session.execute(select(Mail.id, Mail.text).where(Mail.text.contains("%23", autoescape=True)))
    ).all()
    if not letters or not ids:
        return
    chosen = select(MirrorLog.origin, MirrorRecord.leaf_index).join(MirrorLog, MirrorLog.id == MirrorRecord.log_id)
    found = await session.execute(chosen.where(MirrorRecord.id.in_(ids)))
    erased = {build_record_id(origin, leaf_index) for origin, leaf_index in found}
    naming = [letter for letter, words in letters if erased & {unquote(named) for named in NAMED.findall(words)}]
    await session.execute(delete(Mail).where(Mail.id.in_(naming), Mail.state == WAITING))
    await session.execute(update(Mail).where(Mail.id.in_(naming)).values(text="", html=""))


async def scour_soon(session: AsyncSession, *, now: datetime) -> None:
    """Have the files rewritten, and what is erased promised to the networks."""
    await enqueue(session, kind=SCOUR, key="", run_at=now)


def indexed_text(blob: MirrorBlob) -> IndexedText:
    """What the index holds of a blob that was judged."""
    document = read_json(blob.content, max_bytes=BLOB_MAX_BYTES)
    return (blob.record_id, *index_text(document["kind"], document["payload"]))


async def scour(database: Database) -> bool:
    """Rewrite what the database keeps of erased rows: FTS5's segments, SQLite's WAL, PostgreSQL's dead rows.

    SQLite overwrites freed pages by itself (secure_delete); PostgreSQL's still hold the bytes until the job has the
    tables written anew (`nic_node.db.rewrite`). False while a reader holds the WAL: try again.
    """
    async with database.writing() as session:
        await rewrite_index(session)
    return await overwrite_freed(database, TABLES)
