"""What a simulation counts would show what went wrong; its clock and its quiet polls are exact."""

import numpy as np
import pytest

from federation.envelope import seal_envelope
from federation.errors import Unreachable
from nic_node.simulate.course import Course
from nic_node.simulate.faults import lines
from nic_node.simulate.figures import Figures, Release, Standing, count_lost, delays
from nic_node.simulate.loop import VirtualLoop, pause
from nic_node.simulate.plan import DAY, Plan
from nic_node.simulate.quiet import QuietPolls
from nic_node.simulate.sharing import Verdicts
from nic_node.simulate.world import World
from schemas.problem import Code


def two_nodes() -> Figures:
    figures = Figures(2)
    figures.add(Release(number=0, author=0, made_at=0.0))
    figures.by_blob["blob"] = figures.releases[0]
    figures.sequenced("blob", "log#7", 100.0)
    return figures


def test_a_record_that_a_following_node_lacks_is_lost() -> None:
    figures = two_nodes()
    figures.hold("blob", 0, 130.0)

    assert count_lost(figures, Standing(started_at=[0.0, 0.0], following=[0, 1])) == 1
    assert count_lost(figures, Standing(started_at=[0.0, 0.0], following=[0])) == 0
    figures.hold("blob", 1, 190.0)
    assert count_lost(figures, Standing(started_at=[0.0, 0.0], following=[0, 1])) == 0


def test_what_comes_twice_is_counted() -> None:
    figures = two_nodes()
    figures.hold("blob", 0, 130.0)
    figures.hold("blob", 0, 140.0)
    figures.sequenced("blob", "log#9", 200.0)

    assert (figures.held_twice, figures.sequenced_twice) == (1, 1)
    assert figures.releases[0].record_id == "log#7"


def test_a_delay_counts_from_when_the_node_began_to_run() -> None:
    figures = two_nodes()
    figures.hold("blob", 0, 130.0)
    figures.hold("blob", 1, 190.0)

    assert list(delays(figures, Standing(started_at=[0.0, 180.0], following=[0, 1]))) == [30.0, 10.0]


def test_virtual_time_passes_in_order_and_at_once() -> None:
    loop, seen = VirtualLoop(1_000.0), []

    async def work(name: str, seconds: float) -> None:
        for _ in range(2):
            await pause(seconds)
            seen.append((name, loop.now))

    loop.spawn(work("slow", 500_000.0))
    loop.spawn(work("fast", 1.0))
    loop.call_at(0.0, lambda: seen.append(("past", loop.now)))
    loop.run(2_000_000.0)

    assert seen == [
        ("past", 1_000.0),
        ("fast", 1_001.0),
        ("fast", 1_002.0),
        ("slow", 501_000.0),
        ("slow", 1_001_000.0),
    ]
    assert loop.now == 2_000_000.0


def test_quiet_polls_are_those_that_would_have_been_made() -> None:
    """Against one poll after the other, 60 s +-50 % apart, with the time that a poll takes."""
    counted = np.zeros(400, dtype=np.int64)

    def charge(counts: np.ndarray) -> None:
        counted[:] += counts

    quiet = QuietPolls(np.random.default_rng(1), 60.0, 400, charge)
    quiet.pace[:] = 5.0
    for node in range(399):
        quiet.park(node, 10.0)
    for now in (0.0, 10_000.0, 86_400.0):
        quiet.settle(now)

    assert counted[399] == 0
    assert counted[:399].mean() == pytest.approx(86_400 / 65, rel=0.005)
    assert counted[:399].std() == pytest.approx((86_400 / 65) ** 0.5 * (60 / 12**0.5) / 65, rel=0.2)
    assert (quiet.due[:399] >= 86_400.0).all()
    assert (quiet.due[:399] < 86_400.0 + 95.0).all()


class Files:
    """A source whose files a test holds; `reads` is what was asked for."""

    def __init__(self, **files: bytes) -> None:
        self.files = files
        self.reads: list[str] = []

    async def read(self, path: str, *, max_bytes: int) -> bytes:
        self.reads.append(path)
        if path not in self.files:
            raise Unreachable(Code.LOG_INCOMPLETE, path)
        return self.files[path]


async def judge_both(reader: Files) -> bytes:
    return await reader.read("one", max_bytes=9) + await reader.read("two", max_bytes=9)


async def test_a_verdict_is_shared_only_by_who_reads_the_same_bytes() -> None:
    verdicts = Verdicts(is_shared=True)
    honest, same, other = Files(one=b"1", two=b"2"), Files(one=b"1", two=b"2"), Files(one=b"1", two=b"X")

    assert await verdicts.reach("known", honest, judge_both) == b"12"
    assert await verdicts.reach("known", same, judge_both) == b"12"
    assert (verdicts.own, verdicts.shared) == (1, 1)
    assert same.reads == ["one", "two"], "each node still asks for every file itself"
    assert await verdicts.reach("known", other, judge_both) == b"1X"
    assert other.reads == ["one", "two"], "nothing is asked for twice"
    assert await verdicts.reach("otherwise", same, judge_both) == b"12"
    assert (verdicts.own, verdicts.shared) == (3, 1)


async def test_a_refusal_is_never_shared() -> None:
    verdicts = Verdicts(is_shared=True)

    for _ in range(2):
        with pytest.raises(Unreachable):
            await verdicts.reach("known", Files(one=b"1"), judge_both)
    assert await verdicts.reach("known", Files(one=b"1", two=b"2"), judge_both) == b"12"


def test_what_comes_into_a_slot_waits_for_its_end_also_when_others_are_sequenced_meanwhile() -> None:
    """A network that was gone sequences in the middle of a slot."""
    plan = Plan(nodes=3, seed=1, days=4)
    world = World(plan, capacity=plan.nodes)
    Course(world, plan).found(lines(world))
    term, now = world.founding.terms[1], plan.at(0, hours=6)
    sent = seal_envelope(
        dict(term.epoch.submission_key), origin=world.founding.origin, epoch=1, leaf=b"no leaf", blob=b""
    )
    world.server.take_envelope(sent, now)

    assert world.server.sequence_due(now).refused == []
    assert [refused.code for refused in world.server.sequence_due(now + DAY).refused] == [Code.TOKEN_MALFORMED]
