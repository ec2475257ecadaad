"""Reading a log from members' copies, on both databases: the same proofs, whoever serves them; what is wrong stops it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from federation.tlog.tiles import CHECKPOINT_PATH
from nic_node.db.engine import Database
from nic_node.membership.local import LocalNode
from nic_node.mirror import find_mirrors
from nic_node.mirror.forks.tables import MirrorFork
from nic_node.mirror.inclusion import verify_record_inclusion
from nic_node.mirror.read import list_living, mirrored_logs
from nic_node.mirror.status import refusals
from nic_node.mirror.tables import MirrorBlob, MirrorLog, MirrorRecord, MirrorSource
from schemas.canonical import sha256_hex
from schemas.ids import build_mirror_url
from tests.conftest import TestClock
from tests.fakes.forks import forked_files
from tests.fakes.member_mirrors import MemberMirrors
from tests.fakes.mirroring import Mirroring, mirroring
from tests.fakes.network_log import PRACTICE, entity_of

ADA, BEN, CEM = (entity_of(name) for name in ("ada", "ben", "cem"))


@dataclass
class Copied:
    """A node that knows two members' copies of its log."""

    world: Mirroring

    @property
    def copies(self) -> MemberMirrors:
        assert isinstance(self.world.node.client, MemberMirrors)
        return self.world.node.client

    def url(self, entity: str) -> str:
        return build_mirror_url(entity, sha256_hex(self.world.log.origin.encode()))

    async def learn(self, *entities: str) -> None:
        async with self.world.database.writing() as session:
            session.add_all(MirrorSource(log_id=1, url=self.url(one), entity=one, failures=0) for one in entities)

    async def source(self, url: str) -> MirrorSource:
        async with self.world.database.reading() as session:
            return await session.get_one(MirrorSource, (1, url))

    async def log(self) -> MirrorLog:
        async with self.world.database.reading() as session:
            return await session.get_one(MirrorLog, 1)

    def log_is_down(self) -> None:
        for path in (CHECKPOINT_PATH, "blobs/000.p/13", "blobs/000.p/14", "blobs/000.p/15"):
            self.world.served.statuses[path] = 503

    async def titles(self) -> list[str]:
        async with self.world.database.reading() as session:
            return sorted(record.payload["title"] for record in await list_living(session, log_ids=[1]))

    async def refused(self) -> list[tuple[str, str]]:
        async with self.world.database.reading() as session:
            return [(one.code, one.source) for one in await refusals(session)]


@pytest.fixture
async def empty(database: Database, tmp_path: Path, clock: TestClock) -> AsyncIterator[Copied]:
    async with mirroring(database, tmp_path, clock) as world:
        world.log.publish("ada")
        yield Copied(world)


@pytest.fixture
async def copied(empty: Copied) -> Copied:
    assert (await empty.world.pull()).done
    await empty.learn(ADA, BEN)
    return empty


async def test_while_the_log_is_down_the_same_comes_from_copies(copied: Copied) -> None:
    world = copied.world
    before = await copied.log()
    copied.log_is_down()
    index = world.log.publish("ben", payload=PRACTICE | {"title": "Second"})
    world.clock.forward(minutes=20)

    report = await world.pull()

    assert (report.trouble, report.done, report.new_records) == (None, True, 1)
    assert report.source in (copied.url(ADA), copied.url(BEN))
    assert await copied.titles() == ["Morning calls home", "Second"]
    async with world.database.reading() as session:
        proof = await verify_record_inclusion(session, world.log.record_id(index))
        (view,) = await mirrored_logs(session, now=world.clock())
    assert proof.root == world.log.edge.root().hex()
    after = await copied.log()
    assert (after.checkpoint, after.final_size) == (world.log.files[CHECKPOINT_PATH], 14)
    assert (view.state, view.current_at) == ("stale", before.current_at), "how old a copy is, it can't say itself"
    log = await copied.source(world.served.log_url)
    assert (log.failures, log.trouble, log.retry_at) == (1, "peer-busy", world.clock() + timedelta(minutes=1))

    world.served.asked.clear()
    assert (await world.pull()).trouble is None
    assert world.served.asked == [], "it was asked a moment ago"

    world.served.be_honest()
    world.clock.forward(minutes=1)
    assert (await world.pull()).source == world.served.log_url
    assert (await copied.source(world.served.log_url)).failures == 0
    assert (await copied.log()).current_at == world.clock()


