"""Two verbs at once: the first has done its work and not yet committed when the second comes."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.db.engine import Database
from nic_node.errors import Conflict

Verb = Callable[[AsyncSession], Awaitable[Any]]
BLOCKED_AFTER_SECONDS = 0.15
DONE = "done"


async def overlapping(database: Database, first: Verb, second: Verb) -> tuple[str, str]:
    """How each ended: DONE, or the name of what it raised; of a stale version it is "Conflict", as of others.

    The first one's transaction stays open until the second is done, or stands before a lock long enough to be sure.
    """
    worked, commit = asyncio.Event(), asyncio.Event()

    async def lead() -> None:
        async with database.writing() as session:
            await first(session)
            worked.set()
            await commit.wait()

    async def follow() -> None:
        await worked.wait()
        async with database.writing() as session:
            await second(session)

    leading, following = asyncio.create_task(lead()), asyncio.create_task(follow())
    signal = asyncio.create_task(worked.wait())
    await asyncio.wait({leading, signal}, return_when=asyncio.FIRST_COMPLETED)
    worked.set()
    await asyncio.wait({following}, timeout=BLOCKED_AFTER_SECONDS)
    commit.set()
    ended = await asyncio.gather(leading, following, return_exceptions=True)
    return _name(ended[0]), _name(ended[1])


def _name(ended: BaseException | None) -> str:
    if isinstance(ended, Conflict):
        return Conflict.__name__
    return DONE if ended is None else type(ended).__name__
