"""Things got ready ahead: in order, as many as were asked for, and nothing left running."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

import pytest

from federation.errors import Unreachable
from nic_node.mirror.ahead import in_lots, made_ahead, one_ahead
from schemas.problem import Code


async def numbers(count: int, failure: Exception | None = None) -> AsyncGenerator[int, None]:
    for number in range(count):
        yield number
    if failure is not None:
        raise failure


def one(number: int) -> int:
    return 1


async def test_what_was_fetched_before_a_source_fails_is_taken_in_first() -> None:
    lots = []
    with pytest.raises(Unreachable):
        async for lot in in_lots(numbers(9, Unreachable(Code.LOG_INCOMPLETE, "no more")), most=4, enough=100, size=one):
            lots.append(lot)  # noqa: PERF401 - what came before the failure counts
    assert lots == [[0], [1, 2], [3, 4, 5, 6], [7, 8]]


async def test_large_things_come_in_smaller_lots() -> None:
    lots = [lot async for lot in in_lots(numbers(9), most=4, enough=6, size=lambda number: number)]
    assert lots == [[0], [1, 2], [3, 4], [5, 6], [7], [8]]


async def test_the_next_thing_is_got_while_one_is_worked_on() -> None:
    events = []

    async def items() -> AsyncGenerator[int, None]:
        for number in range(3):
            events.append(f"got {number}")
            yield number
        raise LookupError

    with pytest.raises(LookupError):
        async with one_ahead(items()) as ahead:
            async for number in ahead:
                await asyncio.sleep(0)
                events.append(f"worked {number}")
    assert events == ["got 0", "got 1", "worked 0", "got 2", "worked 1", "worked 2"]


async def test_who_stops_early_leaves_nothing_running() -> None:
    ended = []

    async def items() -> AsyncGenerator[int, None]:
        try:
            while True:
                yield 1
                await asyncio.Event().wait()
        finally:
            ended.append(True)

    with pytest.raises(KeyError):
        async with one_ahead(items()) as ahead:
            async for _ in ahead:
                raise KeyError
    assert ended == [True]


@pytest.mark.parametrize(
    ("ahead", "begun"),
    [(0, [[0], [0, 1], [0, 1, 2], [0, 1, 2, 3]]), (2, [[0, 1, 2], [0, 1, 2, 3], [0, 1, 2, 3], [0, 1, 2, 3]])],
)
async def test_as_many_are_in_the_making_as_asked_while_one_is_worked_on(
    ahead: int, begun: Sequence[Sequence[int]]
) -> None:
    started: list[int] = []

    async def make(number: int) -> int:
        started.append(number)
        await asyncio.sleep(0)
        return -number

    seen, made = [], []
    async for each in made_ahead(numbers(4), make, ahead=ahead):
        await asyncio.sleep(0)
        made.append(each)
        seen.append(list(started))
    assert made == [0, -1, -2, -3]
    assert seen == begun


@pytest.mark.parametrize("ahead", [0, 2])
async def test_what_can_not_be_made_ends_the_rest_in_its_turn(ahead: int) -> None:
    async def make(number: int) -> int:
        if number == 2:
            raise ValueError(number)
        return number

    handed_out = []
    with pytest.raises(ValueError, match="2"):
        async for each in made_ahead(numbers(9), make, ahead=ahead):
            handed_out.append(each)  # noqa: PERF401 - what came before the failure counts
    assert handed_out == [0, 1]


@pytest.mark.parametrize("ahead", [0, 2])
async def test_where_no_item_comes_what_was_made_before_is_handed_out_first(ahead: int) -> None:
    async def make(number: int) -> int:
        await asyncio.sleep(0)
        return number

    handed_out = []
    with pytest.raises(Unreachable):
        async for each in made_ahead(numbers(3, Unreachable(Code.LOG_INCOMPLETE, "no more")), make, ahead=ahead):
            handed_out.append(each)  # noqa: PERF401 - what came before the failure counts
    assert handed_out == [0, 1, 2]


async def test_what_is_in_the_making_is_ended_with_who_asked() -> None:
    ended = []

    async def make(number: int) -> int:
        try:
            if number:
                await asyncio.Event().wait()
        finally:
            ended.append(number)
        return number

    made = made_ahead(numbers(9), make, ahead=2)
    assert await anext(made) == 0
    await asyncio.sleep(0)
    await made.aclose()
    assert ended == [0, 1, 2]
