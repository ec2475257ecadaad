"""Keeping what was refused: what, from where and why; of content the hash alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.mirror.full_text import is_sqlite
from nic_node.mirror.tables import MirrorLog, MirrorRefusal
from schemas.problem import Code

LONGEST_DETAIL: Final = 500
What = Literal["leaf", "blob", "source", "alarm"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """`place` stands for a leaf index where there is none: a file's name, or nothing."""

    what: What
    code: Code
    detail: str
    leaf_index: int | None = None
    sha256: str | None = None
    place: str = ""


async def note_refusals(
    session: AsyncSession, log_id: int, refused: Iterable[Refused], *, source: str, now: datetime
) -> None:
    """Keep refusals; the same one again is counted, so that no source can fill the table."""
    rows = [
        {
            "log_id": log_id,
            "what": each.what,
            "subject": each.place if each.leaf_index is None else str(each.leaf_index),
            "leaf_index": each.leaf_index,
            "code": each.code.value,
            "detail": each.detail[:LONGEST_DETAIL],
            "sha256": each.sha256,
            "source": source,
            "first_seen_at": now,
            "seen_at": now,
            "times": 1,
        }
        for each in refused
    ]
    if not rows:
        return
    table = MirrorRefusal.__table__
    assert isinstance(table, Table)
    insert = (sqlite if is_sqlite(session) else postgresql).insert(table)
    again = {name: insert.excluded[name] for name in ("detail", "sha256", "source", "seen_at")}
    await session.execute(
        insert.on_conflict_do_update(
            index_elements=["log_id", "what", "subject", "code"], set_={**again, "times": table.c.times + 1}
        ),
        rows,
    )


async def refused_because(session: AsyncSession, network: str, leaf_index: int) -> str:
    """In one sentence why the content of a network's entry was refused here; "" where nothing is kept of that."""
    chosen = (
        select(MirrorRefusal.detail)
        .join(MirrorLog, MirrorLog.id == MirrorRefusal.log_id)
        .where(MirrorLog.network == network, MirrorRefusal.what == "blob", MirrorRefusal.leaf_index == leaf_index)
        .order_by(MirrorLog.generation.desc(), MirrorRefusal.id.desc())
        .limit(1)
    )
    return await session.scalar(chosen) or ""
