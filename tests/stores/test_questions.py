"""Questions and answers on their way out and back, on both databases."""

from collections.abc import AsyncIterator, Awaitable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.leaves import build_moderate, read_leaf
from nic_node.commons.practice import practice_view
from nic_node.commons.threads.read import ASKER, AUTHOR, OTHER, TRIED, calls_page, thread_of, threads_about
from nic_node.db.engine import Database
from nic_node.errors import Conflict, InvalidInput, NotAllowed, NotFound
from nic_node.mirror.read import living_record, tombstone_of
from nic_node.mirror.tables import MirrorLog
from nic_node.publishing.decide import take_back
from nic_node.publishing.drafts import drop_draft, send_to_review
from nic_node.publishing.places import own_places
from nic_node.publishing.questions import write
from nic_node.publishing.questions.asked import answered_to_us, asked_of_us
from nic_node.publishing.questions.subject import LOG_LOST, OWN
from nic_node.publishing.questions.write import change_words, notes_under_way, start_question
from nic_node.publishing.read import all_sharing
from nic_node.publishing.states import OutboxState
from nic_node.publishing.tables import DraftRow
from nic_node.publishing.withdraw import withdraw
from tests.conftest import TestClock
from tests.fakes.network_log import PRACTICE, START
from tests.stores.asking import answer, approve, ask, own_practice, place, published, sent, thread
from tests.stores.publishing_stage import ADA, BEN, World, publishing_world
from tests.stores.racing import DONE, overlapping

AFTER_ITS_TERM = START + timedelta(days=130)


@pytest.fixture
async def world(database: Database, tmp_path: Path, clock: TestClock) -> AsyncIterator[World]:
    async with publishing_world(database, tmp_path, clock) as made:
        await made.open_epoch()
        yield made


async def leaves_in_a_slot(world: World) -> None:
    practice = await published(world, "ada")
    question = await sent(world, await ask(world, practice))
    await published(world, "ada", "answer", target=question, text="A few did, in the first week.")
    await published(world, "ben", "answer", target=question, text="None here.")
    async with world.database.reading() as session:
        (told,) = await answered_to_us(session, world.node, now=world.clock())
    assert (told.record_id, told.answers, told.text) == (question, 2, "Did families mind?")
    assert told.is_news(told.sent_at + timedelta(days=59))
    assert not told.is_news(told.sent_at + timedelta(days=60))
    async with world.database.reading() as session:
        record = await living_record(session, question)
        page = await threads_about(session, await living_record(session, practice), now=world.clock())
        places = await own_places(session, world.node)
    assert record.payload == {"target": practice, "text": "Did families mind?"}
    assert record.jkt == places[question].jkt
    (one,) = page.threads
    assert (one.about_record.record_id, one.by, one.is_final) == (practice, OTHER, True)
    assert [(said.by, said.text) for said in one.answers] == [
        (AUTHOR, "A few did, in the first week."),
        (OTHER, "None here."),
    ]
    assert one.starts == START + timedelta(days=21)


async def learnt_of_and_answered(world: World, practice: str) -> None:
    question = await published(world, "ada", "question", target=practice, text="How long did it take?")
    async with world.database.reading() as session:
        (asked,) = await asked_of_us(session, world.node, now=world.clock())
    assert (asked.record_id, asked.about, asked.title) == (question, practice, "Advisory homework start")
    assert asked.is_open
    draft_id = await answer(world, question)
    async with world.database.reading() as session:
        assert [one.draft_id for one in await asked_of_us(session, world.node, now=world.clock())] == [draft_id]
    ours = await sent(world, draft_id)
    async with world.database.reading() as session:
        (asked,) = await asked_of_us(session, world.node, now=world.clock())
        places = await own_places(session, world.node)
    assert asked.is_answered
    assert places[ours].jkt == places[practice].jkt
    assert [said.by for said in (await thread(world, question)).answers] == [AUTHOR]


