"""A list of schools to invite: added whole, written to by the worker, reminded, and let be once they answer."""

import asyncio
import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from federation.errors import Untrusted
from nic_node.db.engine import Database
from nic_node.errors import Conflict, NotAllowed, NotFound
from nic_node.mail.states import HELD, SENT
from nic_node.mail.tables import Mail
from nic_node.network.invitees.find import Listed, list_invitees
from nic_node.network.invitees.keep import (
    Compared,
    add_to_list,
    choose_reminders,
    invite_all,
    remind_all,
    settle_invitee,
)
from nic_node.network.invitees.read_list import Row, read_list
from nic_node.network.invitees.tables import Invitee
from nic_node.network.invitees.write import remind_silent, write_wanted
from nic_node.network.tables import Invitation, Member
from schemas.code import Code
from schemas.membership import read_invitation
from tests.conftest import TestClock
from tests.stores.network_stage import Stage, school, staged

OAK, ELM, ASH = read_list("Oak,oak@d.example,North,1\nElm School,elm@d.example\nÁsh,ash@d.example").verify()


@pytest.fixture
async def stage(database: Database, clock: TestClock, tmp_path: Path) -> Stage:
    return await staged(database, clock, tmp_path)


async def add(stage: Stage, *rows: Row, is_sending: bool = True, who: int = 0) -> Compared:
    async with stage.database.writing() as session:
        added = await add_to_list(
            session,
            network_id=stage.network.id,
            rows=rows,
            actor=stage.people[who],
            is_sending=is_sending,
            now=stage.clock(),
        )
    await write_wanted(stage.node, stage.network.id)
    return added


async def settle(stage: Stage, invitee_id: int, act: str) -> None:
    async with stage.database.writing() as session:
        await settle_invitee(
            session,
            network_id=stage.network.id,
            invitee_id=invitee_id,
            act=act,
            actor=stage.people[0],
            now=stage.clock(),
        )
    await write_wanted(stage.node, stage.network.id)


async def remind(stage: Stage) -> int:
    async with stage.database.writing() as session:
        count = await remind_all(session, network_id=stage.network.id, actor=stage.people[0], now=stage.clock())
    await write_wanted(stage.node, stage.network.id)
    return count


async def remind_by_itself(stage: Stage) -> int:
    count = await remind_silent(stage.node, now=stage.clock())
    await write_wanted(stage.node, stage.network.id)
    return count


async def listed(stage: Stage, **wanted: object) -> list[Listed]:
    async with stage.database.reading() as session:
        return (await list_invitees(session, stage.network.id, **wanted)).items  # type: ignore[arg-type]


async def states(stage: Stage) -> list[str]:
    return [one.state for one in await listed(stage)]


async def mails(stage: Stage) -> list[Mail]:
    async with stage.database.reading() as session:
        chosen = select(Mail).where(Mail.event.in_(("invited", "reminded"))).order_by(Mail.id)
        return list((await session.scalars(chosen)).all())


def token_in(mail: Mail) -> str:
    link = re.search(r"https://hub.example/net/hub/join#\S+", mail.text)
    assert link
    token: str = read_invitation(link[0])["token"]
    return token


async def deliver(stage: Stage) -> None:
    """As the mail server of a node that has one takes them."""
    async with stage.database.writing() as session:
        await session.execute(update(Mail).where(Mail.state == HELD).values(state=SENT, sent_at=stage.clock()))


async def test_each_gets_a_link_of_its_own_and_applies_by_it(stage: Stage) -> None:
    added = await add(stage, OAK, ELM)
    assert [row.name for row in added.new] == ["Oak", "Elm School"]
    first, second = await mails(stage)
    assert (first.to_address, first.reply_to, first.holds_link) == ("oak@d.example", "ada@hub.example", True)
    assert "Ada Field invites Oak to join The hub" in first.text
    assert "Together." in first.text
    assert token_in(first) != token_in(second)
    assert await states(stage) == ["unsent", "unsent"], "this node has no mail server"
    await deliver(stage)
    assert await states(stage) == ["sent", "sent"]
    oak = school()
    await stage.take(oak.application(stage.network, token_in(first), stage.clock()))
    assert await states(stage) == ["applied", "sent"]
    with pytest.raises(Untrusted) as refused:
        await stage.take(school(2).application(stage.network, token_in(first), stage.clock()))
    assert refused.value.code == Code.INVITATION_USED


