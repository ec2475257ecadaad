"""Getting the next thing ready while the last one is being worked on."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from typing import TypeVar

Item = TypeVar("Item")


async def in_lots(items: AsyncIterator[Item], *, most: int) -> AsyncGenerator[list[Item], None]:
    """The same items in lists: one alone, then two together, four, up to `most`. What fails is raised in its turn.

    A few are worked on as they come, and many together.
    """
    lot: list[Item] = []
    size = 1
    try:
        async for item in items:
            lot.append(item)
            if len(lot) == size:
                yield lot
                lot, size = [], min(2 * size, most)
    except Exception:
        if lot:
            yield lot
        raise
    if lot:
        yield lot


@asynccontextmanager
async def one_ahead(items: AsyncGenerator[Item, None], *, cores: int = 2) -> AsyncIterator[AsyncIterator[Item]]:
    """The same items, each made while the one before it is worked on; what fails is raised in its turn.

    cores: with one, each is made when it is asked for. Whoever only waits for the line looks ahead with one core too;
    whoever calculates would take it from what is worked on, and threads that take it from each other cost a tenth more.
    """
    async with aclosing(items), aclosing(_looking_ahead(items) if cores > 1 else items) as ahead:
        yield ahead


async def _looking_ahead(items: AsyncGenerator[Item, None]) -> AsyncGenerator[Item, None]:
    coming = asyncio.ensure_future(anext(items))
    try:
        while True:
            try:
                item = await coming
            except StopAsyncIteration:
                return
            coming = asyncio.ensure_future(anext(items))
            yield item
    finally:
        coming.cancel()
        with suppress(asyncio.CancelledError, StopAsyncIteration, Exception):
            await coming
