"""Learn from others: the search, one practice, and starting it here."""

from dataclasses import replace
from datetime import datetime
from urllib.parse import urlencode

import aiohttp_jinja2
from aiohttp import web
from markupsafe import Markup, escape
from multidict import MultiDict, MultiMapping

from nic_node import i18n
from nic_node.accounts.actor import actor_of, person_id_of
from nic_node.commons.addresses import search_pairs
from nic_node.commons.adopt import adopt_entry, adopt_practice
from nic_node.commons.compare import HOW_MANY, aspects, compare, compared_values
from nic_node.commons.forms import LONGEST_QUERY, MOST_COMPARED, CompareForm, StartForm, search_form, search_of
from nic_node.commons.listing import compare_with, entry_values, listing_values
from nic_node.commons.practice import practice_view
from nic_node.commons.research.read import entry_of
from nic_node.commons.result_page import PARTS, Reader, draw_results
from nic_node.commons.search import PAGE_SIZE, Search, found_of, look_up, search_practices
from nic_node.commons.shelf import SHELF
from nic_node.commons.showing import facts_of, showing_values, steps_of
from nic_node.commons.threads.pages import thread_words
from nic_node.commons.threads.read import threads_about
from nic_node.errors import InvalidInput
from nic_node.i18n import N_
from nic_node.membership.read import WAITING, memberships
from nic_node.mirror.freshness import Freshness, build_freshness
from nic_node.mirror.read import LogView, living_records
from nic_node.mirror.versions import newest_version
from nic_node.school.today import school_day
from nic_node.web import flash
from nic_node.web.context import database, now
from nic_node.web.csrf import form_token
from nic_node.web.drawings import with_token
from nic_node.web.forms import load_form, read_form
from nic_node.web.language import language_of, speaking
from nic_node.web.routes import FORM_BYTES
from nic_node.web.templating import is_fragment_wanted, render, see_other
from nic_node.web.visitor import permissions, visitor

MOST_TRIED = 3
"""Hits on another room's page."""
MOST_THREADS = 5
"""Questions on a practice's own page; the others stand on the page of all."""
NO_SUCH_SEARCH = N_("This address asks for something that the search does not know. Start a new search.")
OF_A_PROJECT = "problem_category"
TOO_LONG = N_("A search takes up to 400 characters. Use fewer words.")
NEWER = N_("The school that shared this corrected it. This is the newest version.")
STARTED = N_("Your project runs. Its origin is kept, so that your result can be told beside theirs.")


async def show_learn(request: web.Request) -> web.Response:
    """The search; for another room's page that asks by htmx, just its first hits."""
    form = load_form(_asked(request), search_form())
    if not form.ok:
        raise InvalidInput({}, TOO_LONG if len(request.query.get("q", "")) > LONGEST_QUERY else NO_SUCH_SEARCH)
    search = search_of(form.data)
    if is_fragment_wanted(request):
        return await _show_tried(request, search, on_problem=bool(form.data["problem"]))
    shelf, moment, language = request.config_dict[SHELF], now(request), language_of(request)
    templates = aiohttp_jinja2.get_env(request.app)
    async with database(request).reading() as session:
        looked = await look_up(session, shelf, search, now=moment, limit=PAGE_SIZE, person_id=person_id_of(request))
        found = await found_of(session, shelf, search, looked, ())
        held = [] if found.shelf else await memberships(session)
        tray = await living_records(session, form.data["tray"])
        reader = Reader(
            language=language,
            token=escape(form_token(request)),
            may_adopt="practices.adopt" in permissions(request),
            compare_with=escape(compare_with(request, found, tray)),
            compared=tray,
        )
        results = await draw_results(session, shelf, looked, reader, templates.get_template(PARTS))

    def draw_around(name: str) -> str:
        listed = listing_values(request, found, list(tray.values()), i18n.translations(language))
        own = {"csrf_token": reader.token, "person": visitor(request)}
        with speaking(language):
            return templates.get_template(f"commons/{name}.html").render(listed | own)

    def around(name: str) -> Markup:
        """Drawn once for a search as long as the libraries stay; what somebody compares may be of any library."""
        if tray:
            return Markup(draw_around(name))  # noqa: S704  # a template's answer, escaped where it was drawn
        page = found.page if name == "below" else 1
        asked = search_pairs(replace(search, page=1))
        key = (name, page, found.upto, *asked, looked.here.mine, language, permissions(request))
        return with_token(looked.cards.around, key, reader.token, lambda: draw_around(name))

    values = {
        "found": found,
        "above": around("above") if found.shelf else "",
        "results": results,
        "below": around("below") if found.shelf else "",
        "is_waiting": any(membership.state in WAITING for membership in held),
        "read_to": [(log, fresh) for log in found.logs if (fresh := _freshness(log, moment)).kind != "ended"],
        "is_filling": any(log.state in ("new", "backfilling") for log in found.logs),
    }
    if not found.shelf:
        values |= listing_values(request, found, (), i18n.translations(language))
    return await render(request, "commons/index.html", values)