async def answered_after_its_term(world: World, practice: str) -> None:
    question = await published(world, "ada", "question", target=practice, text="How long did it take?")
    call = await published(world, "ben", "question", text="Who has tried breakfast clubs?")
    other = await answer(world, call, "We have.")
    ours = await answer(world, question)
    world.clock.now = AFTER_ITS_TERM
    await approve(world, other)
    await approve(world, ours)
    await world.slot()
    async with world.database.reading() as session:
        states = {one.draft_id: one.state for one in await all_sharing(session)}
        places = await own_places(session, world.node)
    assert states[other] == OutboxState.QUEUED
    assert places[await place(world, ours)].jkt == places[practice].jkt


async def told_by_their_keys(world: World) -> None:
    practice = await published(world, "ada")
    question = await published(world, "ben", "question", target=practice, text="Who called?")
    tried = {**PRACTICE, "origin": practice, "decision": "adapt"}
    await published(world, "cem", "replication", **tried)
    for name in ("cem", "ben", "ada"):
        await published(world, name, "answer", target=question, text=f"{name} answers.")
    said = (await thread(world, question)).answers
    assert [(one.by, one.decision) for one in said] == [(TRIED, "adapt"), (ASKER, ""), (AUTHOR, "")]


async def answered_by_the_asker(world: World) -> None:
    question = await sent(world, await ask(world, await published(world, "ada")))
    reply = await sent(world, await answer(world, question, "We found out: two weeks."))
    async with world.database.reading() as session:
        places = await own_places(session, world.node)
    assert places[reply].jkt == places[question].jkt
    assert [one.by for one in (await thread(world, question)).answers] == [ASKER]
    async with world.database.reading() as session:
        assert await answered_to_us(session, world.node, now=world.clock()) == [], "our own answer is no news to us"


async def a_call_with_a_pointer(world: World) -> None:
    practice = await published(world, "ada")
    chips = [{"facet": "problem", "id": "chronic-absence"}, {"facet": "grade-band", "id": "6-8"}]
    call = await sent(world, await ask(world, text="Who has tried calls in the first week?", chips=chips))
    await sent(
        world, await answer(world, call, "A school did.", practice=f"https://x.example/learn/practices/{practice}")
    )
    async with world.database.reading() as session:
        found = await calls_page(session, page=1, now=world.clock())
    (one,) = found.threads
    assert (found.total, one.is_call, one.chips[0]) == (1, True, ("problem", "chronic-absence"))
    assert [said.practice.record_id for said in one.answers] == [practice]
    with pytest.raises(InvalidInput):
        await answer(world, call, "See there.", practice="https://example.org/somewhere")
    with pytest.raises(InvalidInput):
        await answer(world, call, "See there.", practice=call)


async def pointing_to_our_own(world: World, practice: str) -> None:
    call = await published(world, "ada", "question", text="Who has tried advisory?")
    shown = await world.preview(await answer(world, call, "Look here.", practice=practice))
    assert [(item.code, item.severity) for item in shown.items] == [("own-practice", "ask")]
    assert not shown.may_be_approved


async def scrubbed_and_signed(world: World) -> None:
    practice = await published(world, "ada")
    draft_id = await ask(world, practice, "Lucia Castellanos asks, lucia@school.example: did families mind?")
    shown = await world.preview(draft_id)
    assert shown.draft.record["text"] == "[person] asks, [email]: did families mind?"
    assert {item.code for item in shown.items} == {"PERSON", "EMAIL"}
    async with world.database.writing() as session:
        await send_to_review(session, world.node, actor=ADA, draft_id=draft_id, now=world.clock())
    with pytest.raises(NotAllowed):
        await world.approve(draft_id, actor=ADA)
    with pytest.raises(Conflict, match="still open"):
        await world.approve(draft_id)
    await world.decide_all(draft_id)
    with pytest.raises(Conflict, match="changed since"):
        await world.approve(draft_id, sha256="0" * 64)
    await world.approve(draft_id)
    async with world.database.writing() as session:
        await take_back(session, actor=BEN, draft_id=draft_id, now=world.clock())
    await world.slot()
    assert not any(submission and submission.blob for submission in world.network.taken)


