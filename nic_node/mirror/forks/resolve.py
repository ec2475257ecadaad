"""Somebody decides how it goes on after a fork: with the history that was followed, or with the log that comes after.

Nobody is changed over to the other history: a key that signed two can sign a third. Who leaves does so where
memberships end.
"""

from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.errors import Conflict, InvalidInput, NotFound
from nic_node.i18n import N_, too_long
from nic_node.membership.read import network_with_log
from nic_node.mirror.entries import lock_log
from nic_node.mirror.forks.read import NO_FORK
from nic_node.mirror.forks.states import Choice
from nic_node.mirror.forks.tables import MirrorFork
from nic_node.mirror.pull import pull_soon
from nic_node.mirror.states import LogState

LONGEST_NOTE: Final = 1_000
DECIDED: Final = N_("This was decided already. Look at it again.")
CHOOSE: Final = N_("Choose how it goes on.")
NO_SUCCESSOR: Final = N_(
    "The network names no log that follows this one yet. Once its coordinators have started one, you can choose it"
    " here."
)


async def resolve_fork(
    session: AsyncSession, *, actor: Actor, fork_id: int, choice: str, note: str, version: int, now: datetime
) -> MirrorFork:
    """Unfreeze the log: it is pulled at once, and whatever grew from the other history is refused from now on.

    Raises:
        NotFound: no such fork. InvalidInput: no such choice, or too long a note.
        Conflict: somebody decided, or looked at another version; there is no successor yet.
    """
    row = await session.get(MirrorFork, fork_id, with_for_update=True)
    if row is None:
        raise NotFound(NO_FORK)
    if choice not in tuple(Choice):
        raise InvalidInput({"choice": [CHOOSE]})
    if len(note) > LONGEST_NOTE:
        raise InvalidInput({"note": [too_long(LONGEST_NOTE)]})
    if row.choice or row.version != version:
        raise Conflict(DECIDED)
    log = await lock_log(session, row.log_id)
    membership = await network_with_log(session, log.membership_id)
    if choice == Choice.SUCCESSOR and membership.generation <= log.generation:
        raise Conflict(NO_SUCCESSOR)
    row.choice, row.note, row.resolved_by, row.resolved_at = choice, note.strip(), actor.person_id, now
    log.state = LogState.BACKFILLING if log.current_at is None else LogState.LIVE
    log.trouble = log.trouble_detail = ""
    await session.flush()
    await _audit(session, actor, row, {"choice": choice, "origin": log.origin}, now)
    await pull_soon(session, membership_id=log.membership_id, now=now)
    return row


async def _audit(session: AsyncSession, actor: Actor, row: MirrorFork, after: dict[str, Any], now: datetime) -> None:
    await record_audit(
        session,
        actor=actor,
        action="log.fork-resolved",
        subject="log",
        subject_id=row.log_id,
        before=None,
        after={**after, "second_sha256": row.second_sha256},
        now=now,
    )
