"""A network and three schools, whole nodes with HTTP between them: from two members that vouch to a witnessed log."""

import hashlib
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from federation.epochs import read_epoch
from federation.judge import Pins
from federation.keys import generate_private_jwk, thumbprint
from federation.tlog.checkpoint import read_checkpoint, sign_checkpoint
from federation.tlog.note import parse_vkey
from federation.tlog.witness import AddCheckpoint, build_add_checkpoint
from federation.verify_log import Report, verify_log
from nic_node.keyring.keys import load_private_jwk
from nic_node.membership.follow import check_membership
from nic_node.membership.read import membership_of
from nic_node.mirror.epochs import member_keys, newest_final_epoch
from nic_node.mirror.source import HttpLog
from nic_node.network.log import announce
from nic_node.network.log.announce import announce_epoch
from nic_node.network.log.queue import queue_member_leaf
from nic_node.network.log.read import log_status
from nic_node.network.log.tables import EpochRecord
from nic_node.network.members import member_of
from schemas.states import APPROVED
from tests.unit.app.county import County, running_county
from tests.unit.network.log.stage import shared_epoch_keys


@pytest.fixture(scope="module")
async def county(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[County]:
    async with running_county(tmp_path_factory) as made:
        yield made


async def test_before_there_are_witnesses_two_members_vouch(county: County) -> None:
    await county.work()
    assert (await county.status()).final_size < (await county.status()).size == 4, "the others have not read it yet"
    await county.work(2)
    status = await county.status()
    assert (status.final_size, status.is_witnessed, status.cosigned, status.witnesses) == (4, False, 2, 2)
    school = county.schools[0]
    async with school.database.reading() as session:
        assert len(await member_keys(session, county.network.entity)) == 3
    browser = await school.signed_in()
    page = await (await browser.client.get("/log")).text()
    assert "2 other members that this node asked see the same log" in page


async def test_a_copy_is_a_log_that_verifies_whole(county: County) -> None:
    origin = (await county.status()).network.split("://")[1] + "/log/1"
    url = f"{county.schools[1].local.entity_id}/mirror/{hashlib.sha256(origin.encode()).hexdigest()}"
    reader = HttpLog(county.hub.local.client, url)
    steps = [step async for step in verify_log(reader, Pins())]
    report = steps[-1]
    assert isinstance(report, Report)
    assert (report.ok, report.size, report.origin) == (True, 4, origin)
    browser = county.schools[1].browser().client
    for path in ("tile/0/000", "tile/0/000.p/9", "tile/0/000.p/04", "tile/1/000", "checkpoint/"):
        assert (await browser.get(f"{url[len(county.schools[1].local.entity_id) :]}/{path}")).status == 404, path
    assert (await browser.get(f"/mirror/{'0' * 64}/checkpoint")).status == 404
    whole = await browser.get(f"{url[len(county.schools[1].local.entity_id) :]}/checkpoint")
    same = await browser.get(whole.url.path, headers={"If-None-Match": whole.headers["ETag"]})
    assert (whole.status, same.status, await same.read()) == (200, 304, b"")
    narrower = await browser.get(f"{url[len(county.schools[1].local.entity_id) :]}/tile/entries/000.p/2")
    assert (narrower.status, len(await narrower.read()) > 0) == (200, True)


async def test_nobody_without_the_mark_is_a_witness(county: County) -> None:
    answer = await county.ask_witness(build_add_checkpoint(AddCheckpoint(0, (), await county.note())))
    assert answer.status == 404


async def test_coordinators_give_the_role_and_the_next_term_names_the_witnesses(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared_epoch_keys.drawn = 0
    monkeypatch.setattr(announce, "draw_epoch_keys", shared_epoch_keys)
    browser = await county.hub.signed_in()
    at = f"/network/{county.network.id}/members/{county.members[0]}"
    page = await (await browser.client.get(at)).text()
    assert "confirms that the log only grows" in page
    await browser.get(at)
    answer = await browser.send(f"{at}/roles", {"roles": ["publisher", "witness"], "version": await version(county, 0)})
    assert answer.status == 303, await answer.text()
    for place in (1, 2):
        answer = await browser.call(
            "POST",
            f"/networks/{county.network.id}/members/{county.members[place]}/roles",
            {"roles": ["publisher", "witness", "mirror"], "if_version": await version(county, place)},
        )
        assert answer.status == 200, await answer.text()
    county.hub.clock.forward(minutes=12)
    for school, membership_id in zip(county.schools, county.memberships, strict=True):
        assert await check_membership(school.local, membership_id)
    async with county.schools[1].database.reading() as session:
        roles = (await membership_of(session, county.memberships[1])).roles
    assert {role.rpartition("/")[2] for role in roles} == {"publisher", "witness", "mirror"}

    actor = await county.hub.actor()
    await announce_epoch(county.hub.local, network_id=county.network.id, actor=actor, now=county.hub.clock())
    await county.hub.work()
    async with county.hub.database.reading() as session:
        epoch = read_epoch((await session.scalars(select(EpochRecord.payload))).one())
    assert [key.name for key in epoch.witnesses] == sorted(
        f"{school.local.entity_id.split('://')[1]}/witness" for school in county.schools
    )
    assert epoch.quorum == 2


async def version(county: County, place: int) -> int:
    async with county.hub.database.reading() as session:
        return (await member_of(session, county.network.id, county.members[place])).version


async def test_the_log_is_final_by_its_witnesses(county: County) -> None:
    await county.work(2)
    status = await county.status()
    assert (status.final_size, status.size) == (status.size, status.size)
    assert (status.is_witnessed, status.cosigned, status.witnesses) == (True, 3, 3)
    school = county.schools[0]
    async with school.database.reading() as session:
        final = await newest_final_epoch(session, county.network.entity)
    assert final is not None
    browser = await school.signed_in()
    page = await (await browser.client.get("/log")).text()
    assert "confirmed by 3 of 3 witnesses." in page
    async with county.hub.database.reading() as session:
        log = await log_status(session, county.network.id)
    assert (log.cosigned, log.quorum) == (3, 2)
    coordinator = await county.hub.signed_in()
    page = await (await coordinator.client.get(f"/network/{county.network.id}/log")).text()
    assert "3 of 3 have confirmed all that is signed" in page


async def test_a_witness_answers_by_the_letter_of_the_specification(county: County) -> None:
    note = await county.note()
    size = read_checkpoint(note).size
    again = await county.ask_witness(build_add_checkpoint(AddCheckpoint(size, (), note)))
    assert (again.status, (await again.text())[:2]) == (200, "\u2014 ")
    stale = await county.ask_witness(build_add_checkpoint(AddCheckpoint(1, (), note)))
    assert (stale.status, stale.headers["Content-Type"], await stale.text()) == (409, "text/x.tlog.size", f"{size}\n")
    beyond = await county.ask_witness(build_add_checkpoint(AddCheckpoint(size + 1, (), note)))
    assert beyond.status == 400
    proof = await county.ask_witness(build_add_checkpoint(AddCheckpoint(size, (bytes(32),), note)))
    assert proof.status == 422
    assert (await county.ask_witness(b"old x\n\n" + note)).status == 400
    assert (await county.ask_witness(b"x" * 40_000)).status == 413
    stranger = sign_checkpoint(read_checkpoint(note), generate_private_jwk("Ed25519"))
    assert (await county.ask_witness(build_add_checkpoint(AddCheckpoint(size, (), stranger)))).status == 403
    unknown = note.replace(b"north-coast", b"south-coast")
    assert (await county.ask_witness(build_add_checkpoint(AddCheckpoint(size, (), unknown)))).status == 404


async def test_one_witness_down_changes_nothing_two_make_it_provisional(county: County) -> None:
    ports = [school.server.port for school in county.schools]
    await county.schools[2].server.close()
    await grow(county)
    await county.work()
    status = await county.status()
    assert (status.final_size, status.cosigned, status.witnesses) == (status.size, 2, 3)

    await county.schools[1].server.close()
    await grow(county)
    await county.work()
    behind = await county.status()
    assert (behind.final_size, behind.is_witnessed) == (status.size, True)
    assert behind.size > behind.final_size
    browser = await county.schools[0].signed_in()
    assert "too few witnesses have confirmed" in await (await browser.client.get("/log")).text()
    for path in ("/log", "/learn"):
        page = await (await browser.client.get(path)).text()
        assert "wait for more witnesses" in page or "waits for more witnesses" in page
        assert "confirmed by" not in page, "of what is newer than that"

    for place in (1, 2):
        await county.schools[place].listen_again(ports[place])
    await county.work(2)
    healed = await county.status()
    assert (healed.final_size, healed.cosigned) == (healed.size, 3)


async def grow(county: County) -> None:
    """One more entry: a member's federation key is changed."""
    async with county.hub.database.writing() as session:
        member = await member_of(session, county.network.id, county.members[2])
        await queue_member_leaf(
            session,
            operator_key=county.hub.local.operator_key,
            network_id=county.network.id,
            entity=member.entity,
            jkt=thumbprint(generate_private_jwk("ES256")),
            from_state=APPROVED,
            to_state=APPROVED,
            now=county.hub.clock(),
        )


async def test_two_histories_freeze_the_log_at_a_witness_that_both_were_shown(county: County) -> None:
    note = await county.note()
    checkpoint = read_checkpoint(note)
    async with county.hub.database.reading() as session:
        private = await load_private_jwk(
            session,
            operator_key=county.hub.local.operator_key,
            entity_id=county.network.entity,
            kid=thumbprint(parse_vkey(county.network.log_key).jwk),
        )
    other = sign_checkpoint(type(checkpoint)(checkpoint.origin, checkpoint.size, bytes(32)), private)
    answer = await county.ask_witness(build_add_checkpoint(AddCheckpoint(checkpoint.size, (), other)))
    assert (answer.status, (await answer.json(content_type=None))["code"]) == (409, "log-forked")
    assert (await county.status()).state == "frozen"
    frozen = await county.ask_witness(build_add_checkpoint(AddCheckpoint(checkpoint.size, (), note)))
    assert frozen.status == 403
