"""Once a day: does anybody still hand out what was taken back? Asked of the log, and of members who serve its copy.

Each is asked for one record's hash, drawn among all that are gone. Who answers with the content is written down with
the refusals: the hash, from where, when; never the content, which is erased here too.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import FederationError
from nic_node.membership.keys import signer
from nic_node.membership.local import LocalNode
from nic_node.membership.read import is_log_followed, networks_with_logs
from nic_node.mirror.refuse import Refused, note_refusals
from nic_node.mirror.source import HttpLog
from nic_node.mirror.sources import sources_of
from nic_node.mirror.states import RecordState
from nic_node.mirror.tables import MirrorLog, MirrorMember, MirrorRecord
from nic_node.peerhttp.signing import RequestSigner
from schemas.canonical import sha256_hex
from schemas.code import Code
from schemas.ids import build_mirror_url
from schemas.states import APPROVED

MEMBERS_A_DAY: Final = 6
ERASED: Final = (RecordState.GONE.value, RecordState.BLOCKED.value)
STILL_SERVED: Final = "It still hands out the content of a record that was taken back or taken down."
_DRAWN_BYTES: Final = 8


async def probe_all(node: LocalNode) -> int:
    """Ask about every log that is followed; how many were caught."""
    async with node.database.reading() as session:
        followed = [one.id for one in await networks_with_logs(session) if is_log_followed(one)]
        logs = list(await session.scalars(select(MirrorLog).where(MirrorLog.membership_id.in_(followed))))
        request_signer = await signer(node, session)
    return sum([await probe_log(node, log, request_signer) for log in logs])


async def probe_log(node: LocalNode, log: MirrorLog, request_signer: RequestSigner) -> int:
    """Ask the log, and some members, for one erased record each."""
    caught = 0
    async with node.database.reading() as session:
        sources = [log.log_url, *await _copies(session, node, log)]
    for url in sources:
        async with node.database.reading() as session:
            sha256 = await _draw_erased(session, node, log)
        if sha256 is not None and await _serves(HttpLog(node.client, url, request_signer), sha256):
            caught += 1
            await _keep(node, log, url, sha256, node.clock())
    return caught


async def _copies(session: AsyncSession, node: LocalNode, log: MirrorLog) -> list[str]:
    """Those that this node would read from, and other members' in their place where they are few."""
    known = [row.url for row in await sources_of(session, log) if row.url != log.log_url]
    chosen = select(MirrorMember.entity).where(
        MirrorMember.log_id == log.id, MirrorMember.state == APPROVED, MirrorMember.entity != node.entity_id
    )
    members = list(await session.scalars(chosen.order_by(MirrorMember.entity)))
    drawn = sorted((node.random_bytes(_DRAWN_BYTES), entity) for entity in members)[:MEMBERS_A_DAY]
    others = [build_mirror_url(entity, sha256_hex(log.origin.encode())) for _, entity in drawn]
    return list(dict.fromkeys([*known, *others[: max(0, MEMBERS_A_DAY - len(known))]]))


async def _draw_erased(session: AsyncSession, node: LocalNode, log: MirrorLog) -> str | None:
    """The hash of one erased record, each as likely; None where none is."""
    erased = (MirrorRecord.log_id == log.id, MirrorRecord.state.in_(ERASED))
    count = await session.scalar(select(func.count()).select_from(MirrorRecord).where(*erased)) or 0
    if not count:
        return None
    place = int.from_bytes(node.random_bytes(_DRAWN_BYTES), "big") % count
    found: str | None = await session.scalar(
        select(MirrorRecord.blob_sha256).where(*erased).order_by(MirrorRecord.id).offset(place).limit(1)
    )
    return found


async def _serves(source: HttpLog, sha256: str) -> bool:
    try:
        content = await source.read_blob(sha256)
    except FederationError:
        return False  # gone, refused or not there: as it has to be
    return content is not None and sha256_hex(content) == sha256


async def _keep(node: LocalNode, log: MirrorLog, url: str, sha256: str, now: datetime) -> None:
    refused = Refused(what="source", code=Code.BLOB_RETRACTED, detail=STILL_SERVED, sha256=sha256, place=sha256)
    async with node.database.writing() as session:
        await note_refusals(session, log.id, [refused], source=url, now=now)
