"""Today: the page that people live on."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.commons.listing import hit_values
from nic_node.commons.search import Search, search_practices
from nic_node.commons.shelf import SHELF
from nic_node.district.read import what_waits
from nic_node.i18n import N_
from nic_node.membership.ending import ending_terms
from nic_node.membership.local import local_node
from nic_node.membership.standing import standing_in_words
from nic_node.membership.terms import all_new_terms
from nic_node.mirror.forks.read import open_forks
from nic_node.publishing.questions.asked import answered_to_us, asked_of_us
from nic_node.publishing.relays.ways import all_ways
from nic_node.publishing.waiting import drafts_waiting
from nic_node.school.measures.chart import MeasureChart, build_chart
from nic_node.school.measures.phases import story_of
from nic_node.school.obstacles.read import new_answers
from nic_node.school.profile.name import week_of_year
from nic_node.school.sample.keep import has_sample, may_load
from nic_node.school.today import school_day
from nic_node.today import reach_pages
from nic_node.today.gather import Gathered, gather
from nic_node.today.next_step import next_step
from nic_node.today.recent import recent_changes
from nic_node.web.context import config, database, now
from nic_node.web.language import words_of
from nic_node.web.routes import Route, document, page
from nic_node.web.templating import render, see_other
from nic_node.web.visitor import PUBLIC, Visitor, visitor

TEMPLATES = Path(__file__).parent / "templates"
SHOWN = 2
NOON, EVENING = 12, 18


@dataclass(frozen=True, slots=True, kw_only=True)
class FromOthers:
    """Attributes: alike: they are of schools like ours. hits: as `listing.hit_values` makes them."""

    alike: bool
    hits: Sequence[dict[str, Any]]


def page_routes() -> list[Route]:
    return [
        page("GET", "/", "today.home", go_home, PUBLIC),
        page("GET", "/today", "today.show", show_today, "school.read"),
        page("GET", "/today/reach", "today.reach", reach_pages.show_reach, "school.read"),
        page("POST", "/today/reach", "today.reach", reach_pages.take_mail, "school.read"),
        page("POST", "/today/feed/{act:make|end}", "today.feed_act", reach_pages.take_feed, "school.read"),
        page("GET", "/today/off/{link}", "today.off", reach_pages.show_off, PUBLIC),
        page("POST", "/today/off/{link}", "today.off", reach_pages.take_off, PUBLIC),
        document("/today/calendar/{link}", "today.feed", reach_pages.show_feed, PUBLIC),
    ]


async def go_home(request: web.Request) -> web.Response:
    return see_other(request, "today.show")


async def show_today(request: web.Request) -> web.Response:
    who = visitor(request)
    assert who is not None
    today = school_day(request)
    async with database(request).reading() as session:
        gathered = await gather(
            session,
            local_node(request).operator_key,
            person_id=who.person_id,
            permissions=who.permissions,
            today=today,
        )
        values: dict[str, Any] = {
            "today": today,
            "first_name": who.name.split()[0],
            "gathered": gathered,
            "signal": await _first_signal(request, session, gathered),
            "waiting": await drafts_waiting(session, person_id=who.person_id, permissions=who.permissions)
            if _may(who, "share.read")
            else [],
            "asked": [one for one in await asked_of_us(session, local_node(request), now=now(request)) if one.is_open]
            if _may(who, "share.read")
            else [],
            "answered": [
                one
                for one in await answered_to_us(session, local_node(request), now=now(request))
                if one.is_news(now(request))
            ]
            if _may(who, "share.read")
            else [],
            "from_others": await _from_others(request, session),
            "schools_wait": await what_waits(session, today)
            if who.beside.get("has_schools") and _may(who, "schools.read")
            else None,
            "district_answers": await new_answers(session, today=today, now=now(request)),
            "recent": await recent_changes(
                session, person_id=who.person_id, now=now(request), catalogue=words_of(request)[0]
            ),
            "week": week_of_year(today),
            "greeting": _greeting(request),
            "forks": await open_forks(session) if _may(who, "practices.read") else [],
            "new_terms": await all_new_terms(session) if _may(who, "network.read") else [],
            "ending_terms": await ending_terms(session, now=now(request)) if _may(who, "network.read") else [],
            "stuck_ways": [way for way in await all_ways(session, local_node(request), now(request)) if way.asks]
            if _may(who, "share.read")
            else [],
            "standing": await standing_in_words(session) if _may(who, "network.read") else None,
            "next_step": await next_step(session, gathered, who.permissions),
            "has_sample": await has_sample(session),
            "may_load_sample": gathered.is_new and await may_load(session),
        }
    return await render(request, "today/show.html", values)


def _greeting(request: web.Request) -> str:
    hour = now(request).astimezone(ZoneInfo(config(request).time_zone)).hour
    if hour < NOON:
        return N_("Good morning, %(name)s")
    return N_("Good afternoon, %(name)s") if hour < EVENING else N_("Good evening, %(name)s")


async def _from_others(request: web.Request, session: AsyncSession) -> FromOthers:
    """The newest that schools like ours shared; of all schools where ours is not described, or none is alike."""
    catalogue, _language = words_of(request)
    for like in (True, False):
        search = Search(like=like, sort="newest")
        found = await search_practices(session, request.config_dict[SHELF], search, now=now(request), limit=SHOWN)
        if found.hits:
            break
    return FromOthers(alike=like and bool(found.hits), hits=[hit_values(hit, catalogue) for hit in found.hits])


async def _first_signal(request: web.Request, session: AsyncSession, gathered: Gathered) -> MeasureChart | None:
    """One chart, the first that has something to say; the others are named."""
    if not gathered.signals:
        return None
    catalogue, language = words_of(request)
    first = gathered.signals[0].of
    # The whole series, as the signal was found in it.
    story = await story_of(session, first.measure, catalogue)
    return build_chart(first.measure, first.numbers, first.marks, story, catalogue=catalogue, language=language)


def _may(who: Visitor, permission: str) -> bool:
    return permission in who.permissions
