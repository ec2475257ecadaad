"""Getting the next things ready while the last one is being worked on."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Final, TypeVar

BUNDLES_AT_ONCE: Final = 4
"""Whole bundles in one transaction, during which nobody else writes to SQLite: some tenth of a second."""
LOT_BYTES: Final = 4 * 1024 * 1024
"""Of entries or blobs, from which on no more bundles are taken together: large ones are not held by the dozen."""

Item = TypeVar("Item")
Made = TypeVar("Made")
Size = Callable[[Item], int]


async def read_ahead(
    bundles: AsyncGenerator[Item, None], read: Callable[[list[Item]], Awaitable[Made]], *, size: Size[Item], ahead: int
) -> AsyncGenerator[Made, None]:
    """What is read in bundles, up to BUNDLES_AT_ONCE of them together, in their order.

    Args:
        bundles: as they are fetched: the next one while the ones before it are read.
        size: of a bundle, in bytes. ahead: as in `made_ahead`.
    """
    lots = in_lots(bundles, most=BUNDLES_AT_ONCE, enough=LOT_BYTES, size=size)
    async with (
        aclosing(bundles),
        one_ahead(lots) as fetched,
        aclosing(made_ahead(fetched, read, ahead=ahead)) as made,
    ):
        async for one in made:
            yield one


async def in_lots(
    items: AsyncIterator[Item], *, most: int, enough: int, size: Size[Item]
) -> AsyncGenerator[list[Item], None]:
    """The same items in lists: one alone, then two together, four, up to `most`. What fails is raised in its turn.

    A few are worked on as they come, and many together.

    Args:
        enough: a list ends with the item by which the sizes in it come to this.
    """
    lot: list[Item] = []
    number = 1
    try:
        async for item in items:
            lot.append(item)
            if len(lot) == number or sum(map(size, lot)) >= enough:
                yield lot
                lot, number = [], min(2 * number, most)
    except Exception:
        if lot:
            yield lot
        raise
    if lot:
        yield lot


@asynccontextmanager
async def one_ahead(items: AsyncGenerator[Item, None]) -> AsyncIterator[AsyncIterator[Item]]:
    """The same items, each got while the one before it is worked on; what fails is raised in its turn."""
    async with aclosing(items), aclosing(_looking_ahead(items)) as ahead:
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


async def made_ahead(
    items: AsyncIterator[Item], make: Callable[[Item], Awaitable[Made]], *, ahead: int
) -> AsyncGenerator[Made, None]:
    """What is made of each item, in their order; what fails is raised in its turn.

    Args:
        ahead: how many are in the making while the one before them is worked on; with 0 each is made when it is asked
            for. Whoever calculates in the same process would take it from what is worked on.
    """
    making: deque[asyncio.Future[Made]] = deque()
    async with aclosing(_begun(items, make)) as begun:
        try:
            async for one in begun:
                making.append(one)
                if len(making) > ahead:
                    yield await making.popleft()
            while making:
                yield await making.popleft()
        finally:
            for one in making:
                one.cancel()
            await asyncio.gather(*making, return_exceptions=True)


async def _begun(
    items: AsyncIterator[Item], make: Callable[[Item], Awaitable[Made]]
) -> AsyncGenerator[asyncio.Future[Made], None]:
    """Each in the making; where no item comes, one that fails as that did."""
    try:
        async for item in items:
            yield asyncio.ensure_future(make(item))
    except Exception as error:  # noqa: BLE001 - it is raised where that item would be handed out
        none = asyncio.get_running_loop().create_future()
        none.set_exception(error)
        yield none
