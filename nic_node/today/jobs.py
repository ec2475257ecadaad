"""Each weekday morning: Today by e-mail, for those who chose it; on Mondays for those who chose weekly."""

from datetime import date, datetime, time, timedelta
from gettext import NullTranslations
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.people import PersonView, people_of
from nic_node.accounts.permissions import permissions_of
from nic_node.clock import day_at
from nic_node.commons.search import Search, look_up
from nic_node.commons.shelf import Shelf
from nic_node.config import Config
from nic_node.db.jobs import Again, Handler, enqueue
from nic_node.i18n import say, translations
from nic_node.keyring.operator_key import OperatorKey
from nic_node.mail.addresses import is_address
from nic_node.mail.queue import Letter, queue_mail
from nic_node.membership.local import LocalNode
from nic_node.today.gather import Gathered, gather
from nic_node.today.reach import OFF, link_of
from nic_node.today.tables import Reach

MAIL: Final = "today.mail"
EMAILS: Final = Path(__file__).parent / "emails"
DESK: Final = "accounts"
MORNING: Final = time(6, 30)
SATURDAY: Final = 5
A_WEEK: Final = timedelta(days=6)


def job_handlers(node: LocalNode) -> dict[str, Handler]:
    async def mail(arguments: dict[str, Any]) -> Again:
        now = node.clock()
        today = day_at(now, node.config.time_zone)
        if node.config.smtp is not None and today.weekday() < SATURDAY:
            async with node.database.writing() as session:
                await mail_today(session, node.config, node.operator_key, today=today, now=now)
        return Again(at=next_morning(now, node.config.time_zone))

    return {MAIL: mail}


async def ensure_jobs(session: AsyncSession, node: LocalNode, *, now: datetime) -> None:
    await enqueue(session, kind=MAIL, key="", run_at=next_morning(now, node.config.time_zone))


def next_morning(now: datetime, zone: str) -> datetime:
    """The next half past six at the school."""
    local = now.astimezone(ZoneInfo(zone))
    at = datetime.combine(local.date(), MORNING, tzinfo=ZoneInfo(zone))
    return at if at > local else datetime.combine(local.date() + timedelta(days=1), MORNING, tzinfo=ZoneInfo(zone))


async def mail_today(session: AsyncSession, config: Config, key: OperatorKey, *, today: date, now: datetime) -> int:
    """Queue today's e-mails, at most one a person and day; how many they are. Who has nothing to do gets none."""
    chosen = select(Reach).where(Reach.mail != "").order_by(Reach.id).with_for_update()
    rows = (await session.scalars(chosen)).all()
    people = {person.id: person for person in await people_of(session)}
    shelf, sent = Shelf(), 0
    for row in rows:
        person = people.get(row.person_id)
        is_due = row.mail == "daily" or today.weekday() == 0
        if person is None or not person.joined or not is_address(person.email) or not is_due or row.mailed_on == today:
            continue
        row.mailed_on = today
        permissions = permissions_of(person.roles)
        gathered = await gather(session, key, person_id=person.id, permissions=permissions, today=today)
        ahead = A_WEEK if row.mail == "weekly" else timedelta(0)
        catalogue = translations(person.language or config.language)
        values = _own_things(gathered, person, today, ahead=ahead, catalogue=catalogue)
        if any(values.values()):
            values["new"] = await _count_new(session, shelf, row, now)
            await queue_mail(session, config, _letter(config, key, person, gathered, values, today), now=now)
            sent += 1
    await session.flush()
    return sent


async def _count_new(session: AsyncSession, shelf: Shelf, row: Reach, now: datetime) -> int:
    """How many practices of schools like ours came since the last e-mail; no titles, as one may be taken back."""
    newest = Search(like=True, sort="newest")
    found = await look_up(session, shelf, newest, now=now, limit=1, since=row.told_upto, person_id=row.person_id)
    count = found.ranked.total if row.told_upto else 0
    row.told_upto = max(row.told_upto, found.columns.newest)
    return count


def _own_things(
    gathered: Gathered, person: PersonView, today: date, *, ahead: timedelta, catalogue: NullTranslations
) -> dict[str, Any]:
    """What of Today is this person's own, for today or the days `ahead`; of coaching only that something is to do.

    An e-mail is read by more than the pair.
    """
    meeting = gathered.meeting.view.meeting if gathered.meeting else None
    return {
        "mine": gathered.mine,
        "has_coaching": bool(gathered.coaching),
        "late": [late for late in gathered.late if late.owner_id == person.id],
        "asks": [say(ask.said, catalogue) for ask in gathered.asks],
        "meeting": meeting if meeting is not None and meeting.held_on <= today + ahead else None,
        "undecided": gathered.meeting.undecided if gathered.meeting else (),
        "signals": [signal for signal in gathered.signals if signal.is_own],
    }


def _letter(
    config: Config, key: OperatorKey, person: PersonView, gathered: Gathered, own: dict[str, Any], today: date
) -> Letter:
    off = f"{config.public_url}/today/off/{link_of(key, OFF, person.id)}"
    values = {
        **own,
        "acts": gathered.acts,
        "learn": f"{config.public_url}/learn?like=1&sort=newest",
        "today": today,
        "link": f"{config.public_url}/today",
        "off": off,
    }
    return Letter(
        folder=EMAILS,
        event="today",
        desk=DESK,
        to_address=person.email,
        to_name=person.name,
        language=person.language,
        values=values,
        unsubscribe=off,
    )
