"""Getting the next thing ready while the last one is being worked on."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from typing import TypeVar

Item = TypeVar("Item")


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
