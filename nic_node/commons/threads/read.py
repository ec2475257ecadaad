"""A question with its answers: who speaks is told by the key alone, and nobody is named.

The school that shared a practice answers under the practice's own pseudonym; whoever tried it in the same term as
it answers is known by the result's; everybody else is another school.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.errors import NotFound
from nic_node.i18n import N_
from nic_node.mirror.epochs import epochs_of
from nic_node.mirror.read import (
    LivingRecord,
    LogView,
    Tombstone,
    living_by_ids,
    living_record,
    living_records,
    mirrored_logs,
    question_ids,
    record_of,
    referring_to,
    taken_down_of,
    tombstone_of,
)
from nic_node.mirror.search import find_words
from nic_node.mirror.versions import newest_version, version_ids
from schemas.ids import parse_record_id

AUTHOR, ASKER, TRIED, OTHER = "author", "asker", "tried", "other"
PAGE_SIZE: Final = 20
MOST_MATCHES: Final = 500
"""Of a search by words; the newest are kept."""
NOT_HERE: Final = N_("There is no such question in the libraries that your school may read.")
GONE: Final = {
    "withdrawn": N_("The school that asked this took it back, so its words are erased here."),
    "corrected": N_("The school that asked this put other words in its place."),
    "moderated": N_("The coordinators of the network removed this question, so its words are erased here."),
    "blocked": N_("The network blocked the pseudonym that asked this, so its words are erased here."),
    "refused": N_("This question breaks a rule of the network, so it is not shown."),
    "held": N_("This node was restored from a backup. The question shows again once the network’s log was read."),
    "withheld": N_("The network has not handed out the words of this question yet. Try again later."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One answer.

    Attributes:
        by: AUTHOR, ASKER, TRIED or OTHER; decision: what a school that tried it decided.
        practice: one that it points to, None where it points to none; `is_practice_gone`: it did, and that is gone.
        removed: the coordinators took it down; there is no text then.
    """

    record_id: str
    by: str
    decision: str
    text: str
    practice: LivingRecord | None
    is_practice_gone: bool
    is_final: bool
    starts: datetime | None
    removed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A question, or a call to everybody, with its answers, the oldest first.

    Attributes:
        about: record id of the practice or result, None of a call; `about_record` that record while it lives, or
            what took its place.
        about_gone: why it is gone, "" while it lives.
        chips: (facet, id) of what a call asks about.
        starts: the day from which the pseudonyms of its term publish; a record itself carries no time.
    """

    record_id: str
    network: str
    by: str
    text: str
    chips: Sequence[tuple[str, str]]
    about: str | None
    about_record: LivingRecord | None
    about_gone: str
    answers: Sequence[Said]
    is_final: bool
    starts: datetime | None
    removed: bool

    @property
    def is_call(self) -> bool:
        return self.about is None

    @property
    def is_answered(self) -> bool:
        """Whether anything of what was answered can still be read."""
        return any(not answer.removed for answer in self.answers)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadPage:
    """`about`: the record whose questions these are, None of calls; pages are counted from 1."""

    threads: Sequence[Thread]
    about: LivingRecord | None
    total: int
    page: int
    logs: Sequence[LogView]

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE_SIZE))


async def calls_page(session: AsyncSession, *, words: str = "", page: int, now: datetime) -> ThreadPage:
    """Questions to everybody, the newest first; with `words` those that hold all of them, or whose answers do."""
    logs = await mirrored_logs(session, now=now)
    log_ids = [log.id for log in logs]
    among = await _holding(session, words, log_ids) if words.strip() else None
    first = (page - 1) * PAGE_SIZE
    ids, total = await question_ids(session, log_ids=log_ids, about=None, among=among, first=first, limit=PAGE_SIZE)
    threads = await _threads(session, await living_by_ids(session, ids), ())
    return ThreadPage(threads=threads, about=None, total=total, page=page, logs=logs)


async def _holding(session: AsyncSession, words: str, log_ids: Sequence[int]) -> list[int]:
    """Row ids of questions that hold the words, or have an answer that does."""
    asked = await find_words(session, words, log_ids=log_ids, kinds=("question",), limit=MOST_MATCHES)
    said = await find_words(session, words, log_ids=log_ids, kinds=("answer",), limit=MOST_MATCHES)
    answers = await living_by_ids(session, said)
    questions = await living_records(session, {answer.payload["target"] for answer in answers})
    return list(set(asked) | {record.id for record in questions.values()})


async def threads_about(
    session: AsyncSession, record: LivingRecord, *, page: int = 1, limit: int = PAGE_SIZE, now: datetime
) -> ThreadPage:
    """The questions about a record, those about what it corrected among them, the oldest first."""
    logs = await mirrored_logs(session, now=now)
    history = await version_ids(session, record.record_id)
    first = (page - 1) * limit
    ids, total = await question_ids(session, log_ids=[log.id for log in logs], about=history, first=first, limit=limit)
    removed = await taken_down_of(session, history, kind="question") if page == 1 else []
    threads = await _threads(session, await living_by_ids(session, ids), removed)
    return ThreadPage(threads=threads, about=record, total=total, page=page, logs=logs)


async def thread_of(session: AsyncSession, record_id: str, *, now: datetime) -> Thread:
    """One question with its answers.

    Raises:
        NotFound: it is not here, or was taken back; in words that say why.
    """
    question, _ = await readable_question(session, record_id, now=now)
    (thread,) = await _threads(session, [question], ())
    return thread


async def readable_question(session: AsyncSession, record_id: str, *, now: datetime) -> tuple[LivingRecord, LogView]:
    """A question of a library that this school may read now.

    Raises:
        NotFound: in words that say why.
    """
    try:
        record = await living_record(session, record_id)
    except NotFound as error:
        stone = await tombstone_of(session, record_id)
        is_question = stone is not None and stone.kind == "question"
        raise NotFound(GONE.get(stone.gone, NOT_HERE) if stone and is_question else NOT_HERE) from error
    logs = {log.id: log for log in await mirrored_logs(session, now=now)}
    if record.kind != "question" or record.log_id not in logs:
        raise NotFound(NOT_HERE)
    return record, logs[record.log_id]


# Putting together -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Around:
    """What speaks for whom: author's key by target, decision by (target, key), and what is pointed to."""

    authors: Mapping[str, str]
    results: Mapping[tuple[str, str], str]
    subjects: Mapping[str, LivingRecord]
    gone: Mapping[str, str]
    starts: Mapping[tuple[str, int], datetime]


