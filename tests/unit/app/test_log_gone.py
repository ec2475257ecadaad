"""The network is gone for a day: whole nodes, HTTP between them, one clock. What goes on meanwhile, what comes after."""

import hashlib
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from federation.judge import Pins
from federation.verify_log import Report, verify_log
from nic_node.commons.adopt import adopt_practice
from nic_node.keyring.sealing import seal_bytes
from nic_node.membership.follow import check_membership
from nic_node.membership.keys import signer
from nic_node.mirror.audit import MemberContents
from nic_node.mirror.epochs import epochs_of
from nic_node.mirror.find_mirrors import find_mirrors
from nic_node.mirror.inclusion import verify_record_inclusion
from nic_node.mirror.read import LivingRecord, list_living
from nic_node.mirror.sources import sources_of
from nic_node.mirror.tables import MirrorLog, MirrorSource
from nic_node.network.log import announce
from nic_node.network.log.announce import announce_epoch
from nic_node.network.log.tables import Log, LogRecord
from nic_node.network.members import member_of
from nic_node.network.roles import give_roles
from nic_node.publishing.sealing import release_context
from nic_node.publishing.states import OutboxState
from nic_node.publishing.tables import OutboxRow, Release
from nic_node.school.projects.write import open_project
from schemas.canonical import canonical_bytes, sha256_hex
from schemas.code import Code
from schemas.entity import TRUST_MARK_ROLES
from tests.fakes.network_log import PRACTICE
from tests.stores.publishing_stage import PROJECT
from tests.unit.app.county import County, running_county
from tests.unit.network.log.stage import shared_epoch_keys
from tests.unit.network.people_stage import StagedNode

SLOT = 3600
POLICY = {"slot_seconds": SLOT, "issue_seconds": SLOT, "active_seconds": 30 * 24 * SLOT}
SLOTS_TO_ARRIVE = 8
HASH = "0" * 64


