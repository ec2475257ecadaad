"""A network below another, on both databases: applying, being vetted, being vouched for, its terms, leaving."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from federation.entities import verify_entity_configuration
from federation.jws import peek_jws
from nic_node.db.engine import Database
from nic_node.errors import Conflict, InvalidInput
from nic_node.mail.tables import Mail
from nic_node.membership.look_up import look_up
from nic_node.network.above.again import appeal_above, renew_above, terms_above
from nic_node.network.above.belong import accept_above, apply_above, confirm_above, leave_above
from nic_node.network.above.follow import check_superior
from nic_node.network.above.read import is_followed, lets_read, standing_of, superior_of
from nic_node.network.above.tables import NetworkSuperior
from nic_node.network.appeal import voice_appeal
from nic_node.network.confirm import give_code
from nic_node.network.decide import approve, decide
from nic_node.network.log.queue import log_of
from nic_node.network.members import member_by_entity
from nic_node.network.policy import change_policy
from nic_node.network.read import network_of
from nic_node.network.remind import remind_of_ends
from nic_node.network.renew import renew
from nic_node.network.statements import network_configuration, subordinate_statement, trust_mark
from nic_node.network.tables import Member, Network
from nic_node.network.transitions import Move
from nic_node.network.vet import ask_host, settle_check
from schemas.entity import ENTITY_STATEMENT_TYP
from schemas.limits import ENTITY_STATEMENT_MAX_BYTES
from tests.conftest import TestClock
from tests.unit.network.people_stage import StagedNode, found, invitation_link, running_node

CONTACT = {"name": "Noor Haddad", "email": "office@district.example"}


@dataclass
class Ladder:
    """A state network and a district's, on one node."""

    node: StagedNode
    state: Network
    district: Network

    async def apply(self) -> int:
        link = await invitation_link(self.node, self.state)
        offer = await look_up(self.node.local, link, now=self.node.clock())
        superior_id = await apply_above(
            self.node.local,
            actor=await self.node.actor(),
            network_id=self.district.id,
            offer=offer,
            contact=CONTACT,
            now=self.node.clock(),
        )
        assert await check_superior(self.node.local, superior_id)
        return superior_id

    async def member(self) -> Member:
        async with self.node.database.reading() as session:
            found = await member_by_entity(session, self.state.id, self.district.entity)
        assert found is not None
        return found

    async def let_in(self, superior_id: int) -> None:
        """As a coordinator above would: keys seen, code given and sent back, the rest settled."""
        member, actor, now = await self.member(), await self.node.actor(), self.node.clock()
        assert await ask_host(self.node.local, member.id)
        it: dict[str, Any] = {"network_id": self.state.id, "member_id": member.id, "actor": actor, "now": now}
        async with self.node.database.writing() as session:
            code = await give_code(session, node=self.node.local, **it)
            for check in ("host", "directory"):
                await settle_check(session, check=check, **it)
        await confirm_above(
            self.node.local, actor=actor, network_id=self.district.id, superior_id=superior_id, code=code, now=now
        )
        async with self.node.database.writing() as session:
            await approve(session, self.node.local, version=(await self.member()).version, **it)
        assert await check_superior(self.node.local, superior_id)

    async def superior(self, superior_id: int) -> NetworkSuperior:
        async with self.node.database.reading() as session:
            return await superior_of(session, self.district.id, superior_id)

    async def change(self, **policy: Any) -> None:
        async with self.node.database.writing() as session:
            state = await network_of(session, self.state.id)
            await change_policy(
                session,
                network_id=state.id,
                policy=policy,
                charter={},
                version=state.version,
                actor=await self.node.actor(),
                now=self.node.clock(),
            )


@pytest.fixture
async def ladder(database: Database, clock: TestClock, tmp_path: Path) -> AsyncIterator[Ladder]:
    async with running_node(database, clock, tmp_path) as node:
        yield Ladder(node, await found(node, "state"), await found(node, "district"))


