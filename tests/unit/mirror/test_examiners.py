"""Work for processes that examine: the same answers, in order, and none lost when one dies."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Sequence

import pytest

from nic_node.mirror.examiners import PROCESSES, WORTHWHILE_BUNDLES, Examiners


@pytest.fixture
async def examiners() -> AsyncIterator[Examiners]:
    made = Examiners(cores=2)
    yield made
    await made.rest()


async def joined(examiners: Examiners) -> Examiners:
    """Until the first of them answers, calls are answered here."""
    await examiners.expect(WORTHWHILE_BUNDLES)
    while await examiners.run(os.getpid) == os.getpid():
        pass
    return examiners


async def pids_that_answer(examiners: Examiners) -> set[int]:
    """Of so many calls at once that whoever is free gets one."""
    return set(await asyncio.gather(*(examiners.run(os.getpid) for _ in range(50))))


async def test_little_work_and_one_core_start_nothing(examiners: Examiners) -> None:
    await examiners.expect(WORTHWHILE_BUNDLES - 1)
    assert await examiners.run(os.getpid) == os.getpid()
    alone = Examiners(cores=1)
    await alone.expect(10_000)
    assert await alone.run(os.getpid) == os.getpid()
    assert (examiners.ahead, examiners.pids, alone.ahead, alone.pids) == (0, [], 0, [])


async def test_much_work_is_done_elsewhere_in_order_and_its_errors_come_back(examiners: Examiners) -> None:
    await joined(examiners)
    assert examiners.ahead == 2
    assert await asyncio.gather(*(examiners.run(len, "x" * n) for n in range(20))) == list(range(20))
    with pytest.raises(ValueError, match="invalid literal"):
        await examiners.run(int, "none")
    assert os.getpid() not in await pids_that_answer(examiners)
    assert len(examiners.pids) == PROCESSES


def squares(numbers: Sequence[int], added: int) -> list[int]:
    return [number**2 + added for number in numbers]


async def test_many_things_are_looked_at_by_some_a_call(examiners: Examiners) -> None:
    wanted = [n**2 + 1 for n in range(10)]
    assert await examiners.run_for_each(squares, range(10), 4, 1) == wanted
    await joined(examiners)
    assert await examiners.run_for_each(squares, range(10), 4, 1) == wanted
    assert await examiners.run_for_each(squares, [], 4, 1) == []


async def test_when_one_dies_nothing_is_lost_and_it_is_replaced_when_there_is_much_to_do_again(
    examiners: Examiners,
) -> None:
    await joined(examiners)
    calls = [asyncio.ensure_future(examiners.run(sum, range(n))) for n in (20_000_000, 20_000_000, 10, 100)]
    await asyncio.sleep(0)
    for pid in examiners.pids:
        os.kill(pid, signal.SIGKILL)
    assert await asyncio.gather(*calls) == [199999990000000, 199999990000000, 45, 4950]
    assert await pids_that_answer(examiners) == {os.getpid()}
    dead = examiners.pids
    await joined(examiners)
    assert not set(dead) & set(examiners.pids)


async def test_who_stops_waiting_gets_no_answer_to_another_question(examiners: Examiners) -> None:
    await joined(examiners)
    calls = [asyncio.ensure_future(examiners.run(sum, range(n))) for n in (20_000_000, 20_000_000, 10, 100, 1000)]
    await asyncio.sleep(0)
    calls[0].cancel()
    with pytest.raises(asyncio.CancelledError):
        await calls[0]
    assert await asyncio.gather(*calls[1:]) == [199999990000000, 45, 4950, 499500]


async def test_large_answers_and_large_questions_do_not_wait_for_each_other(examiners: Examiners) -> None:
    """Both are longer than a pipe takes at once."""
    await joined(examiners)
    large = [bytes([n]) * 5_000_000 for n in range(8)]
    assert await asyncio.gather(*(examiners.run(bytes.upper, each) for each in large)) == [
        each.upper() for each in large
    ]
    assert os.getpid() not in await pids_that_answer(examiners)


async def test_after_a_rest_they_start_anew(examiners: Examiners) -> None:
    await joined(examiners)
    gone = examiners.pids
    await examiners.rest()
    assert (examiners.ahead, examiners.pids) == (0, [])
    assert await examiners.run(os.getpid) == os.getpid()
    await joined(examiners)
    assert not set(gone) & set(examiners.pids)


async def test_what_is_in_hand_while_they_are_ended_stands_in_nobodys_way_afterwards(examiners: Examiners) -> None:
    await joined(examiners)
    calls = [asyncio.ensure_future(examiners.run(sum, range(20_000_000))) for _ in range(3)]
    await asyncio.sleep(0)
    await examiners.rest()
    async with asyncio.timeout(60):
        assert await asyncio.gather(*calls) == [199999990000000] * 3
    await joined(examiners)
    assert os.getpid() not in await pids_that_answer(examiners)