@pytest.fixture(scope="module")
async def county(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[County]:
    """Three schools, all of them witnesses and mirrors, a term that runs, one practice, and a fourth school."""
    with pytest.MonkeyPatch.context() as patch:
        shared_epoch_keys.drawn = 0
        patch.setattr(announce, "draw_epoch_keys", shared_epoch_keys)
        async with running_county(tmp_path_factory, "abc", outside="d", **POLICY) as made:
            await make_witnesses(made)
            await open_term(made)
            await publish(made.schools[0], made.network.entity, "First")
            await arrived(made, made.schools[0])
            yield made


async def make_witnesses(county: County) -> None:
    hub = county.hub
    for member_id in county.members:
        async with hub.database.reading() as session:
            version = (await member_of(session, county.network.id, member_id)).version
        await give_roles(
            hub.local, network_id=county.network.id, member_id=member_id, roles=TRUST_MARK_ROLES, version=version,
            actor=await hub.actor(), now=hub.clock(),
        )  # fmt: skip
    await county.work()
    hub.clock.forward(minutes=12)
    for school, membership_id in zip(county.schools, county.memberships, strict=True):
        assert await check_membership(school.local, membership_id)


async def open_term(county: County) -> None:
    """Credentials, pseudonyms through relays, and the term is open: the nodes do it by themselves."""
    hub = county.hub
    await announce_epoch(hub.local, network_id=county.network.id, actor=await hub.actor(), now=hub.clock())
    await county.work(2)
    async with county.schools[0].database.reading() as session:
        (view,) = await epochs_of(session, county.network.entity)
    hub.clock.now = view.epoch.windows.issue_to
    await county.work(2)
    await hour(county)
    await hour(county)
    hub.clock.now = view.epoch.windows.active_from
    await county.work()


async def hour(county: County, hours: int = 1) -> None:
    county.hub.clock.forward(hours=hours)
    await county.work()


async def publish(school: StagedNode, network: str, title: str) -> None:
    """What a second person approved: it waits for a slot."""
    now = school.clock()
    record = canonical_bytes(PRACTICE | {"title": title})
    sealed = seal_bytes(school.local.operator_key, record, context=release_context(sha256_hex(record)))
    async with school.database.writing() as session:
        project = await open_project(session, actor=await school.actor(), values=PROJECT, now=now, today=now.date())
        release = Release(
            project_id=project.id, network=network, kind="practice", title=title, record_sha256=sha256_hex(record),
            sealed_record=sealed, policy_sha256=HASH, approved_at=now,
        )  # fmt: skip
        session.add(release)
        await session.flush()
        session.add(OutboxRow(release_id=release.id, network=network, state=OutboxState.QUEUED, updated_at=now))


async def arrived(county: County, author: StagedNode) -> None:
    """All that it shared is in the log for good: the moment in a slot is drawn, so that this may take a slot or two."""
    for _ in range(SLOTS_TO_ARRIVE):
        await hour(county)
        if all(state == OutboxState.FINAL for state, _, _ in await outbox(author)):
            return
    pytest.fail(f"What was shared did not arrive: {await outbox(author)}")


async def log_of(node: StagedNode) -> MirrorLog:
    async with node.database.reading() as session:
        return (await session.scalars(select(MirrorLog))).one()


async def living(node: StagedNode) -> list[LivingRecord]:
    async with node.database.reading() as session:
        return await list_living(session, log_ids=[(await session.scalars(select(MirrorLog.id))).one()])


async def sources(node: StagedNode) -> list[MirrorSource]:
    log = await log_of(node)
    async with node.database.reading() as session:
        return await sources_of(session, log)


async def outbox(node: StagedNode) -> list[tuple[str, int, str]]:
    async with node.database.reading() as session:
        rows = await session.scalars(select(OutboxRow).order_by(OutboxRow.id))
        return [(row.state, row.tries, row.problem) for row in rows]


async def test_a_new_member_reads_everything_from_the_others(county: County) -> None:
    """It was admitted, and learned who serves copies, an instant before the network was gone."""
    (newcomer,) = county.outside
    await county.admit(newcomer)
    await county.work(2)
    assert await find_mirrors(newcomer.local, county.memberships[3]) == 3
    county.schools.append(newcomer)
    await county.hub.server.close()

    await county.work(3)  # asked by a stranger, each mirror learns its keys first

    log, other = await log_of(newcomer), await log_of(county.schools[0])
    assert (log.state, log.mirrored, log.size) == ("live", other.size, other.size)
    assert log.checkpoint == other.checkpoint, "with all its cosignatures"
    assert (log.final_size, log.is_witnessed, log.cosigned, log.witnesses) == (log.size, True, 3, 3)
    (record,) = await living(newcomer)
    assert [record.payload["title"]] == ["First"]
    async with newcomer.database.reading() as session:
        proof = await verify_record_inclusion(session, record.record_id)
    async with county.schools[0].database.reading() as session:
        assert await verify_record_inclusion(session, record.record_id) == proof
    first, *copies = await sources(newcomer)
    assert (first.url, first.answered_at) == (log.log_url, None)
    assert any(copy.answered_at is not None for copy in copies)


async def test_it_serves_a_copy_itself_that_verifies_whole(county: County) -> None:
    newcomer = county.schools[3]
    origin = (await log_of(newcomer)).origin
    url = f"{newcomer.local.entity_id}/mirror/{hashlib.sha256(origin.encode()).hexdigest()}"
    local = county.schools[0].local
    async with local.database.reading() as session:
        reader = MemberContents(local.client, url, await signer(local, session))
    early = [step async for step in verify_log(reader, Pins(), reader)][-1]
    assert isinstance(early, Report)
    # It learns the asker's keys first, unless the asker has sent something through it already: when is drawn.
    assert {fault.code for fault in early.faults} <= {Code.PEER_REFUSED}
    await newcomer.work()
    report = [step async for step in verify_log(reader, Pins(), reader)][-1]
    assert isinstance(report, Report)
    assert (report.refused, report.faults, report.records, report.is_final) == ((), (), 1, True)
    assert report.contents == {"living": 1, "newer": 0, "strays": 0}
    stranger, path = newcomer.browser().client, url.removeprefix(newcomer.local.entity_id)
    async with newcomer.database.reading() as session:
        (view,) = await epochs_of(session, county.network.entity)
    policy = await stranger.get(f"{path}/documents/{view.epoch.policy_sha256}")
    assert (policy.status, (await policy.json())["slot_seconds"]) == (200, SLOT)
    for name in (f"blobs/000.p/{report.size}", f"blob/{HASH}"):
        assert (await stranger.get(f"{path}/{name}")).status == 401, name


async def test_search_page_and_adoption_go_on(county: County) -> None:
    newcomer = county.schools[3]
    (record,) = await living(newcomer)
    browser = await newcomer.signed_in()
    found = await (await browser.client.get("/learn?q=first")).text()
    assert "First" in found
    page = await browser.client.get("/log")
    assert "confirmed by 3 of 3 witnesses" in await page.text()
    async with newcomer.database.writing() as session:
        project = await adopt_practice(
            session, actor=await newcomer.actor(), record_id=record.record_id, starts_on=newcomer.clock().date(),
            now=newcomer.clock(),
        )  # fmt: skip
    assert project.origin_record == record.record_id


async def test_what_is_shared_waits_and_nothing_is_blamed_for_it(county: County) -> None:
    author = county.schools[1]
    await publish(author, county.network.entity, "Second")
    for _ in range(4):
        await hour(county, 6)
    ((state, tries, problem),) = await outbox(author)
    assert (state, tries) == ("on-its-way", 0)
    assert "log does not have it" not in problem
    for school in county.schools:
        assert [record.payload["title"] for record in await living(school)] == ["First"]
        log, *copies = await sources(school)
        assert log.failures > 0
        assert any(copy.failures == 0 for copy in copies)
        assert (await log_of(school)).state == "live"
        assert [copy.stopped_at for copy in copies] == [None] * len(copies)


async def test_once_the_network_is_back_everything_arrives_once(county: County) -> None:
    await county.hub.listen_again(int(county.network.entity.split(":")[2].split("/")[0]))
    await arrived(county, county.schools[1])
    await county.work()
    async with county.hub.database.reading() as session:
        written = (await session.scalars(select(Log))).one()
        assert len(list(await session.scalars(select(LogRecord)))) == 2
    for school in county.schools:
        titles = sorted(record.payload["title"] for record in await living(school))
        assert titles == ["First", "Second"]
        log, *_ = await sources(school)
        assert (log.failures, log.size) == (0, written.signed_size)
        assert (await log_of(school)).current_at == log.answered_at