async def test_a_network_is_vetted_and_vouched_for_like_a_school(ladder: Ladder) -> None:
    superior_id = await ladder.apply()
    assert (await ladder.superior(superior_id)).state == "applied"
    await ladder.let_in(superior_id)
    row = await ladder.superior(superior_id)
    assert (row.state, row.problem, row.confirmed, row.reads_across) == ("approved", "", True, False)
    assert row.holds_until is not None
    local = ladder.node.local
    async with local.database.reading() as session:
        own = verify_entity_configuration(
            await network_configuration(local, session, ladder.district),
            now=local.clock(),
            allow_insecure_loopback=True,
        )
        said = await subordinate_statement(local, session, ladder.state, ladder.district.entity)
        marked = await trust_mark(
            local, session, ladder.state, kind=f"{ladder.state.entity}/marks/publisher", subject=ladder.district.entity
        )
        leaves = (await log_of(session, ladder.state.id)).approved_members
    assert own.authority_hints == (ladder.state.entity,)
    assert own.metadata["nic_network"]["superiors"] == [{"entity": ladder.state.entity, "jkts": row.pinned}]
    assert said is not None
    payload = peek_jws(said, typ=ENTITY_STATEMENT_TYP, max_bytes=ENTITY_STATEMENT_MAX_BYTES).payload
    assert payload["constraints"] == {"max_path_length": 1, "allowed_entity_types": ["nic_network", "nic_node"]}
    assert (marked, leaves) == (None, 0), "a network publishes nothing, and hides nobody in the log's count"
    session_get = ladder.node.browser().client.get
    for query, expected in (
        ("", [ladder.district.entity]),
        ("?entity_type=nic_network", [ladder.district.entity]),
        ("?entity_type=nic_node", []),
        ("?intermediate=true", [ladder.district.entity]),
    ):
        answer = await session_get(f"/net/state/federation/list{query}")
        assert await answer.json() == expected, query


async def test_reading_across_takes_both_words_and_ends_with_either(ladder: Ladder) -> None:
    superior_id = await ladder.apply()
    await ladder.let_in(superior_id)
    now = ladder.node.clock()
    await ladder.change(reads_across=True)
    assert await check_superior(ladder.node.local, superior_id)
    row = await ladder.superior(superior_id)
    assert row.reads_across
    assert not lets_read(row, now), "the network below accepted a policy that did not say so"
    actor = await ladder.node.actor()
    it: dict[str, Any] = {"actor": actor, "network_id": ladder.district.id, "superior_id": superior_id, "now": now}
    async with ladder.node.database.writing() as session:
        with pytest.raises(Conflict):
            await accept_above(session, policy_sha256=row.policy_accepted, **it)
        await accept_above(session, policy_sha256=row.policy_sha256, **it)
    row = await ladder.superior(superior_id)
    assert lets_read(row, now)
    assert row.holds_until is not None
    assert not lets_read(row, row.holds_until), "its word runs out"
    await ladder.change(reads_across=False)
    assert await check_superior(ladder.node.local, superior_id)
    assert not lets_read(await ladder.superior(superior_id), now)


async def test_who_leaves_is_vouched_for_no_more(ladder: Ladder) -> None:
    superior_id = await ladder.apply()
    with pytest.raises(Conflict):
        await ladder.apply()
    await ladder.let_in(superior_id)
    await leave_above(
        ladder.node.local,
        actor=await ladder.node.actor(),
        network_id=ladder.district.id,
        superior_id=superior_id,
        now=ladder.node.clock(),
    )
    assert (await ladder.superior(superior_id)).state == "left"
    assert (await ladder.member()).state == "left"
    async with ladder.node.database.reading() as session:
        assert await subordinate_statement(ladder.node.local, session, ladder.state, ladder.district.entity) is None
    again = await ladder.apply()
    assert (again, (await ladder.superior(again)).state) == (superior_id, "applied")


async def test_who_is_suspended_is_followed_on_and_comes_back_by_itself(ladder: Ladder) -> None:
    superior_id = await ladder.apply()
    await ladder.let_in(superior_id)
    for to_state, reason in (("suspended", "conduct"), ("approved", "checks-passed")):
        await decide_above(ladder, to_state, reason)
        assert await check_superior(ladder.node.local, superior_id)
        assert (await ladder.superior(superior_id)).state == to_state
    assert (await ladder.superior(superior_id)).holds_until is not None


async def decide_above(ladder: Ladder, to_state: str, reason: str) -> None:
    member = await ladder.member()
    move = Move(to_state=to_state, reason=reason, actor=await ladder.node.actor())
    it: dict[str, Any] = {"network_id": ladder.state.id, "member_id": member.id, "move": move}
    async with ladder.node.database.writing() as session:
        await decide(session, ladder.node.local, version=member.version, now=ladder.node.clock(), **it)


async def letters(ladder: Ladder, event: str) -> list[Mail]:
    async with ladder.node.database.reading() as session:
        chosen = select(Mail).where(Mail.event == event, Mail.to_address == CONTACT["email"])
        return list((await session.scalars(chosen)).all())


