"""What schools send in their slots besides dummies: every kind of record, corrections and withdrawals too."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import SYSTEM
from nic_node.clock import Clock
from nic_node.errors import NicError
from nic_node.keyring.sealing import seal_bytes
from nic_node.membership.local import LocalNode
from nic_node.mirror.states import RecordState
from nic_node.mirror.tables import MirrorRecord
from nic_node.publishing.held import hold_retraction, is_taken_back
from nic_node.publishing.places import place_of_row
from nic_node.publishing.questions.subject import answerable_question
from nic_node.publishing.retract import add_retraction
from nic_node.publishing.sealing import release_context
from nic_node.publishing.states import OutboxState
from nic_node.publishing.tables import OutboxRow, Release
from schemas.canonical import canonical_bytes, sha256_hex
from schemas.ids import build_record_id
from tests.fakes.network_log import PRACTICE

HASH: Final = "0" * 64
NOWHERE: Final = 10**6
TURNS: Final = (
    "practice", "question", "correction", "flag", "answer", "practice", "withdrawal", "question", "refused",
)  # fmt: skip
"""What an author's next turn is, where it can be: a school without a practice in the log has nothing to correct."""


@dataclass
class Acts:
    """Approved by a second person, as the outbox finds it."""

    network: str
    origin: str
    clock: Clock
    chosen: random.Random

    async def act(self, node: LocalNode, turn: str) -> None:
        async with node.database.writing() as session:
            if not await self._act(session, node, turn):
                await self._release(session, node, "practice", PRACTICE)

    async def _act(self, session: AsyncSession, node: LocalNode, turn: str) -> bool:
        match turn:
            case "question" | "flag":
                return await self._about(session, node, turn)
            case "answer":
                return await self._answer(session, node)
            case "correction" | "withdrawal":
                return await self._take_back(session, node, turn)
            case "refused":
                lost = {"target": build_record_id(self.origin, NOWHERE), "text": "Who keeps the list of phone numbers?"}
                await self._release(session, node, "question", lost)
                return True
        return False

    async def _about(self, session: AsyncSession, node: LocalNode, kind: str) -> bool:
        practices = await self._living(session, "practice")
        if not practices:
            return False
        said = {"text": "Who calls the families?"} if kind == "question" else {"code": "duplicate"}
        await self._release(session, node, kind, {"target": self.chosen.choice(practices), **said})
        return True

    async def _answer(self, session: AsyncSession, node: LocalNode) -> bool:
        for question in await self._living(session, "question"):
            try:
                await answerable_question(session, node, question, now=self.clock())
            except NicError:
                continue
            await self._release(session, node, "answer", {"target": question, "text": "The office does."})
            return True
        return False

    async def _take_back(self, session: AsyncSession, node: LocalNode, turn: str) -> bool:
        """A practice of its own that stands in the log and was not touched since."""
        corrected = set(await session.scalars(select(Release.corrects).where(Release.corrects.is_not(None))))
        chosen = select(OutboxRow).join(Release, Release.id == OutboxRow.release_id)
        chosen = chosen.where(Release.kind == "practice", OutboxRow.state == OutboxState.FINAL).order_by(OutboxRow.id)
        for row in (await session.scalars(chosen)).all():
            place = place_of_row(node, row)
            if place is None or row.release_id in corrected or await is_taken_back(session, row.release_id):
                continue
            if turn == "withdrawal":
                given: dict[str, Any] = {"actor": SYSTEM, "due_at": self.clock(), "now": self.clock()}
                await add_retraction(session, node, row=row, in_the_open=False, **given)
                return True
            payload = {**PRACTICE, "title": "Morning calls by an adult", "supersedes": place.record_id}
            await self._release(session, node, "practice", payload, corrects=row.release_id)
            await hold_retraction(session, node, actor=SYSTEM, release_id=row.release_id, now=self.clock())
            return True
        return False

    async def _living(self, session: AsyncSession, kind: str) -> list[str]:
        """Ids of what the school's own mirror shows."""
        shown = select(MirrorRecord.leaf_index).where(
            MirrorRecord.kind == kind, MirrorRecord.state == RecordState.LIVING
        )
        return [build_record_id(self.origin, index) for index in await session.scalars(shown)]

    async def _release(
        self,
        session: AsyncSession,
        node: LocalNode,
        kind: str,
        payload: Mapping[str, Any],
        *,
        corrects: int | None = None,
    ) -> None:
        record, now = canonical_bytes(payload), self.clock()
        release = Release(
            network=self.network,
            kind=kind,
            title="Morning calls home",
            record_sha256=sha256_hex(record),
            sealed_record=seal_bytes(node.operator_key, record, context=release_context(sha256_hex(record))),
            policy_sha256=HASH,
            approved_at=now,
            corrects=corrects,
        )
        session.add(release)
        await session.flush()
        session.add(OutboxRow(release_id=release.id, network=self.network, state=OutboxState.QUEUED, updated_at=now))