async def test_a_first_copy_is_read_from_members_alone(empty: Copied) -> None:
    """Neither an entry, nor a blob, nor a document of the epoch comes from the network."""
    world = empty.world
    world.served.statuses[CHECKPOINT_PATH] = 503
    assert (await world.pull()).trouble == "peer-busy"
    await empty.learn(ADA, BEN)
    world.served.asked.clear()

    report = await world.pull()

    assert (report.done, report.new_entries, report.new_records) == (True, 13, 1)
    assert world.served.asked == []
    assert await empty.titles() == ["Morning calls home"]
    log = await empty.log()
    assert (log.state, log.current_at, log.final_size) == ("live", None, 13)


async def test_a_copy_that_is_proven_wrong_is_asked_no_more_and_another_one_is(copied: Copied) -> None:
    world = copied.world
    copied.log_is_down()
    world.log.publish("ben", payload=PRACTICE | {"title": "Second"})
    lying = dict(world.log.files)
    entries = "tile/entries/000.p/14"
    lying[entries] = lying[entries][:-1] + bytes([lying[entries][-1] ^ 1])
    copied.copies.shown = {ADA: lying, BEN: lying}
    world.clock.forward(minutes=1)

    assert (await world.pull()).trouble == "peer-busy", "nobody served it: the log is why"

    assert await copied.titles() == ["Morning calls home"]
    for entity in (ADA, BEN):
        stopped = await copied.source(copied.url(entity))
        assert (stopped.stopped_at, stopped.trouble) == (world.clock(), "entry-wrong")
    assert sorted(await copied.refused()) == [("entry-wrong", copied.url(entity)) for entity in (ADA, BEN)]

    copied.copies.shown.clear()
    await copied.learn(CEM)
    world.clock.forward(hours=2)
    assert (await world.pull()).source == copied.url(CEM)
    assert (await copied.source(copied.url(ADA))).asked_at == stopped.stopped_at
    assert await copied.titles() == ["Morning calls home", "Second"]


async def test_a_copy_that_is_down_or_refuses_is_put_behind_and_not_stopped(copied: Copied) -> None:
    world = copied.world
    copied.log_is_down()
    copied.copies.shown = {ADA: None, BEN: {}}
    world.clock.forward(minutes=1)

    assert (await world.pull()).trouble == "peer-busy"

    for entity, code in ((ADA, "peer-unreachable"), (BEN, "log-incomplete")):
        row = await copied.source(copied.url(entity))
        assert (row.failures, row.trouble, row.stopped_at) == (1, code, None)
        assert row.retry_at == world.clock() + timedelta(minutes=1)
    assert await copied.refused() == []


async def test_a_copy_that_is_behind_is_one_and_not_a_lie(copied: Copied) -> None:
    world = copied.world
    copied.log_is_down()
    copied.copies.shown = {ADA: forked_files(world.log, 9), BEN: None}

    assert (await world.pull()).trouble == "peer-busy"

    row = await copied.source(copied.url(ADA))
    assert (row.trouble, row.trouble_detail) == ("checkpoint-stale", "This copy is shorter than what is here already.")
    assert (row.stopped_at, (await copied.log()).size) == (None, 13)


@pytest.mark.parametrize("size", [9, 13, 14])
async def test_a_copy_of_another_history_that_the_log_signed_freezes_it(copied: Copied, size: int) -> None:
    """Shorter than ours, as long, longer: each is proof, though the log itself is down."""
    world = copied.world
    copied.log_is_down()
    other = forked_files(world.log, size, apart_from=8)
    copied.copies.shown = {ADA: other, BEN: other}

    assert (await world.pull()).trouble == "log-forked"

    async with world.database.reading() as session:
        fork = (await session.scalars(select(MirrorFork))).one()
    assert ((await copied.log()).state, fork.second) == ("frozen", other[CHECKPOINT_PATH])
    assert fork.source in (copied.url(ADA), copied.url(BEN))