async def test_a_network_asks_for_its_next_term_and_gets_it(ladder: Ladder, clock: TestClock) -> None:
    superior_id = await ladder.apply()
    await ladder.let_in(superior_id)
    local, actor = ladder.node.local, await ladder.node.actor()
    it: dict[str, Any] = {"actor": actor, "network_id": ladder.district.id, "superior_id": superior_id}
    end = (await ladder.member()).expires_at
    terms = await terms_above(local, **it)
    with pytest.raises(InvalidInput):
        await renew_above(local, accepted=terms.accepted, now=clock(), **it)
    clock.forward(days=330)
    assert await remind_of_ends(local, now=clock()) == 1
    [mail] = await letters(ladder, "expiring")
    home = local.config.public_url
    assert f"\n{home}/network\n" in mail.text
    assert "Networks above" in mail.text
    assert "school’s" not in mail.text
    await ladder.change(reads_across=True)
    with pytest.raises(InvalidInput):
        await renew_above(local, accepted=terms.accepted, now=clock(), **it)

    terms = await terms_above(local, **it)
    assert terms.changed
    browser, path = await ladder.node.signed_in(), f"/networks/{ladder.district.id}/superiors/{superior_id}"
    told = await (await browser.call("GET", f"{path}/terms/today")).json()
    assert "policy_sha256" in told, told
    hashes = {name: told[name] for name in ("policy_sha256", "charter_sha256")}
    answer = await (await browser.call("POST", f"{path}/renewal", hashes)).json()
    assert (answer["renewal_asked"], answer["state"]) == (clock().isoformat(), "approved")

    row = await ladder.superior(superior_id)
    assert (standing_of(row).expires, standing_of(row).renewal_asked) == (end, clock())
    assert row.reads_across_accepted
    member = await ladder.member()
    async with ladder.node.database.writing() as session:
        versions = {member.id: member.version}
        await renew(session, local, network_id=ladder.state.id, versions=versions, actor=actor, now=clock())
    assert await check_superior(local, superior_id)
    standing = standing_of(await ladder.superior(superior_id))
    assert end is not None
    assert standing.expires == end + timedelta(days=365)
    assert standing.renewal_asked is None
    assert "What it means: your network now belongs there until" in (await letters(ladder, "renewed"))[0].text


async def test_a_revoked_network_reads_why_appeals_and_is_an_applicant_again(ladder: Ladder, clock: TestClock) -> None:
    superior_id = await ladder.apply()
    await ladder.let_in(superior_id)
    local, actor = ladder.node.local, await ladder.node.actor()
    it: dict[str, Any] = {"actor": actor, "network_id": ladder.district.id, "superior_id": superior_id}
    terms = await terms_above(local, **it)
    with pytest.raises(Conflict):
        await appeal_above(local, text="Why?", accepted=terms.accepted, now=clock(), **it)
    await decide_above(ladder, "revoked", "conduct")
    assert await check_superior(local, superior_id)
    row = await ladder.superior(superior_id)
    assert (row.state, standing_of(row).moves[-1]["reason"], is_followed(row)) == ("revoked", "conduct", False)
    with pytest.raises(Conflict) as caught:
        await ladder.apply()
    assert "appeal" in caught.value.sentence.lower()
    browser, above = await ladder.node.signed_in(), f"/network/{ladder.district.id}/above"
    page = await (await browser.get(above)).text()
    assert f"{above}/{superior_id}/appeal" in page
    assert "Only a granted appeal opens the door again" in page
    hashes = {"policy_sha256": terms.policy_sha256, "charter_sha256": terms.charter_sha256}
    assert "this network in again" in await (await browser.get(f"{above}/{superior_id}/appeal")).text()
    empty = await browser.send(f"{above}/{superior_id}/appeal", {**hashes, "accepted": "1", "text": " "})
    assert (empty.status, "1 to 2,000 characters" in await empty.text()) == (422, True)
    sent = await browser.send(f"{above}/{superior_id}/appeal", {**hashes, "accepted": "1", "text": "All is settled."})
    assert sent.status == 303
    row = await ladder.superior(superior_id)
    assert (standing_of(row).is_appeal_open, is_followed(row)) == (True, True)
    member = await ladder.member()
    clock.forward(days=15)
    async with ladder.node.database.writing() as session:
        await voice_appeal(
            session,
            local,
            network_id=ladder.state.id,
            member_id=member.id,
            grants=True,
            note="",
            version=member.version,
            actor=actor,
            now=clock(),
        )
    assert await check_superior(local, superior_id)
    assert (await ladder.superior(superior_id)).state == "applied"
    assert "your network is an applicant again" in (await letters(ladder, "appeal-granted"))[0].text
