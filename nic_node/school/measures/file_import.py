"""A whole import in one call: for `nic measure import`, and for whoever needs no page between reading and keeping."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from nic_node.accounts.actor import Actor
from nic_node.db.engine import Database
from nic_node.errors import InvalidInput
from nic_node.i18n import N_
from nic_node.school.measures.compare import summary
from nic_node.school.measures.confirm_import import confirm_import
from nic_node.school.measures.read_file import MeasureFacts, ReadFile, ReadOptions, read_file
from nic_node.school.measures.uploads import Preview, discard_import, facts_of, preview_import

ASK = "ask"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicious:
    """What to do with odd numbers: 'ask' refuses the import and lists them; else one decision for all of them.

    A blank has nothing to keep, so 'keep' leaves blanks out.
    """

    decision: str = ASK

    @property
    def others(self) -> Mapping[str, str]:
        if self.decision == ASK:
            return {}
        of_blanks = "leave-out" if self.decision == "keep" else self.decision
        return {"zero": self.decision, "unusual": self.decision, "impossible": self.decision, "blank": of_blanks}


async def read_upload(
    database: Database,
    *,
    measure_id: int,
    content: bytes,
    file_name: str,
    options: ReadOptions,
    today: date,
    now: datetime,
) -> ReadFile:
    """Read a file for a measure, off the event loop.

    Raises:
        NotFound: no such measure.
        InvalidInput: the file as a whole can't be used.
    """
    async with database.reading() as session:
        facts: MeasureFacts = await facts_of(session, measure_id)
    return await asyncio.to_thread(read_file, content, file_name=file_name, options=options, facts=facts, today=today)


async def import_file(
    database: Database,
    *,
    actor: Actor,
    measure_id: int,
    content: bytes,
    file_name: str,
    options: ReadOptions | None = None,
    suspicious: Suspicious | None = None,
    dry_run: bool = False,
    today: date,
    now: datetime,
) -> dict[str, Any]:
    """Read a file and keep its numbers, or with `dry_run` only say what would be kept.

    Returns:
        {"state": "done" | "nothing-changed" | "dry-run", "said", "new", "changed", "same", "faults": [{line, words}],
        "suspicious": [{line, period, value, code, words}]}

    Raises:
        NotFound, InvalidInput: nothing was kept.
    """
    upload = await read_upload(
        database,
        measure_id=measure_id,
        content=content,
        file_name=file_name,
        options=options or ReadOptions(),
        now=now,
        today=today,
    )
    async with database.writing() as session:
        preview = await preview_import(session, actor=actor, measure_id=measure_id, upload=upload, now=now)
        told = told_preview(preview)
        if preview.id is None:
            return told
        if dry_run or not preview.comparison.to_write:
            await discard_import(session, actor=actor, measure_id=measure_id, import_id=preview.id, now=now)
            return {**told, "state": "dry-run" if dry_run else "nothing-changed"}
        others = (suspicious or Suspicious()).others
        if preview.comparison.suspicious and not others:
            raise InvalidInput({"": [_list_of(preview)]}, N_("Some numbers need a decision before they are kept."))
        await confirm_import(
            session,
            actor=actor,
            measure_id=measure_id,
            import_id=preview.id,
            decisions={},
            others=others,
            seen=preview.comparison.seen,
            now=now,
        )
        return {**told, "state": "done"}


def told_preview(preview: Preview) -> dict[str, Any]:
    """A preview as plain values, in English, for a program."""
    comparison = preview.comparison
    return {
        "state": preview.state,
        "said": str(summary(comparison, is_counted=preview.is_counted, rows_read=preview.rows_read)),
        "new": comparison.count("new"),
        "changed": comparison.count("changed"),
        "same": comparison.count("same"),
        "faults": [{"line": fault.line, "words": str(fault.words)} for fault in preview.faults],
        "suspicious": [
            {
                "line": row.row.line,
                "period": row.row.period.isoformat(),
                "value": row.row.numbers.value if row.row.numbers else None,
                "code": row.suspicion.code,
                "words": str(row.suspicion.words),
            }
            for row in comparison.suspicious
            if row.suspicion
        ],
    }


def _list_of(preview: Preview) -> str:
    odd = [
        f"{row.row.period.isoformat()}: {row.suspicion.words}" for row in preview.comparison.suspicious if row.suspicion
    ]
    return " ".join(odd[:10])