async def blocked_without_a_roster(world: World) -> None:
    practice = await published(world, "ada")
    draft_id = await ask(world, practice)
    world.clock.forward(seconds=200 * 86_400)
    shown = await world.preview(draft_id)
    assert shown.draft.blocked
    assert [item.code for item in shown.items] == ["no-roster"]


async def refused_questions(world: World) -> None:
    own = await own_practice(world)
    practice = await published(world, "ada")
    with pytest.raises(Conflict, match=OWN):
        await ask(world, own)
    with pytest.raises(NotFound):
        await ask(world, practice.replace("#", "#9"))
    for text, why in (("  \n", "Write something"), ("x" * 801, "within 800")):
        with pytest.raises(InvalidInput) as refused:
            await ask(world, practice, text)
        assert why in refused.value.fields["text"][0]
    with pytest.raises(InvalidInput):
        await ask(world, chips=[{"facet": "locale", "id": "rural"}])
    with pytest.raises(InvalidInput):
        await ask(world, network="https://other.example/net/none")
    with pytest.raises(NotFound):
        await answer(world, practice)


async def only_so_many(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async with world.database.reading() as session:
        monkeypatch.setattr(write, "MOST_UNDER_WAY", await notes_under_way(session) + 2)
    practice = await published(world, "ada")
    first, second = await ask(world, practice), await ask(world, practice, "And teachers?")
    with pytest.raises(Conflict, match="under way"):
        await ask(world, practice, "And students?")
    await sent(world, first)
    given = {"actor": ADA, "text": "And students?", "about": practice, "now": world.clock()}

    def one_more(session: AsyncSession) -> Awaitable[DraftRow]:
        return start_question(session, world.node, **given)

    assert await overlapping(world.database, one_more, one_more) == (DONE, "Conflict"), "there is place for one"
    async with world.database.writing() as session:
        row = await session.get_one(DraftRow, second)
        await drop_draft(session, actor=ADA, draft_id=second, version=row.version, now=world.clock())


async def words_changed_until_review(world: World) -> None:
    draft_id = await ask(world, await published(world, "ada"))
    given = {"draft_id": draft_id, "text": "Did any family mind?", "now": world.clock()}
    async with world.database.writing() as session:
        with pytest.raises(NotAllowed):
            await change_words(session, actor=BEN, version=1, **given)
    async with world.database.writing() as session:
        row = await change_words(session, actor=ADA, version=1, **given)
        with pytest.raises(Conflict):
            await change_words(session, actor=ADA, version=1, **given)
        version = row.version
    assert (await world.preview(draft_id)).draft.record["text"] == "Did any family mind?"
    async with world.database.writing() as session:
        await send_to_review(session, world.node, actor=ADA, draft_id=draft_id, now=world.clock())
    async with world.database.writing() as session:
        with pytest.raises(Conflict, match="second person"):
            await change_words(session, actor=ADA, version=version + 1, **given)


async def withdrawn(world: World) -> None:
    practice = await published(world, "ada")
    draft_id = await ask(world, practice)
    question = await sent(world, draft_id)
    reply = await published(world, "ada", "answer", target=question, text="A few did.")
    async with world.database.writing() as session:
        await withdraw(session, world.node, actor=ADA, draft_id=draft_id, at_once=False, now=world.clock())
    await world.slot()
    async with world.database.reading() as session:
        assert (await threads_about(session, await living_record(session, practice), now=world.clock())).threads == []
        with pytest.raises(NotFound, match="took it back"):
            await thread_of(session, question, now=world.clock())
        assert (await living_record(session, reply)).payload["text"] == "A few did."


async def its_question_went(world: World) -> None:
    """Nobody could tell any more whether it has to be signed by a practice's pseudonym."""
    log = world.network.log
    question = await published(world, "ada", "question", text="Who has tried breakfast clubs?")
    draft_id = await answer(world, question)
    await approve(world, draft_id)
    log.append(log.retract("ada", int(question.partition("#")[2])))
    await world.follow()
    await world.slot()
    async with world.database.reading() as session:
        (one,) = await all_sharing(session)
    assert (one.state, one.problem) == ("review", one.problem)
    assert "took it back" in one.problem


async def removed_by_coordinators(world: World) -> None:
    log = world.network.log
    practice = await published(world, "ada")
    first = await published(world, "ben", "question", target=practice, text="Who is the teacher?")
    second = await published(world, "cem", "question", target=practice, text="How often?")
    await published(world, "ada", "answer", target=first, text="Ask something else.")
    bad = await published(world, "cem", "answer", target=second, text="Somebody said so.")
    for target in (first, bad):
        log.append(log.by_network(build_moderate(log.network, target=target, reason="identifies-someone")))
    await world.follow()
    async with world.database.reading() as session:
        page = await threads_about(session, await living_record(session, practice), now=world.clock())
        with pytest.raises(NotFound, match="coordinators"):
            await thread_of(session, first, now=world.clock())
        assert (await tombstone_of(session, first)).gone == "moderated"
    assert [(one.record_id, one.removed, one.text) for one in page.threads] == [
        (first, True, ""),
        (second, False, "How often?"),
    ]
    assert [said.text for said in page.threads[0].answers] == ["Ask something else."]
    assert [(said.removed, said.text) for said in page.threads[1].answers] == [(True, "")]


async def its_practice_was_withdrawn(world: World) -> None:
    log = world.network.log
    practice = await published(world, "ada")
    question = await published(world, "ben", "question", target=practice, text="How often?")
    log.append(log.retract("ada", int(practice.partition("#")[2])))
    await world.follow()
    one = await thread(world, question)
    assert (one.about, one.about_record, one.about_gone) == (practice, None, "withdrawn")


async def its_log_was_lost(world: World, practice: str) -> None:
    question = await published(world, "ada", "question", target=practice, text="How long did it take?")
    async with world.database.writing() as session:
        log = await session.scalar(select(MirrorLog))
        assert log is not None
        values = {column.key: getattr(log, column.key) for column in MirrorLog.__table__.columns if column.key != "id"}
        session.add(MirrorLog(**values | {"generation": 2, "origin": log.origin.replace("/log/1", "/log/2")}))
    with pytest.raises(Conflict, match=LOG_LOST[:40]):
        await answer(world, question)


async def leaf_says_no_more(world: World) -> None:
    """A question's leaf has no text and no time; its page opens from the practice's."""
    practice = await published(world, "ada")
    await sent(world, await ask(world, practice))
    leaf = read_leaf([one.leaf for one in world.network.taken if one and one.blob][-1])
    assert set(leaf.payload) == {"t", "v", "network", "epoch", "kind", "blob_sha256"}
    async with world.database.reading() as session:
        assert (await practice_view(session, practice, now=world.clock())).record.record_id == practice


# A world takes a second to make, so what can follow each other happens in one --------------------------------------


async def test_a_question_leaves_in_a_slot_stands_under_the_practice_and_is_withdrawn(world: World) -> None:
    await leaves_in_a_slot(world)
    await leaf_says_no_more(world)
    await withdrawn(world)


async def test_our_people_learn_of_it_from_the_mirror_and_answer_under_the_practices_pseudonym_for_ever(
    world: World,
) -> None:
    practice = await own_practice(world)
    await learnt_of_and_answered(world, practice)
    await pointing_to_our_own(world, practice)
    await answered_after_its_term(world, practice)
    await its_log_was_lost(world, practice)


async def test_who_speaks_is_told_by_keys_in_threads_and_calls(world: World) -> None:
    await told_by_their_keys(world)
    await answered_by_the_asker(world)
    await a_call_with_a_pointer(world)


async def test_a_question_passes_the_scrub_and_the_second_person_of_a_practice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scrubbed_and_signed(world)
    await words_changed_until_review(world)
    await refused_questions(world)
    await only_so_many(world, monkeypatch)
    await blocked_without_a_roster(world)


async def test_what_is_gone_leaves_its_place_and_answers_to_it_go_back(world: World) -> None:
    await its_question_went(world)
    await removed_by_coordinators(world)
    await its_practice_was_withdrawn(world)