# Blobs ----------------------------------------------------------------------------------------------------------------


async def record(copied: Copied, index: int) -> MirrorRecord:
    async with copied.world.database.reading() as session:
        found = await session.scalar(select(MirrorRecord).where(MirrorRecord.leaf_index == index))
    assert found is not None
    return found


def none_of(lines: list[bytes]) -> list[bytes]:
    return []


async def test_what_the_log_withholds_is_taken_from_a_copy(copied: Copied) -> None:
    world = copied.world
    index = world.log.publish("ben", payload=PRACTICE | {"title": "Second"})
    world.served.change_lines = none_of
    copied.copies.change_lines[ADA] = none_of

    report = await world.pull()

    assert (report.source, report.new_records, report.done) == (world.served.log_url, 1, True)
    assert (await record(copied, index)).state == "living"


async def test_what_everybody_withholds_is_noted_once_and_tried_again(copied: Copied) -> None:
    world = copied.world
    index = world.log.publish("ben")
    world.served.change_lines = none_of
    copied.copies.change_lines = {ADA: none_of, BEN: none_of}
    await world.pull()
    withheld = await record(copied, index)
    assert (withheld.state, withheld.tries) == ("withheld", 1), "three sources, one try"

    copied.copies.change_lines.clear()
    world.clock.forward(minutes=3)
    assert (await world.pull()).new_records == 1


async def test_a_copy_that_hands_out_what_was_taken_back_is_written_down_by_its_name(copied: Copied) -> None:
    world = copied.world
    copied.log_is_down()
    world.log.append(world.log.retract("ada", 12))
    world.log.publish("ben")
    copied.copies.shown[BEN] = None
    world.clock.forward(minutes=1)

    assert (await world.pull()).new_records == 1

    assert (await record(copied, 12)).state == "gone"
    assert await copied.refused() == [("blob-retracted", copied.url(ADA))]


async def test_what_the_log_erased_already_leaves_with_the_entry_that_says_so(copied: Copied) -> None:
    """Its network has erased it, and signed that a moment later: a copy still hands it out, then and afterwards."""
    world = copied.world
    index = world.log.publish("ben", payload=PRACTICE | {"title": "Second"})
    world.served.gone.add(index)
    hands_out = [world.log.blobs[index]]
    copied.copies.change_lines = dict.fromkeys((ADA, BEN), lambda lines: [*lines, *hands_out])
    await world.pull()
    assert await copied.titles() == ["Morning calls home", "Second"]

    world.log.append(world.log.retract("ben", index))
    world.served.gone.add(world.log.publish("cem"))
    await world.pull()

    assert await copied.titles() == ["Morning calls home"]
    assert (await record(copied, index)).state == "gone"
    async with world.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(MirrorBlob)) == 1
    assert {code for code, _ in await copied.refused()} == {"blob-retracted"}


async def test_who_knows_enough_copies_seldom_asks_who_else_serves_one(
    copied: Copied, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list has a line a mirror, and each member reads it."""
    asked: list[int] = []

    async def list_marked(node: LocalNode, network: str, role: str) -> list[str]:
        asked.append(node.random_bytes(1)[0])
        return members

    async def look(draw: int) -> None:
        node = replace(copied.world.node, random_bytes=lambda count: bytes([draw]) * count)
        await find_mirrors.find_mirrors(node, copied.world.membership_id)

    monkeypatch.setattr(find_mirrors, "list_marked", list_marked)
    members = [ADA, BEN, CEM, *(f"https://mirror-{number}.example" for number in range(5))]
    for draw in (0, 255):
        await look(draw)
    assert asked == [0, 255], "there is room for more"
    await copied.learn(*members[2:])
    for draw in (0, 63, 64, 255):
        await look(draw)
    assert asked == [0, 255, 0, 63]