def _freshness(log: LogView, moment: datetime) -> Freshness:
    return build_freshness(log.state, log.current_at, moment)


async def _show_tried(request: web.Request, search: Search, *, on_problem: bool) -> web.Response:
    async with database(request).reading() as session:
        found = await search_practices(
            session,
            request.config_dict[SHELF],
            search,
            now=now(request),
            limit=MOST_TRIED,
            person_id=person_id_of(request),
        )
    values = listing_values(request, found, (), i18n.translations(language_of(request)))
    return await render(request, "commons/tried.html", values | {"on_problem": on_problem})


def _asked(request: web.Request) -> MultiMapping[str]:
    """The query; the form of a project asks for what others tried with its own field, as it is chosen."""
    chosen = request.query.getall(OF_A_PROJECT, [])
    if not chosen or not is_fragment_wanted(request):
        return request.query
    others = [(name, value) for name, value in request.query.items() if name != OF_A_PROJECT]
    return MultiDict([*others, *(("problem", value) for value in chosen if value)])


async def show_comparison(request: web.Request) -> web.Response:
    form = load_form(request.query, CompareForm())
    if not form.ok:
        raise InvalidInput({}, HOW_MANY)
    named = form.data["record"]
    async with database(request).reading() as session:
        hits = await compare(
            session, request.config_dict[SHELF], named, now=now(request), person_id=person_id_of(request)
        )
    compared = compared_values(hits, i18n.translations(language_of(request)))
    for each in compared:
        others = [("record", other["record"]) for other in compared if other is not each]
        each["without"] = str(request.app.router["learn.compare"].url_for().with_query(others))
    values = {
        "compared": compared,
        "facts": aspects(compared, "facts"),
        "lessons": aspects(compared, "lessons"),
        "most": MOST_COMPARED,
        "add": urlencode([("with", each["record"]) for each in compared]),
    }
    return await render(request, "commons/compare.html", values)


async def show_practice(request: web.Request) -> web.Response:
    asked = request.match_info["record"]
    async with database(request).reading() as session:
        newest = await newest_version(session, asked)
        if newest != asked:
            return flash.say(see_other(request, "learn.show", record=newest), NEWER)
        view = await practice_view(session, asked, now=now(request), person_id=person_id_of(request))
        threads = await threads_about(session, view.record, limit=MOST_THREADS, now=now(request))
    values = showing_values(view, i18n.translations(language_of(request)))
    return await render(request, "commons/show.html", values | {"threads": threads, **thread_words(request)})


async def take_start(request: web.Request) -> web.Response:
    form = await read_form(request, StartForm(), max_bytes=FORM_BYTES)
    if not form.ok or (form.data["record"] is None) == (not form.data["entry"]):
        raise InvalidInput({}, N_("This form names no practice. Open the practice and start it from there."))
    async with database(request).writing() as session:
        actor, day, moment = actor_of(request), school_day(request), now(request)
        if form.data["entry"]:
            entry_id = form.data["entry"]
            project = await adopt_entry(session, actor=actor, entry_id=entry_id, starts_on=day, now=moment)
        else:
            record_id = form.data["record"]
            project = await adopt_practice(session, actor=actor, record_id=record_id, starts_on=day, now=moment)
    return flash.say(see_other(request, "projects.show", id=project.id), STARTED)


async def show_entry(request: web.Request) -> web.Response:
    """A recommendation of the starter shelf."""
    entry = entry_of(request.match_info["id"])
    catalogue = i18n.translations(language_of(request))
    values = entry_values(entry, catalogue) | {
        "facts": facts_of(entry.payload, catalogue),
        "steps": steps_of(entry.payload, catalogue),
    }
    return await render(request, "commons/entry.html", values)
