"""Every version of a network's charter and policy, what each changed, and which epochs each policy governs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.errors import NotFound
from nic_node.i18n import N_
from nic_node.membership.term_changes import TermChange, TextChange, charter_changes, policy_changes
from nic_node.network.log.queue import log_of
from nic_node.network.log.tables import EpochRecord
from nic_node.network.tables import Member, Network, PublicDocument
from schemas.policy import load_public_document
from schemas.states import APPROVED

Kind = Literal["policy", "charter"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version.

    Attributes:
        since: when it was saved; None where that was not kept.
        epochs: numbers of the epochs whose leaf names this policy; of a charter none.
        policy_changes, charter_changes: against the version before it; of the first none.
    """

    kind: Kind
    number: int
    sha256: str
    document: Mapping[str, Any]
    since: datetime | None
    is_today: bool
    epochs: Sequence[int]
    policy_changes: Sequence[TermChange] = ()
    charter_changes: Sequence[TextChange] = ()

    def told(self) -> dict[str, Any]:
        """As the API answers: its changes in sentences, of a charter the names of its texts."""
        return {
            "kind": self.kind,
            "number": self.number,
            "sha256": self.sha256,
            "since": self.since,
            "is_today": self.is_today,
            "epochs": list(self.epochs),
            "changes": [one.effect % one.values for one in self.policy_changes]
            + [one.label for one in self.charter_changes],
        }


async def versions_of(session: AsyncSession, network: Network, kind: Kind) -> list[Version]:
    """The newest first; two statements, however many there are."""
    chosen = select(PublicDocument).where(PublicDocument.network_id == network.id, PublicDocument.kind == kind)
    rows = list((await session.scalars(chosen.order_by(PublicDocument.id))).all())
    epochs = await _epochs_by_policy(session, network) if kind == "policy" else {}
    today = network.policy_sha256 if kind == "policy" else network.charter_sha256
    versions: list[Version] = []
    before: Mapping[str, Any] | None = None
    for row in rows:
        document = load_public_document(row.content, sha256=row.sha256)
        versions.append(
            Version(
                kind=kind,
                number=document["version"],
                sha256=row.sha256,
                document=document,
                since=row.kept_at or (network.created_at if before is None else None),
                is_today=row.sha256 == today,
                epochs=epochs.get(row.sha256, ()),
                policy_changes=policy_changes(before, document) if before and kind == "policy" else (),
                charter_changes=charter_changes(before, document) if before and kind == "charter" else (),
            )
        )
        before = document
    return versions[::-1]


async def version_of(session: AsyncSession, network: Network, kind: Kind, number: int) -> Version:
    """One version by its number.

    Raises:
        NotFound: there is none of this number.
    """
    for version in await versions_of(session, network, kind):
        if version.number == number:
            return version
    raise NotFound(N_("There is no such version of charter or policy."))


async def members_on_earlier_terms(session: AsyncSession, network: Network) -> int:
    """Members whose last application or renewal accepted another charter or policy than today's."""
    is_other = (Member.policy_sha256 != network.policy_sha256) | (Member.charter_sha256 != network.charter_sha256)
    counted = select(func.count()).where(Member.network_id == network.id, Member.state == APPROVED, is_other)
    return await session.scalar(counted) or 0


async def _epochs_by_policy(session: AsyncSession, network: Network) -> dict[str, list[int]]:
    log = await log_of(session, network.id)
    chosen = select(EpochRecord.number, EpochRecord.payload).where(EpochRecord.log_id == log.id)
    found: dict[str, list[int]] = {}
    for number, payload in (await session.execute(chosen.order_by(EpochRecord.number))).all():
        found.setdefault(payload["policy_sha256"], []).append(number)
    return found