async def _threads(
    session: AsyncSession, questions: Sequence[LivingRecord], removed: Sequence[tuple[str, Tombstone]]
) -> list[Thread]:
    ids = [question.record_id for question in questions] + [stone.record_id for _, stone in removed]
    answers = await referring_to(session, ids, kind="answer")
    removed_answers = await taken_down_of(session, ids, kind="answer")
    around = await _around(session, questions, answers, [target for target, _ in removed])
    threads = [
        _thread(question, _said_to(question, answers, removed_answers, around), around) for question in questions
    ]
    stones = [_stone(target, stone, answers, removed_answers, around) for target, stone in removed]
    return threads if not stones else sorted([*threads, *stones], key=lambda one: parse_record_id(one.record_id))


async def _around(
    session: AsyncSession,
    questions: Sequence[LivingRecord],
    answers: Sequence[LivingRecord],
    targets_of_removed: Sequence[str],
) -> _Around:
    targets = {question.payload["target"] for question in questions if "target" in question.payload}
    targets |= set(targets_of_removed)
    pointed_to = {answer.payload["practice"] for answer in answers if "practice" in answer.payload}
    subjects = await living_records(session, targets | pointed_to)
    authors = {target: record.jkt for target in targets if (record := await record_of(session, target)) is not None}
    gone = {}
    for target in targets - subjects.keys():
        stone = await tombstone_of(session, target)
        gone[target] = stone.gone if stone else "withheld"
        newest = await newest_version(session, target)
        if newest in (found := await living_records(session, [newest])):
            subjects[target] = found[newest]
    results = await referring_to(session, targets, kind="replication", name="origin")
    networks = {record.network for record in [*questions, *answers]}
    return _Around(
        authors=authors,
        results={(result.payload["origin"], result.jkt): result.payload["decision"] for result in results},
        subjects=subjects,
        gone=gone,
        starts={
            (network, epoch.number): epoch.epoch.windows.active_from
            for network in networks
            for epoch in await epochs_of(session, network)
        },
    )


