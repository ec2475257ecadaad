"""The school directory that applications are checked against: a file is looked at first, then replaces the whole of it.

What a coordinator sent waits here for a day, as rows, until it is confirmed: nothing is imported that nobody looked at.
"""

import asyncio
import gzip
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.accounts.tables import AuditEntry
from nic_node.errors import NotFound
from nic_node.i18n import N_
from nic_node.network.coordinators import verify_coordinator
from nic_node.network.directory_file import DirectoryFile, DirectoryRow, RowFault, read_directory
from nic_node.network.read import network_of
from nic_node.network.tables import DirectoryEntry, DirectoryUpload
from schemas.canonical import sha256_hex

ROWS_AT_ONCE: Final = 2_000
WAITS: Final = timedelta(hours=24)
IMPORTED: Final = "directory.imported"
GONE: Final = N_("This file is gone: it waits for a day, and a newer one takes its place. Send it again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What a file would change: schools that come, that differ, that stay as they are, and that go."""

    new: int
    changed: int
    same: int
    gone: int
    sample: tuple[DirectoryRow, ...]


async def read_in_thread(content: bytes) -> DirectoryFile:
    """A state's file takes a second: not on the event loop. Raises InvalidInput."""
    return await asyncio.to_thread(read_directory, content)


async def compare_directory(session: AsyncSession, network_id: int, file: DirectoryFile, *, shown: int = 8) -> Changes:
    """Hold a file against the directory of today."""
    fields = list(DirectoryRow.__dataclass_fields__)
    columns = [getattr(DirectoryEntry, name) for name in fields]
    today = await session.execute(select(*columns).where(DirectoryEntry.network_id == network_id))
    kept = {row[0]: DirectoryRow(**dict(zip(fields, row, strict=True))) for row in today}
    new = [row for key, row in file.rows.items() if key not in kept]
    changed = [row for key, row in file.rows.items() if key in kept and kept[key] != row]
    return Changes(
        new=len(new),
        changed=len(changed),
        same=len(file.rows) - len(new) - len(changed),
        gone=len(kept.keys() - file.rows.keys()),
        sample=tuple((changed + new + list(file.rows.values()))[:shown]),
    )


async def keep_upload(
    session: AsyncSession, *, network_id: int, name: str, file: DirectoryFile, actor: Actor, now: datetime
) -> str:
    """Keep a file until it is confirmed; an earlier one of this network gives way. The hash by which it is found."""
    await verify_coordinator(session, network_id, actor)
    await network_of(session, network_id, for_update=True)
    await session.execute(delete(DirectoryUpload).where(DirectoryUpload.network_id == network_id))
    packed = json.dumps({**asdict(file), "rows": [asdict(row) for row in file.rows.values()]}).encode()
    content, sha256 = await asyncio.to_thread(gzip.compress, packed, 5), sha256_hex(packed)
    session.add(DirectoryUpload(network_id=network_id, sha256=sha256, file_name=name[:200], content=content, at=now))
    await session.flush()
    return sha256


async def waiting_upload(
    session: AsyncSession, *, network_id: int, sha256: str, now: datetime
) -> tuple[str, DirectoryFile]:
    """The name and the rows of a file that waits.

    Raises:
        NotFound: it was replaced, imported, or waited too long.
    """
    chosen = select(DirectoryUpload).where(DirectoryUpload.network_id == network_id, DirectoryUpload.sha256 == sha256)
    upload = await session.scalar(chosen)
    if upload is None or upload.at < now - WAITS:
        raise NotFound(GONE)
    said = json.loads(await asyncio.to_thread(gzip.decompress, upload.content))
    return upload.file_name, _unpacked(said)


async def confirm_upload(session: AsyncSession, *, network_id: int, sha256: str, actor: Actor, now: datetime) -> int:
    """Replace the directory by the file that was looked at; how many schools it has now.

    Raises:
        NotFound: as `waiting_upload`.
    """
    await network_of(session, network_id, for_update=True)
    _, file = await waiting_upload(session, network_id=network_id, sha256=sha256, now=now)
    await import_directory(session, network_id=network_id, file=file, actor=actor, now=now)
    await discard_upload(session, network_id=network_id, actor=actor)
    return len(file.rows)


async def discard_upload(session: AsyncSession, *, network_id: int, actor: Actor) -> None:
    """Forget the file that waits."""
    await verify_coordinator(session, network_id, actor)
    await session.execute(delete(DirectoryUpload).where(DirectoryUpload.network_id == network_id))


async def import_directory(
    session: AsyncSession, *, network_id: int, file: DirectoryFile, actor: Actor, now: datetime
) -> None:
    """Replace the network's directory by these rows, all of them or none."""
    await verify_coordinator(session, network_id, actor)
    await network_of(session, network_id, for_update=True)
    before = await count_directory(session, network_id)
    await session.execute(delete(DirectoryEntry).where(DirectoryEntry.network_id == network_id))
    rows = list(file.rows.values())
    for start in range(0, len(rows), ROWS_AT_ONCE):
        values = [{"network_id": network_id, **asdict(row)} for row in rows[start : start + ROWS_AT_ONCE]]
        await session.execute(insert(DirectoryEntry), values)
    await record_audit(
        session,
        actor=actor,
        action=IMPORTED,
        subject="network",
        subject_id=network_id,
        before={"schools": before},
        after={"schools": len(rows), "left_out": file.faulty, "closed": file.closed},
        now=now,
    )


async def count_directory(session: AsyncSession, network_id: int) -> int:
    counted = select(func.count()).select_from(DirectoryEntry).where(DirectoryEntry.network_id == network_id)
    return await session.scalar(counted) or 0


async def last_import(session: AsyncSession, network_id: int) -> AuditEntry | None:
    """When it was imported last, and by whom."""
    chosen = select(AuditEntry).where(AuditEntry.action == IMPORTED, AuditEntry.subject_id == str(network_id))
    found: AuditEntry | None = await session.scalar(chosen.order_by(AuditEntry.id.desc()).limit(1))
    return found


def _unpacked(said: Mapping[str, Any]) -> DirectoryFile:
    rows = [DirectoryRow(**row) for row in said["rows"]]
    return DirectoryFile(
        rows={row.directory_id: row for row in rows},
        faults=[RowFault(**fault) for fault in said["faults"]],
        faulty=said["faulty"],
        closed=said["closed"],
        columns=said["columns"],
    )
