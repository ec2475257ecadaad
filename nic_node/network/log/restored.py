"""What this machine may have forgotten of its own log, members have: how far it was signed.

A database and a folder that came back together, from a backup or a machine's snapshot, know nothing of what was signed
after they were made; going on from there would be a second history. So a process that starts asks a few members for
their copy's checkpoint, and after `nic restore` nothing is signed before enough of them have answered. What they serve
is signed by the log itself: nobody is believed. Where it is further, it is put in its place beside the database, which
is behind from then on.
"""

import asyncio
from datetime import datetime
from typing import Final

from sqlalchemy import select

from federation.errors import FederationError
from federation.tlog.checkpoint import Checkpoint, verify_checkpoint
from federation.tlog.note import parse_vkey
from federation.tlog.reader import MAX_CHECKPOINT_BYTES
from nic_node.errors import NicError
from nic_node.i18n import N_
from nic_node.membership.local import LocalNode
from nic_node.mirror.source import CHECKPOINT_TYPE
from nic_node.network.log.files import LogBehind, signed_checkpoint, store_of
from nic_node.network.log.mend import root_of_entries
from nic_node.network.log.tables import Log
from nic_node.network.tables import Member
from schemas.canonical import sha256_hex
from schemas.ids import build_mirror_url
from schemas.states import APPROVED

ASKED_AT_START: Final = 3
ASKED_AFTER_RESTORE: Final = 20
UNSURE: Final = N_(
    "This network was restored from a backup. Nothing is signed until half of the members that are asked have told how"
    " far they saw the log; it goes on by itself then. If they are gone for good: nic network recover."
)
OTHER: Final = N_(
    "A member holds a checkpoint of this log over another content than this database has. Nothing is signed. Restore"
    " the newest backup; if there is none that fits: nic network recover."
)
_DRAWN_BYTES: Final = 16


class LogUnsure(NicError):
    """How far the log was signed is not known yet: nothing is signed meanwhile, and it is tried again."""


async def learn_from_members(node: LocalNode, log_id: int, *, now: datetime) -> None:
    """Hold the log against what members have of it.

    Raises:
        LogUnsure: it was restored, and too few have answered. LogBehind: they have seen another content.
    """
    async with node.database.reading() as session:
        log = await session.get_one(Log, log_id)
        chosen = select(Member.entity).where(
            Member.network_id == log.network_id, Member.state == APPROVED, Member.entity != node.entity_id
        )
        entities = list(await session.scalars(chosen.order_by(Member.entity)))
    most = ASKED_AT_START if log.restored_at is None else ASKED_AFTER_RESTORE
    asked = [entity for _, entity in sorted((node.random_bytes(_DRAWN_BYTES), entity) for entity in entities)][:most]
    notes = [note for note in await asyncio.gather(*(_copy_of(node, log, each) for each in asked)) if note is not None]
    for note in notes:
        await _hold_against(node, log, note)
    if log.restored_at is None:
        return
    if 2 * len(notes) < len(asked):
        raise LogUnsure(UNSURE)
    async with node.database.writing() as session:
        (await session.get_one(Log, log_id, with_for_update=True)).restored_at = None


async def _copy_of(node: LocalNode, log: Log, entity: str) -> bytes | None:
    """The checkpoint of a member's copy, signed by this log; None where it has none, or gives no answer."""
    url = build_mirror_url(entity, sha256_hex(log.origin.encode()))
    try:
        answer = await node.client.get(
            f"{url}/checkpoint", content_type=CHECKPOINT_TYPE, max_bytes=MAX_CHECKPOINT_BYTES
        )
        verify_checkpoint(answer.body, parse_vkey(log.log_key))
    except FederationError:
        return None
    return answer.body


async def _hold_against(node: LocalNode, log: Log, note: bytes) -> None:
    """Put what is further than the folder knows into its place; what is no beginning of our tree stops the log."""
    theirs = verify_checkpoint(note, parse_vkey(log.log_key)).checkpoint
    if theirs.size <= log.size:
        if await root_of_entries(node, log, theirs.size) != theirs.root:
            raise LogBehind(OTHER)
        return
    store = store_of(node, log)
    held: Checkpoint = await asyncio.to_thread(signed_checkpoint, store, log)
    if held.size < theirs.size:
        await asyncio.to_thread(store.write_checkpoint, note)