def _thread(question: LivingRecord, answers: Sequence[Said], around: _Around) -> Thread:
    about = question.payload.get("target")
    return Thread(
        record_id=question.record_id,
        network=question.network,
        by=AUTHOR if about and around.authors.get(about) == question.jkt else OTHER,
        text=question.payload["text"],
        chips=[(chip["facet"], chip["id"]) for chip in question.payload.get("chips", ())],
        about=about,
        about_record=around.subjects.get(about or ""),
        about_gone=around.gone.get(about or "", ""),
        answers=answers,
        is_final=question.is_final,
        starts=around.starts.get((question.network, question.epoch)),
        removed=False,
    )


def _stone(
    target: str,
    stone: Tombstone,
    answers: Sequence[LivingRecord],
    removed: Sequence[tuple[str, Tombstone]],
    around: _Around,
) -> Thread:
    """A question that the coordinators took down: what was answered to it stays."""
    said = _answers(stone.record_id, "", target, answers, removed, around)
    return Thread(
        record_id=stone.record_id,
        network="",
        by=OTHER,
        text="",
        chips=(),
        about=target,
        about_record=around.subjects.get(target),
        about_gone=around.gone.get(target, ""),
        answers=said,
        is_final=True,
        starts=None,
        removed=True,
    )


def _said_to(
    question: LivingRecord,
    answers: Sequence[LivingRecord],
    removed: Sequence[tuple[str, Tombstone]],
    around: _Around,
) -> list[Said]:
    about = question.payload.get("target", "")
    return _answers(question.record_id, question.jkt, about, answers, removed, around)


def _answers(
    question_id: str,
    asker: str,
    about: str,
    answers: Sequence[LivingRecord],
    removed: Collection[tuple[str, Tombstone]],
    around: _Around,
) -> list[Said]:
    said = [_said(answer, asker, about, around) for answer in answers if answer.payload["target"] == question_id]
    said += [_removed(stone) for target, stone in removed if target == question_id]
    return sorted(said, key=lambda one: parse_record_id(one.record_id))


def _said(answer: LivingRecord, asker: str, about: str, around: _Around) -> Said:
    decision = around.results.get((about, answer.jkt), "")
    pointed_to = answer.payload.get("practice", "")
    practice = around.subjects.get(pointed_to)
    return Said(
        record_id=answer.record_id,
        by=_speaker(answer.jkt, asker, about, around),
        decision=decision,
        text=answer.payload["text"],
        practice=practice,
        is_practice_gone=bool(pointed_to) and practice is None,
        is_final=answer.is_final,
        starts=around.starts.get((answer.network, answer.epoch)),
        removed=False,
    )


def _speaker(jkt: str, asker: str, about: str, around: _Around) -> str:
    if about and around.authors.get(about) == jkt:
        return AUTHOR
    if jkt == asker:
        return ASKER
    return TRIED if (about, jkt) in around.results else OTHER


def _removed(stone: Tombstone) -> Said:
    return Said(
        record_id=stone.record_id,
        by=OTHER,
        decision="",
        text="",
        practice=None,
        is_practice_gone=False,
        is_final=True,
        starts=None,
        removed=True,
    )
