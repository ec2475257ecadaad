"""Tell somebody of what concerns them, as they chose: on their page, by e-mail too, or not at all."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.tables import Person
from nic_node.db.jobs import enqueue
from nic_node.errors import InvalidInput
from nic_node.i18n import N_
from nic_node.mail.queue import take_back_mails
from nic_node.school.discussion.tables import Comment
from nic_node.school.editing import keep_changes, keep_new
from nic_node.school.notices.tables import Notice, NoticeChoice

KINDS = {
    # id: what happens, how one hears of it at first
    "mention": (N_("Somebody mentions you"), "mail"),
    "comment": (N_("Somebody writes beside what you lead or began"), "here"),
    "action": (N_("Somebody gives you an action item"), "here"),
}
WAYS = {"here": N_("on my page"), "mail": N_("on my page and by e-mail"), "none": N_("not at all")}
MAIL = "notices.mail"
KEPT_FOR = timedelta(days=90)
LONGEST = 200
SHOWN = 100


async def tell(
    session: AsyncSession,
    people: Iterable[int | None],
    *,
    actor: Actor,
    kind: str,
    subject_kind: str,
    subject_id: int,
    about: str,
    text: str = "",
    now: datetime,
) -> None:
    """Note it for each of them but the actor, and whose account is closed."""
    wanted = {person for person in people if person is not None and person != actor.person_id}
    if not wanted:
        return
    active = set(await session.scalars(select(Person.id).where(Person.id.in_(wanted), Person.active)))
    ways = await _ways(session, kind, active)
    told = [person_id for person_id in sorted(active) if ways[person_id] != "none"]
    for person_id in told:
        session.add(
            Notice(
                person_id=person_id,
                kind=kind,
                by=actor.name,
                subject_kind=subject_kind,
                subject_id=subject_id,
                about=about[:LONGEST],
                text=text[:LONGEST],
                created_at=now,
                is_for_mail=ways[person_id] == "mail",
            )
        )
    await session.flush()
    if any(ways[person_id] == "mail" for person_id in told):
        await enqueue(session, kind=MAIL, key="", run_at=now)


async def count_unread(session: AsyncSession, person_id: int) -> int:
    unread = select(func.count()).select_from(Notice).where(Notice.person_id == person_id, Notice.read_at.is_(None))
    return await session.scalar(unread) or 0


async def notices_of(session: AsyncSession, person_id: int) -> list[Notice]:
    """The newest first."""
    chosen = select(Notice).where(Notice.person_id == person_id).order_by(Notice.id.desc()).limit(SHOWN)
    return list(await session.scalars(chosen))


async def read_all(session: AsyncSession, *, actor: Actor, now: datetime) -> None:
    """They were seen. What one has read oneself is in no audit log."""
    unread = (Notice.person_id == actor.person_id, Notice.read_at.is_(None))
    await session.execute(update(Notice).where(*unread).values(read_at=now))


async def choices_of(session: AsyncSession, person_id: int) -> dict[str, str]:
    """Kind -> way, for all kinds."""
    rows = await session.scalars(select(NoticeChoice).where(NoticeChoice.person_id == person_id))
    return {kind: way for kind, (_says, way) in KINDS.items()} | {row.kind: row.way for row in rows}


async def choose(session: AsyncSession, *, actor: Actor, choices: Mapping[str, str], now: datetime) -> None:
    """How one wants to hear of each kind. Raises InvalidInput, under the kind."""
    wrong = {kind: [N_("Choose one of these.")] for kind, way in choices.items() if kind in KINDS and way not in WAYS}
    wrong |= {kind: [N_("There are no notices of this kind.")] for kind in choices if kind not in KINDS}
    if wrong:
        raise InvalidInput(wrong)
    assert actor.person_id is not None
    chosen = select(NoticeChoice).where(NoticeChoice.person_id == actor.person_id).with_for_update()
    rows = {row.kind: row for row in await session.scalars(chosen)}
    for kind, way in choices.items():
        if kind in rows:
            await keep_changes(session, rows[kind], {"way": way}, actor=actor, action="notices.chosen", now=now)
        elif way != KINDS[kind][1]:
            row = NoticeChoice(person_id=actor.person_id, kind=kind, way=way)
            await keep_new(session, row, actor=actor, action="notices.chosen", now=now)


async def forget_comments(session: AsyncSession, comments: Sequence[Comment]) -> None:
    """Notices of comments that are taken back keep who wrote and where, and no word of them; their e-mails go too."""
    said = (
        Notice.kind.in_(["mention", "comment"]),
        Notice.created_at.in_([comment.created_at for comment in comments]),
        Notice.text.in_([comment.text[:LONGEST] for comment in comments]),
    )
    mails = await session.scalars(select(Notice.mail_id).where(*said, Notice.mail_id.is_not(None)))
    await take_back_mails(session, [one for one in mails if one is not None])
    await session.execute(update(Notice).where(*said).values(text="", is_for_mail=False))


async def prune_notices(session: AsyncSession, *, now: datetime) -> None:
    await session.execute(delete(Notice).where(Notice.created_at < now - KEPT_FOR))


async def _ways(session: AsyncSession, kind: str, people: Iterable[int]) -> dict[int, str]:
    found = dict.fromkeys(people, KINDS[kind][1])
    chosen = select(NoticeChoice.person_id, NoticeChoice.way).where(
        NoticeChoice.kind == kind, NoticeChoice.person_id.in_(list(found))
    )
    return found | dict((await session.execute(chosen)).all())
