"""Where this school stands in a network's terms, in one plain sentence and a date."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.epochs import Phase, next_issue_from
from nic_node.i18n import N_
from nic_node.membership.documents import document_of
from nic_node.membership.own_rules import own_rules
from nic_node.membership.read import Membership, is_writing_allowed
from nic_node.mirror.epochs import EpochView, approved_members, epochs_of, raised_alarm, waiting_members
from nic_node.mirror.forks.read import is_frozen
from nic_node.publishing.participate import parts_of
from nic_node.publishing.states import EpochState, OutboxState
from nic_node.publishing.tables import OutboxRow, Participation, SlotRow
from nic_node.publishing.terms import writable_epoch

NOT_APPROVED = N_("{name} has not approved this school yet. Drafts can be made and reviewed; they wait.")
MAY_NOT_WRITE = N_("{name} does not let this school publish at the moment. Drafts wait.")
NO_TERM = N_("{name} has announced no term yet. Drafts wait until one opens.")
FROZEN = N_(
    "The log of {name} showed two different histories, so nothing is sent there until somebody has decided how it goes"
    " on. Drafts wait."
)
OPEN = N_("This school can publish in {name} until {until}.")
ISSUING = N_("The term of {name} is being prepared: this school asked for its pseudonym. It opens on {opens}.")
REGISTERING = N_("This school has its pseudonym for the term of {name}. It opens on {opens}; drafts wait until then.")
MISSED = N_(
    "This school has no pseudonym in the running term of {name}. Drafts wait for the next one, which issues from"
    " {next}, or for a supplementary term: {waiting} schools wait for one, and {least} must."
)
VOID = N_(
    "The term of {name} did not open: {issued} schools got a credential, and at least {least} must. "
    "It is announced again within two weeks where there are members enough; drafts wait."
)
LATE = N_(
    "This school joined {name} after the running term had issued its credentials. Drafts wait for the next one, which"
    " issues from {next}, or for a supplementary term: {waiting} schools wait for one, and {least} must."
)
SMALL = N_(
    "The running term of {name} has {issued} schools, fewer than your school recognises. Drafts wait for a larger one."
)
COMING = N_("The next term of {name} is announced. Pseudonyms are issued from {issues}; drafts wait.")


COUNTED = frozenset({Phase.OPEN, Phase.CLOSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`says` is a marked template for `values`, whose dates the page puts into words.

    Attributes:
        ready: whether something can leave now.
        problem: why the last step failed, in the network's or the node's words.
        slot_seconds: None before the first term.
        waiting: how many members have no credential of a term that is open now, this school perhaps among them.
        raised: this node's own count raised an alarm as the term opened.
        queued: releases of this school that wait for a slot or a term.
    """

    network: str
    name: str
    ready: bool
    says: str
    values: Mapping[str, Any] = field(default_factory=dict)
    epoch: int | None = None
    phase: str | None = None
    state: str | None = None
    problem: str = ""
    slot_seconds: int | None = None
    issued: int = 0
    registered: int = 0
    members: int = 0
    waiting: int = 0
    least: int = 0
    queued: int = 0
    raised: bool = False

    @property
    def unaccounted(self) -> int:
        """Credentials of an open term that no pseudonym was registered for: unused, or kept back."""
        return max(0, self.issued - self.registered) if self.phase in COUNTED else 0

    @property
    def alarm(self) -> bool:
        """More pseudonyms than credentials, or more credentials than members.

        Once a term is open members may leave, and their credentials still count.
        """
        return (
            self.raised
            or self.registered > self.issued
            or (self.issued > self.members > 0 and self.phase not in COUNTED)
        )


async def standing_in(session: AsyncSession, membership: Membership, now: datetime) -> Standing:
    """Where this school stands in a network it belongs to, or asked to join."""
    base: dict[str, Any] = {"network": membership.network, "name": membership.name}
    if not is_writing_allowed(membership, now):
        says = NOT_APPROVED if membership.chain_expires_at is None else MAY_NOT_WRITE
        return Standing(**base, ready=False, says=says)
    if await is_frozen(session, membership.network):
        return Standing(**base, ready=False, says=FROZEN)
    views = await epochs_of(session, membership.network)
    if not views:
        return Standing(**base, ready=False, says=NO_TERM)
    parts = {part.epoch: part for part in await parts_of(session, membership.network)}
    writable = await writable_epoch(session, views, now)
    view = writable or views[-1]
    part = parts.get(view.number)
    rules = await own_rules(session, membership.network)
    is_small = view.phase(now) is Phase.OPEN and not rules.recognises(view.issued)
    says = OPEN if writable else SMALL if is_small else _waiting(view, part, now)
    windows = view.epoch.windows
    values: dict[str, Any] = {"until": windows.active_to, "opens": windows.active_from, "issues": windows.issue_from}
    policy = await document_of(session, view.epoch.policy_sha256)
    waiting = await waiting_members(session, views, now)
    values |= {"issued": view.issued, "least": view.epoch.min_issued, "waiting": waiting}
    values["next"] = next_issue_from(windows, policy) if policy else windows.active_to
    sent = await session.get(SlotRow, membership.network)
    return Standing(
        **base,
        ready=writable is not None,
        says=says,
        values=values,
        epoch=view.number,
        phase=view.phase(now),
        state=part.state if part else None,
        problem=(part.problem if part else "") or (sent.problem if sent else ""),
        slot_seconds=policy["slot_seconds"] if policy else None,
        issued=view.issued,
        registered=view.registered,
        members=await approved_members(session, membership.network),
        raised=await raised_alarm(session, view),
        waiting=waiting,
        least=view.epoch.min_issued,
        queued=await _queued(session, membership.network),
    )


async def _queued(session: AsyncSession, network: str) -> int:
    chosen = select(func.count()).where(OutboxRow.network == network, OutboxRow.state == OutboxState.QUEUED)
    return await session.scalar(chosen) or 0


def _waiting(view: EpochView, part: Participation | None, now: datetime) -> str:
    match view.phase(now):
        case Phase.VOID:
            return VOID
        case Phase.ANNOUNCED:
            return COMING
        case Phase.ISSUING:
            return ISSUING if part is None or part.state == EpochState.ASKING else REGISTERING
        case Phase.REGISTERING | Phase.OPEN if part is not None and part.state != EpochState.MISSED:
            # Also where it opened, and this node's mirror has not told of the pseudonym yet.
            return ISSUING if part.state == EpochState.ASKING else REGISTERING
        case Phase.REGISTERING | Phase.OPEN if part is None:
            return LATE
        case _:
            return MISSED
