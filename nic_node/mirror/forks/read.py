"""Two histories as people see them: both notes, which witnesses signed which, who was told, what was decided."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.epochs import Epoch
from federation.errors import Untrusted
from federation.tlog.checkpoint import MIN_WITNESSES, read_checkpoint
from federation.tlog.fork import Fork, build_fork_document, read_proof
from federation.tlog.note import VerifierKey, parse_note, verify_note
from nic_node.accounts.people import person_names
from nic_node.errors import NotFound
from nic_node.i18n import N_
from nic_node.membership.read import Membership, is_log_followed, networks_with_logs
from nic_node.mirror.believe import witnessing_epoch
from nic_node.mirror.forks.tables import MirrorFork
from nic_node.mirror.rows import epoch_row
from nic_node.mirror.states import LogState
from nic_node.mirror.tables import MirrorEpoch, MirrorLog
from schemas.membership import EVIDENCE_MOST

NO_FORK = N_("This node has seen no such fork.")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteView:
    """A signed note. root in hex; cosigned: names of the witnesses whose signature under it holds."""

    text: str
    size: int
    root: str
    cosigned: tuple[str, ...]
    is_final: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ForkView:
    """One fork.

    Attributes:
        first: of the history that is followed here; second: the other one, which `source` showed.
        witnesses: how many the term names; quorum: how many make an entry final, 0 where too few are named.
        successor: the generation that the network goes on with, None while it names none.
        is_member: this school belongs there, and does not only read it.
        is_open: nobody has decided yet, and the log is frozen.
    """

    id: int
    log_id: int
    membership_id: int
    network: str
    name: str
    origin: str
    generation: int
    first: NoteView
    second: NoteView
    witnesses: int
    quorum: int
    source: str
    seen_at: datetime
    telling: str
    told_at: datetime | None
    problem: str
    successor: int | None
    is_member: bool
    choice: str
    note: str
    resolved_by: str
    resolved_at: datetime | None
    version: int
    document: Mapping[str, Any]

    @property
    def is_open(self) -> bool:
        return not self.choice


async def is_frozen(session: AsyncSession, network: str) -> bool:
    """Whether a log of this network showed two histories, and nobody has decided yet how it goes on."""
    frozen = exists().where(MirrorLog.network == network, MirrorLog.state == LogState.FROZEN.value)
    return bool(await session.scalar(select(frozen)))


async def forks(session: AsyncSession) -> list[ForkView]:
    """The newest first."""
    chosen = select(MirrorFork, MirrorLog).join(MirrorLog, MirrorLog.id == MirrorFork.log_id)
    rows = (await session.execute(chosen.order_by(MirrorFork.id.desc()))).all()
    return await _views(session, [(fork, log) for fork, log in rows])


async def open_forks(session: AsyncSession) -> list[ForkView]:
    """Those that a person here should decide, of networks that are still followed."""
    followed = {one.id for one in await networks_with_logs(session) if is_log_followed(one)}
    return [one for one in await forks(session) if one.is_open and one.membership_id in followed]


async def fork_of_id(session: AsyncSession, fork_id: int) -> ForkView:
    """Raises NotFound: there is no such fork."""
    row = await session.get(MirrorFork, fork_id)
    if row is None:
        raise NotFound(NO_FORK)
    return (await _views(session, [(row, await session.get_one(MirrorLog, row.log_id))]))[0]


async def evidence(session: AsyncSession) -> dict[str, Any]:
    """`schemas.membership.EVIDENCE`: what was seen here, decided or not."""
    chosen = select(MirrorFork, MirrorLog.origin).join(MirrorLog, MirrorLog.id == MirrorFork.log_id)
    rows = await session.execute(chosen.order_by(MirrorFork.id.desc()).limit(EVIDENCE_MOST))
    return {"forks": [fork_document(row, origin) for row, origin in rows]}


def fork_document(row: MirrorFork, origin: str) -> dict[str, Any]:
    fork = Fork(row.first, row.second, read_proof(row.proof))
    return build_fork_document(fork, origin=origin, seen_at=int(row.seen_at.timestamp()))


async def _views(session: AsyncSession, rows: Sequence[tuple[MirrorFork, MirrorLog]]) -> list[ForkView]:
    if not rows:
        return []
    memberships = {one.id: one for one in await networks_with_logs(session)}
    names = await person_names(session, {row.resolved_by for row, _ in rows if row.resolved_by})
    epochs = {log.id: await _epoch_of(session, log) for _, log in rows}
    return [
        _view(row, log, memberships[log.membership_id], names.get(row.resolved_by or 0, ""), epochs[log.id])
        for row, log in rows
    ]


async def _epoch_of(session: AsyncSession, log: MirrorLog) -> Epoch | None:
    found = await session.scalars(select(MirrorEpoch).where(MirrorEpoch.log_id == log.id))
    return witnessing_epoch({row.number: epoch_row(row) for row in found}, log.final_size)


def _view(row: MirrorFork, log: MirrorLog, membership: Membership, by: str, epoch: Epoch | None) -> ForkView:
    witnesses = () if epoch is None else epoch.witnesses
    quorum = 0 if epoch is None or len(witnesses) < MIN_WITNESSES else epoch.quorum
    is_followed_by = membership.generation > log.generation
    return ForkView(
        id=row.id,
        log_id=log.id,
        membership_id=log.membership_id,
        network=log.network,
        name=membership.name,
        origin=log.origin,
        generation=log.generation,
        first=view_note(row.first, witnesses, quorum),
        second=view_note(row.second, witnesses, quorum),
        witnesses=len(witnesses),
        quorum=quorum,
        source=row.source,
        seen_at=row.seen_at,
        telling=row.telling,
        told_at=row.told_at,
        problem=row.problem,
        successor=membership.generation if is_followed_by else None,
        is_member=membership.read_under is None,
        choice=row.choice,
        note=row.note,
        resolved_by=by,
        resolved_at=row.resolved_at,
        version=row.version,
        document=fork_document(row, log.origin),
    )


def view_note(note: bytes, witnesses: Collection[VerifierKey], quorum: int) -> NoteView:
    """A note whose log's signature was verified before; of witnesses only what holds is named."""
    checkpoint = read_checkpoint(note)
    cosigned = tuple(witness.name for witness in witnesses if _cosigned(note, witness))
    return NoteView(
        text=note.decode(),
        size=checkpoint.size,
        root=checkpoint.root.hex(),
        cosigned=cosigned,
        is_final=0 < quorum <= len(cosigned),
    )


def _cosigned(note: bytes, witness: VerifierKey) -> bool:
    try:
        return bool(verify_note(parse_note(note), [witness]))
    except Untrusted:
        return False