async def test_what_becomes_of_the_membership_shows_on_the_list(stage: Stage) -> None:
    await add(stage, OAK)
    await deliver(stage)
    member = await stage.take(school().application(stage.network, token_in((await mails(stage))[0]), stage.clock()))
    for state, shown in (("approved", "member"), ("suspended", "member"), ("rejected", "over"), ("expired", "over")):
        async with stage.database.writing() as session:
            await session.execute(update(Member).where(Member.id == member.id).values(state=state))
        assert await states(stage) == [shown]


async def test_a_reminder_is_a_new_link_and_the_old_one_stops_working(stage: Stage) -> None:
    await add(stage, OAK)
    await deliver(stage)
    assert await remind(stage) == 0, "written to a moment ago"
    stage.clock.forward(days=3)
    assert await remind(stage) == 1
    assert await remind(stage) == 0
    old, new = await mails(stage)
    assert "the earlier one no longer works" in new.text
    with pytest.raises(Untrusted) as refused:
        await stage.take(school().application(stage.network, token_in(old), stage.clock()))
    assert refused.value.code == Code.INVITATION_INVALID
    await deliver(stage)
    assert await states(stage) == ["reminded"]
    await stage.take(school().application(stage.network, token_in(new), stage.clock()))
    assert await states(stage) == ["applied"]
    stage.clock.forward(days=3)
    assert await remind(stage) == 0


async def test_who_is_silent_is_reminded_on_day_7_and_21_and_no_more(stage: Stage) -> None:
    await add(stage, OAK)
    await add(stage, ELM)
    await deliver(stage)
    await settle(stage, 2, "declined")
    reminded = []
    for day in range(60):
        if await remind_by_itself(stage):
            reminded.append(day)
            await deliver(stage)
        stage.clock.forward(days=1)
    assert reminded == [7, 21]
    assert [mail.to_address for mail in await mails(stage)] == [
        "oak@d.example",
        "elm@d.example",
        *["oak@d.example"] * 2,
    ]


async def test_it_can_be_switched_off(stage: Stage) -> None:
    await add(stage, OAK)
    await deliver(stage)
    stage.clock.forward(days=8)
    for is_on, expected in ((False, 0), (True, 1)):
        async with stage.database.writing() as session:
            await choose_reminders(
                session, network_id=stage.network.id, is_on=is_on, actor=stage.people[0], now=stage.clock()
            )
        assert await remind_by_itself(stage) == expected


async def test_who_could_not_be_written_to_is_not_reminded(stage: Stage) -> None:
    await add(stage, OAK)
    stage.clock.forward(days=30)
    assert await remind_by_itself(stage) == 0
    assert await remind(stage) == 0


async def test_a_list_added_twice_adds_nobody_twice(stage: Stage) -> None:
    await add(stage, OAK, ELM)
    again = await add(stage, *read_list("OAK, Oak@D.example\nFir, fir@d.example").verify())
    assert [row.name for row in again.new] == ["Fir"]
    assert [row.name for row in again.listed] == ["OAK"]
    assert len(await mails(stage)) == 3


async def test_two_lists_at_once(stage: Stage) -> None:
    await asyncio.gather(add(stage, OAK, ELM), add(stage, ELM, OAK, ASH))
    assert sorted([one.name for one in await listed(stage)]) == ["Elm School", "Oak", "Ásh"]
    assert len(await mails(stage)) == 3


async def test_two_workers_at_once_write_each_once(stage: Stage) -> None:
    async with stage.database.writing() as session:
        rows = [Row(line=n, name=f"School {n}", email=f"s{n}@d.example") for n in range(40)]
        await add_to_list(
            session, network_id=stage.network.id, rows=rows, actor=stage.people[0], is_sending=True, now=stage.clock()
        )
    await asyncio.gather(*(write_wanted(stage.node, stage.network.id) for _ in range(3)))
    assert len({mail.to_address for mail in await mails(stage)}) == len(await mails(stage)) == 40


