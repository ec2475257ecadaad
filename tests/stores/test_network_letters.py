"""What a network writes to schools and coordinators: where the move happens, complete in plain text, each once."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from nic_node.db.engine import Database
from nic_node.errors import Conflict
from nic_node.mail.tables import Mail
from nic_node.network.appeal import take_appeal, voice_appeal
from nic_node.network.decide import approve, decide, end_by_member, expire_members
from nic_node.network.remind import remind_of_ends
from nic_node.network.renew import decline_renewal, renew
from nic_node.network.tables import Member
from nic_node.network.transitions import Move
from schemas.states import APPROVED, REJECTED, REVOKED, SUSPENDED
from tests.conftest import TestClock
from tests.stores.network_stage import Stage, school, staged

OFFICE = "office@school.example"


@pytest.fixture
async def stage(database: Database, clock: TestClock, tmp_path: Path) -> Stage:
    return await staged(database, clock, tmp_path)


async def letters(stage: Stage, event: str | None = None) -> list[Mail]:
    async with stage.database.reading() as session:
        chosen = select(Mail).order_by(Mail.id)
        return list((await session.scalars(chosen if event is None else chosen.where(Mail.event == event))).all())


async def approved(stage: Stage, number: int = 1) -> Member:
    member = await stage.vetted(school(number))
    async with stage.database.writing() as session:
        return await approve(
            session,
            stage.node,
            network_id=stage.network.id,
            member_id=member.id,
            actor=stage.people[0],
            version=member.version,
            note="Welcome <all>",
            now=stage.clock(),
        )


async def moved(stage: Stage, member: Member, to_state: str, reason: str, note: str = "") -> Member:
    async with stage.database.writing() as session:
        return await decide(
            session,
            stage.node,
            network_id=stage.network.id,
            member_id=member.id,
            move=Move(to_state=to_state, reason=reason, note=note, actor=stage.people[0]),
            version=member.version,
            now=stage.clock(),
        )


async def test_an_application_is_told_to_the_school_and_to_each_coordinator(stage: Stage) -> None:
    one = school()
    token = one.application(stage.network, await stage.invite(), stage.clock())
    await stage.take(token)
    await stage.take(token)  # the same again tells nobody twice
    found = [(mail.event, mail.to_address, mail.desk) for mail in await letters(stage)]
    desk = f"network:{stage.network.id}"
    assert sorted(found) == [
        ("application", "ada@hub.example", desk),
        ("application", "ben@hub.example", desk),
        ("applied", OFFICE, desk),
    ]
    (applied,) = await letters(stage, "applied")
    assert "https://school-1.example/network" in applied.text
    assert (
        f"https://hub.example/network/{stage.network.id}/applications" in (await letters(stage, "application"))[0].text
    )


async def test_each_decision_says_what_why_and_what_next(stage: Stage) -> None:
    member = await approved(stage)
    (mail,) = await letters(stage, "approved")
    assert mail.subject == "School at https://school-1.example is a member of The hub"
    assert "Checks passed. Every check of the application was in order." in mail.text
    assert "Welcome <all>" in mail.text
    assert "Welcome &lt;all&gt;" in mail.html
    assert "October 27, 2027" in mail.text
    assert mail.reply_to == "ada@hub.example"
    member = await moved(stage, member, SUSPENDED, "conduct", "Call us.\nSoon.")
    member = await moved(stage, member, APPROVED, "reinstated")
    member = await moved(stage, member, REVOKED, "privacy-breach")
    rejected = await stage.applied(school(2))
    await moved(stage, rejected, REJECTED, "other", "You are a company.")
    told = [
        mail for mail in await letters(stage) if mail.to_address == OFFICE and mail.event not in ("applied", "approved")
    ]
    assert [mail.event for mail in told] == ["suspended", "reinstated", "revoked", "rejected"]
    for mail in told:
        assert "What it means:" in mail.text
        assert "What to do:" in mail.text
        assert "\n\n\n\n" not in mail.text
    assert "Call us.\nSoon." in told[0].text
    assert "A coordinator adds" not in told[1].text
    assert "You are a company." in told[3].text


async def test_a_decision_that_fails_tells_nobody(stage: Stage) -> None:
    member = await approved(stage)
    await moved(stage, member, SUSPENDED, "conduct")
    before = len(await letters(stage))
    with pytest.raises(Conflict):
        await moved(stage, member, REVOKED, "conduct")
    assert len(await letters(stage)) == before


async def test_what_the_school_does_itself_is_not_told_to_it(stage: Stage) -> None:
    member = await approved(stage)
    before = len(await letters(stage))
    async with stage.database.writing() as session:
        kept = await session.get(Member, member.id, with_for_update=True)
        assert kept is not None
        await end_by_member(session, stage.node, member=kept, actor=stage.people[0], version=None, now=stage.clock())
    assert len(await letters(stage)) == before


@pytest.mark.parametrize("address", ["", "office", "a@b.example\nBcc: all@b.example"])
async def test_a_contact_without_a_usable_address_gets_none(stage: Stage, address: str) -> None:
    member = await stage.vetted(school())
    async with stage.database.writing() as session:
        kept = await session.get(Member, member.id)
        assert kept is not None
        kept.contact = {"email": address} if address else {}
    await moved(stage, await stage.member(member.id), REJECTED, "not-eligible")
    assert await letters(stage, "rejected") == []


async def test_a_term_that_ends_is_told_60_30_and_7_days_before_each_once(stage: Stage) -> None:
    await approved(stage)
    start, seen = stage.clock(), list[tuple[int, str]]()
    for day in (0, 200, 304, 305, 306, 334, 335, 336, 357, 358, 359, 364):
        stage.clock.now = start + timedelta(days=day)
        await remind_of_ends(stage.node, now=stage.clock())
        mails = await letters(stage, "expiring")
        if len(mails) > len(seen):
            seen.append((365 - day, mails[-1].subject))
    assert [days for days, _ in seen] == [60, 30, 7]
    assert seen[2][1] == "The membership of School at https://school-1.example in The hub ends in 7 days"
    stage.clock.now = start + timedelta(days=365)
    async with stage.database.writing() as session:
        assert await expire_members(session, stage.node, now=stage.clock()) == 1
    assert await remind_of_ends(stage.node, now=stage.clock()) == 0
    (ended,) = await letters(stage, "expired")
    assert "apply again" in ended.text


async def test_a_node_that_was_down_reminds_once_and_not_thrice(stage: Stage) -> None:
    await approved(stage)
    await approved(stage, 2)
    stage.clock.forward(days=364, hours=1)
    assert await remind_of_ends(stage.node, now=stage.clock()) == 2
    assert await remind_of_ends(stage.node, now=stage.clock() + timedelta(hours=1)) == 0
    assert "ends tomorrow" in (await letters(stage, "expiring"))[0].subject


async def test_a_renewal_is_answered_whichever_way(stage: Stage) -> None:
    granted, declined = await approved(stage), await approved(stage, 2)
    stage.clock.forward(days=340)
    async with stage.database.writing() as session:
        await session.execute(update(Member).values(renewal_asked_at=stage.clock()))
    async with stage.database.writing() as session:
        ours = {"network_id": stage.network.id, "actor": stage.people[0], "now": stage.clock()}
        await renew(session, stage.node, versions={granted.id: granted.version}, **ours)
        await decline_renewal(
            session, stage.node, member_id=declined.id, version=declined.version, note="Seen by nobody.", **ours
        )
    (mail,) = await letters(stage, "renewed")
    assert mail.to_address == OFFICE
    assert "holds until October 26, 2028" in mail.text
    assert "A coordinator adds" not in mail.text
    (mail,) = await letters(stage, "renewal-declined")
    assert mail.subject == "The membership of School at https://school-2.example in The hub is not renewed"
    assert "stays a member until October 27, 2027" in mail.text
    assert "Seen by nobody." in mail.html


@pytest.mark.parametrize("grants", [True, False])
async def test_an_appeal_is_answered_once_it_is_decided(stage: Stage, *, grants: bool) -> None:
    member = await moved(stage, await approved(stage), REVOKED, "conduct")
    said = {"policy_sha256": stage.network.policy_sha256, "charter_sha256": stage.network.charter_sha256}
    async with stage.database.writing() as session:
        kept = await session.get_one(Member, member.id, with_for_update=True)
        await take_appeal(
            session, member=kept, said={"text": "It is mended.", **said}, actor=stage.people[0], now=stage.clock()
        )
    event = "appeal-granted" if grants else "appeal-declined"
    for who in range(2 if grants else 1):
        assert await letters(stage, event) == []
        async with stage.database.writing() as session:
            await voice_appeal(
                session,
                stage.node,
                network_id=stage.network.id,
                member_id=member.id,
                grants=grants,
                note="We looked at it.",
                version=(await stage.member(member.id)).version,
                actor=stage.people[who],
                now=stage.clock(),
            )
    (mail,) = await letters(stage, event)
    assert (mail.to_address, mail.reply_to) == (OFFICE, "ben@hub.example" if grants else "ada@hub.example")
    assert "We looked at it." in mail.text
    assert "What it means:" in mail.text
    assert "What to do:" in mail.text


async def test_who_asked_for_the_next_term_is_not_reminded(stage: Stage) -> None:
    member = await approved(stage)
    async with stage.database.writing() as session:
        await session.execute(update(Member).where(Member.id == member.id).values(renewal_asked_at=stage.clock()))
    stage.clock.forward(days=340)
    assert await remind_of_ends(stage.node, now=stage.clock()) == 0


async def test_a_new_term_is_reminded_of_anew(stage: Stage) -> None:
    member = await approved(stage)
    stage.clock.forward(days=340)
    assert await remind_of_ends(stage.node, now=stage.clock()) == 1
    async with stage.database.writing() as session:
        kept = await session.get(Member, member.id)
        assert kept is not None
        assert kept.expires_at is not None
        kept.expires_at += timedelta(days=365)
    assert await remind_of_ends(stage.node, now=stage.clock()) == 0
    stage.clock.forward(days=365)
    assert await remind_of_ends(stage.node, now=stage.clock()) == 1
