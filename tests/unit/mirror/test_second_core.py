"""Work for the other process: the same answers, and none lost when it dies."""

import asyncio
import os
import signal
from collections.abc import Sequence

import pytest

from nic_node.mirror.ahead import one_ahead
from nic_node.mirror.second_core import WORTHWHILE_BUNDLES, SecondCore


@pytest.fixture
async def core():
    made = SecondCore(cores=2)
    yield made
    await made.rest()


async def test_little_work_and_one_core_start_nothing(core: SecondCore) -> None:
    await core.expect(WORTHWHILE_BUNDLES - 1)
    assert await core.run(os.getpid) == os.getpid()
    alone = SecondCore(cores=1)
    await alone.expect(10_000)
    assert await alone.run(os.getpid) == os.getpid()


async def test_much_work_is_done_elsewhere_in_order_and_its_errors_come_back(core: SecondCore) -> None:
    await core.expect(WORTHWHILE_BUNDLES)
    other = await core.run(os.getpid)
    assert other != os.getpid()
    assert await asyncio.gather(*(core.run(len, "x" * n) for n in range(20))) == list(range(20))
    with pytest.raises(ValueError, match="invalid literal"):
        await core.run(int, "none")
    assert await core.run(os.getpid) == other


def squares_and_where(numbers: Sequence[int], added: int) -> list[tuple[int, int]]:
    return [(number**2 + added, os.getpid()) for number in numbers]


async def test_of_many_things_both_processes_look_at_a_part(core: SecondCore) -> None:
    alone = await core.run_for_each(0.25, squares_and_where, range(8), 1)
    await core.expect(WORTHWHILE_BUNDLES)
    shared = await core.run_for_each(0.25, squares_and_where, range(8), 1)
    assert [square for square, _ in shared] == [square for square, _ in alone] == [n**2 + 1 for n in range(8)]
    assert {where for _, where in alone} == {os.getpid()}
    assert [where == os.getpid() for _, where in shared] == [False] * 6 + [True] * 2
    assert await core.run_for_each(0.25, squares_and_where, [], 1) == []


async def test_when_the_other_process_dies_the_work_is_done_here(core: SecondCore) -> None:
    await core.expect(WORTHWHILE_BUNDLES)
    os.kill(await core.run(os.getpid), signal.SIGKILL)
    assert await core.run(len, "x" * 100_000) == 100_000
    assert await core.run(os.getpid) == os.getpid()


async def test_who_stops_waiting_gets_no_answer_to_another_question(core: SecondCore) -> None:
    await core.expect(WORTHWHILE_BUNDLES)
    asked = asyncio.ensure_future(core.run(sum, range(30_000_000)))
    await asyncio.sleep(0)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert await core.run(len, "xyz") == 3


@pytest.mark.parametrize(
    ("cores", "order"),
    [
        (2, ["ready 0", "ready 1", "worked 0", "ready 2", "worked 1", "worked 2"]),
        (1, ["ready 0", "worked 0", "ready 1", "worked 1", "ready 2", "worked 2"]),
    ],
)
async def test_one_thing_is_got_ready_while_another_is_worked_on_where_there_is_a_second_core(cores, order) -> None:
    events = []

    async def items():
        for number in range(3):
            events.append(f"ready {number}")
            yield number
        raise LookupError

    with pytest.raises(LookupError):
        async with one_ahead(items(), cores=cores) as ahead:
            async for number in ahead:
                await asyncio.sleep(0)
                events.append(f"worked {number}")
    assert events == order


async def test_who_stops_early_leaves_nothing_running() -> None:
    ended = []

    async def items():
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
