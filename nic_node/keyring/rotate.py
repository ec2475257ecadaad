"""Rotation with overlap: a new key is published beside the old one before it signs; the old one verifies on after.

    now                     + lead                    + lead + overlap
    new key published       new key signs             old key is retired: a historical key
    old key signs           old key still published

Whoever asks at least once within the lead knows the new key before it is needed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.keys import Jwk
from nic_node.errors import Conflict
from nic_node.i18n import N_
from nic_node.keyring.keys import StoredKey, all_public_keys, create_key, retire_key
from nic_node.keyring.operator_key import OperatorKey
from nic_node.keyring.purposes import KeyPurpose
from nic_node.keyring.tables import KeyRow

LEAD: Final = timedelta(days=7)
"""Statements hold for 24 hours and reading goes on for 72 more: a week leaves nobody behind who is there at all."""
OVERLAP: Final = timedelta(days=7)
LONGEST_LEAD: Final = timedelta(days=90)
ROTATED: Final = (KeyPurpose.FEDERATION, KeyPurpose.HTTP)
"""What changes with overlap. The log's two keys are named in its entry 0; those of an epoch end with it."""
OLD_AFTER: Final = timedelta(days=365)
"""A key in use for so long is due; the doctor says so."""
UNDER_WAY: Final = N_(
    "A new key of this kind is published already and takes over on its day. Wait for it, then rotate again."
)


class KeyState(StrEnum):
    AHEAD = "ahead"  # published, does not sign yet
    USED = "used"
    ENDING = "ending"  # another one signs; what it signed still verifies
    RETIRED = "retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyView:
    """A key as people and programs see it. `until`: when it is, or was, retired; None while no end is planned."""

    purpose: str
    kid: str
    state: KeyState
    created_at: datetime
    active_from: datetime
    until: datetime | None

    def is_due(self, now: datetime) -> bool:
        return self.state is KeyState.USED and self.until is None and now - self.active_from > OLD_AFTER


async def rotate_key(
    session: AsyncSession,
    *,
    operator_key: OperatorKey,
    entity_id: str,
    purpose: KeyPurpose,
    private_jwk: Jwk,
    now: datetime,
    lead: timedelta = LEAD,
    overlap: timedelta = OVERLAP,
) -> StoredKey:
    """Keep the new key (`generate_key`, before the transaction) and plan the end of those that stand.

    Raises:
        Conflict: a rotation of this key is under way.
        ValueError: a purpose that does not rotate.
    """
    if purpose not in ROTATED:
        raise ValueError(f"a {purpose} key does not rotate")
    # Of two who rotate at once the second one finds the first one's key.
    await session.execute(
        select(KeyRow.id)
        .where(KeyRow.entity_id == entity_id, KeyRow.purpose == purpose.value, KeyRow.retired_at.is_(None))
        .with_for_update()
    )
    standing = await all_public_keys(session, entity_id=entity_id, purpose=purpose, now=now, scope="")
    if any(key.active_from > now for key in standing):
        raise Conflict(UNDER_WAY)
    takes_over = now + lead
    for key in standing:
        await retire_key(session, entity_id=entity_id, kid=key.kid, at=takes_over + overlap)
    return await create_key(
        session,
        operator_key=operator_key,
        entity_id=entity_id,
        purpose=purpose,
        private_jwk=private_jwk,
        now=now,
        active_from=takes_over,
    )


async def key_views(session: AsyncSession, *, entity_id: str, now: datetime) -> Sequence[KeyView]:
    """The entity's own keys, of each purpose the newest first; those of epochs are not among them."""
    rows = await session.scalars(
        select(KeyRow)
        .where(KeyRow.entity_id == entity_id, KeyRow.scope == "")
        .order_by(KeyRow.purpose, KeyRow.active_from.desc(), KeyRow.id.desc())
    )
    views: list[KeyView] = []
    signing: set[str] = set()
    for row in rows:
        state = _state_of(row, now, is_first=row.purpose not in signing)
        if state is KeyState.USED:
            signing.add(row.purpose)
        views.append(
            KeyView(
                purpose=row.purpose,
                kid=row.kid,
                state=state,
                created_at=row.created_at,
                active_from=row.active_from,
                until=row.retired_at,
            )
        )
    return views


def _state_of(row: KeyRow, now: datetime, *, is_first: bool) -> KeyState:
    if row.retired_at is not None and row.retired_at <= now:
        return KeyState.RETIRED
    if row.active_from > now:
        return KeyState.AHEAD
    return KeyState.USED if is_first else KeyState.ENDING
