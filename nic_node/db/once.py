"""Asking once: a session of `Database.reading` sees one state, so what was found in it once stays so until it ends."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

P = ParamSpec("P")
T = TypeVar("T")
KNOWN = "known"
"""Under this name a reading session keeps what it found; a writing session has no such thing, and asks each time."""


def once_a_reading(
    read: Callable[Concatenate[AsyncSession, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[AsyncSession, P], Coroutine[Any, Any, T]]:
    """For what several rooms ask on one page. Arguments are hashable; whoever gets the answer changes nothing of it."""

    @wraps(read)
    async def ask(session: AsyncSession, /, *args: P.args, **named: P.kwargs) -> T:
        known: dict[Any, T] | None = session.info.get(KNOWN)
        if known is None:
            return await read(session, *args, **named)
        key = (read, args, tuple(sorted(named.items())))
        if key not in known:
            known[key] = await read(session, *args, **named)
        return known[key]

    return ask