async def test_who_is_here_already_is_not_invited(stage: Stage) -> None:
    member = await stage.applied(school())
    compared = await add(stage, Row(line=1, name=member.name.upper(), email="x@d.example"), OAK)
    assert [row.email for row in compared.here] == ["x@d.example"]
    assert len(await mails(stage)) == 1


@pytest.mark.parametrize("how", ["directory", "address"])
async def test_who_applies_by_another_link_is_recognised(stage: Stage, how: str) -> None:
    row = {
        "directory": Row(line=1, name="Oak", email="oak@d.example", directory_id="0042"),
        "address": Row(line=1, name="Oak", email="Office@school.example"),
    }[how]
    await add(stage, row, ELM)
    await deliver(stage)
    await stage.applied(school())
    assert await states(stage) == ["applied", "sent"]


async def test_an_address_of_two_schools_says_nothing(stage: Stage) -> None:
    await add(stage, *read_list("Oak, office@school.example\nElm, office@school.example").verify())
    await deliver(stage)
    await stage.applied(school())
    assert await states(stage) == ["sent", "sent"]


async def test_taken_off_and_put_back(stage: Stage) -> None:
    await add(stage, OAK)
    await settle(stage, 1, "removed")
    assert await states(stage) == ["removed"]
    async with stage.database.reading() as session:
        working = await session.scalar(select(func.count()).where(Invitation.revoked_at.is_(None)))
    assert working == 0
    with pytest.raises(Conflict):
        await settle(stage, 1, "remind")
    added = await add(stage, OAK, is_sending=False)
    assert ([row.name for row in added.new], await states(stage)) == (["Oak"], ["unsent"])
    await settle(stage, 1, "declined")
    await settle(stage, 1, "back")
    async with stage.database.writing() as session:
        assert await invite_all(session, network_id=stage.network.id, actor=stage.people[0], now=stage.clock()) == 1
    await write_wanted(stage.node, stage.network.id)
    assert len(await mails(stage)) == 2


async def test_a_wish_that_is_overtaken_writes_nothing(stage: Stage) -> None:
    await add(stage, OAK)
    await deliver(stage)
    stage.clock.forward(days=2)
    async with stage.database.writing() as session:
        assert await remind_all(session, network_id=stage.network.id, actor=stage.people[0], now=stage.clock()) == 1
        await session.execute(update(Invitee).values(state="declined"))
    await write_wanted(stage.node, stage.network.id)
    assert len(await mails(stage)) == 1


async def test_only_its_coordinators(stage: Stage) -> None:
    with pytest.raises(NotAllowed):
        await add(stage, OAK, who=2)
    assert await states(stage) == []
    with pytest.raises(NotFound):
        await settle(stage, 9, "remind")


async def test_searched_filtered_and_paged(stage: Stage) -> None:
    await add(stage, OAK, ELM, ASH, is_sending=False)
    await settle(stage, 2, "declined")
    assert [one.name for one in await listed(stage, words="ash D.EXAMPLE")] == ["Ásh"]
    assert await listed(stage, words="%") == []
    assert [one.name for one in await listed(stage, state="declined")] == ["Elm School"]
    async with stage.database.reading() as session:
        first = await list_invitees(session, stage.network.id, limit=2)
        second = await list_invitees(session, stage.network.id, limit=2, after=first.next)
        back = await list_invitees(session, stage.network.id, limit=2, before=second.previous)
    assert [one.id for one in first.items + second.items] == [1, 2, 3]
    assert [one.id for one in back.items] == [1, 2]
    assert (first.previous, second.next, back.previous) == (None, None, None)
    assert {name: number for name, number in first.counts.items() if number} == {"unsent": 2, "declined": 1}
    assert timedelta(0) == stage.clock() - first.items[0].added_at
