"""A library filled with a synthetic network in bulk: what a mirror would keep of it, without keys and signatures."""

from collections.abc import Iterable
from itertools import islice

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.clock import Clock
from nic_node.db.engine import Database
from nic_node.db.insert import insert_many
from nic_node.demo.corpus.generate import NETWORK, Corpus, CorpusRecord
from nic_node.membership.documents import keep_copy
from nic_node.mirror.describe import build_properties
from nic_node.mirror.full_text import add_texts
from nic_node.mirror.keep_blobs import PROPERTY_COLUMNS
from nic_node.mirror.shelf import shelf_changed
from nic_node.mirror.states import RecordState
from nic_node.mirror.tables import MirrorBlob, MirrorLog, MirrorProperties, MirrorRecord, MirrorReference
from nic_node.mirror.words import index_text
from schemas.canonical import canonical_bytes, sha256_hex
from tests.fakes.mirroring import membership_row
from tests.fakes.network_log import NetworkLog

A_TRANSACTION = 5_000
RECORD = ("id", "log_id", "leaf_index", "kind", "jkt", "epoch", "blob_sha256", "state", "tries")


async def open_library(session: AsyncSession, corpus: Corpus, clock: Clock) -> int:
    """A membership in the corpus's network and its log; answers the log's id."""
    network = NetworkLog(network=NETWORK)
    membership = membership_row(network, "http://127.0.0.1:1/log", clock, "approved")
    session.add(membership)
    await session.flush()
    log = MirrorLog(
        membership_id=membership.id,
        network=NETWORK,
        generation=1,
        origin=corpus.origin,
        log_url="http://127.0.0.1:1/log",
        log_key=network.log_key.text,
        state="live",
        edge=b"",
        judged_version=1,
        current_at=clock(),
        created_at=clock(),
    )
    session.add(log)
    content = canonical_bytes(corpus.lattice)
    await keep_copy(session, network=NETWORK, sha256=corpus.lattice_sha256, content=content, now=clock())
    await session.flush()
    return log.id


async def fill_library(
    database: Database, corpus: Corpus, log_id: int, records: Iterable[CorpusRecord], *, blobs: bool = True
) -> None:
    """Keep records; without `blobs` they are found and counted, and can't be shown."""
    several = iter(records)
    while some := list(islice(several, A_TRANSACTION)):
        async with database.writing() as session:
            await shelf_changed(session)
            await insert_many(session, MirrorRecord, RECORD, [_row(log_id, each) for each in some])
            if blobs:
                kept = [
                    (_id(each), canonical_bytes({"kind": each.kind, "payload": each.payload}), True) for each in some
                ]
                await insert_many(session, MirrorBlob, ("record_id", "content", "is_indexed"), kept)
            properties = [(_id(each), *build_properties(each.payload, corpus.lattice)) for each in some]
            await insert_many(session, MirrorProperties, PROPERTY_COLUMNS, properties)
            references = [
                (_id(each), "origin", each.payload["origin"], each.author, each.index)
                for each in some
                if "origin" in each.payload
            ]
            columns = ("record_id", "name", "target", "jkt", "leaf_index")
            await insert_many(session, MirrorReference, columns, references)
            await add_texts(session, [(_id(each), *index_text(each.kind, each.payload)) for each in some])


def _id(record: CorpusRecord) -> int:
    return record.index + 1


def _row(log_id: int, record: CorpusRecord) -> tuple[object, ...]:
    sha256 = sha256_hex(record.record_id.encode())
    living = RecordState.LIVING.value
    return (_id(record), log_id, record.index, record.kind, record.author, record.epoch, sha256, living, 0)
