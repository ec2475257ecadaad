"""How often somebody may try: per account, so that nobody guesses long, and per address, so that nobody guesses wide.

A try is counted before the password is looked at, so that many at once count as many.
"""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.people import email_key, find_by_email
from nic_node.accounts.tables import Person, SignInAttempt
from nic_node.errors import TooMany
from nic_node.i18n import N_

WINDOW = timedelta(minutes=15)
FAILURES_PER_ACCOUNT = 10
FAILURES_PER_ADDRESS = 100
"""A whole school may stand behind one address."""
KEPT = timedelta(days=1)

TOO_MANY = N_(
    "There were too many tries. Wait a quarter of an hour, then try again; an administrator can also make you a link."
)


async def begin_attempt(
    session: AsyncSession, *, email: str, address: str, now: datetime
) -> tuple[Person | None, SignInAttempt]:
    """Count a try, as failed until `mark_succeeded`.

    Returns:
        Whoever has this e-mail address, and the try.

    Raises:
        TooMany: this account or this address failed too often.
    """
    # The lock makes tries at one account queue up, so that each sees those before it.
    person = await find_by_email(session, email, lock=True)
    account = hashlib.sha256(email_key(email).encode()).hexdigest()
    address = address[:60]
    await _verify_few(session, SignInAttempt.account_hash == account, FAILURES_PER_ACCOUNT, now)
    await _verify_few(session, SignInAttempt.address == address, FAILURES_PER_ADDRESS, now)
    attempt = SignInAttempt(account_hash=account, address=address, at=now)
    session.add(attempt)
    await session.flush()
    return person, attempt


async def mark_succeeded(session: AsyncSession, attempt_id: int) -> None:
    await session.execute(update(SignInAttempt).where(SignInAttempt.id == attempt_id).values(succeeded=True))


async def forget_attempts(session: AsyncSession, *, now: datetime) -> None:
    """Delete tries that are older than `KEPT`."""
    await session.execute(delete(SignInAttempt).where(SignInAttempt.at < now - KEPT))


async def _verify_few(session: AsyncSession, same: ColumnElement[bool], limit: int, now: datetime) -> None:
    failures = (
        await session.scalars(
            select(SignInAttempt.at)
            .where(same, SignInAttempt.succeeded.is_(False), SignInAttempt.at > now - WINDOW)
            .order_by(SignInAttempt.at.desc())
            .limit(limit)
        )
    ).all()
    if len(failures) == limit:
        free_again = failures[-1] + WINDOW
        raise TooMany(TOO_MANY, retry_after=max(1, round((free_again - now).total_seconds())))
