"""Searches that a person keeps: the list, keeping one, hearing of it by e-mail or by a feed."""

from typing import Any

from aiohttp import web
from marshmallow import fields, validate

from nic_node import i18n
from nic_node.accounts.actor import person_id_of
from nic_node.commons.feed import CONTENT_TYPE, build_feed
from nic_node.commons.forms import SearchForm, search_of
from nic_node.commons.listing import search_label
from nic_node.commons.saved.keep import (
    make_feed,
    remove_search,
    save_search,
    saved_by_feed,
    saved_searches,
    set_digest,
)
from nic_node.commons.saved.tables import NAME_LENGTH, QUERY_LENGTH
from nic_node.commons.shelf import SHELF
from nic_node.errors import InvalidInput
from nic_node.i18n import N_
from nic_node.web import flash
from nic_node.web.context import config, database, now
from nic_node.web.forms import FormSchema, load_form, read_form
from nic_node.web.language import language_of
from nic_node.web.routes import FORM_BYTES, Route, document, page
from nic_node.web.templating import render, see_other
from nic_node.web.visitor import PUBLIC

READ = "practices.read"
KEPT = N_("The search is kept.")
HEARD = N_("You hear of new practices once a week, on Monday.")
QUIET = N_("You hear of this search no more.")
REMOVED = N_("The search is kept no more.")
NO_SUCH_SEARCH = N_("This address asks for something that the search does not know. Start a new search.")


class SaveForm(FormSchema):
    name = fields.String(required=True, validate=validate.Length(1, NAME_LENGTH))
    query = fields.String(load_default="", validate=validate.Length(max=QUERY_LENGTH))
    digest = fields.Boolean(load_default=False)


class DigestForm(FormSchema):
    digest = fields.Boolean(required=True)


class EmptyForm(FormSchema):
    pass


def saved_pages() -> list[Route]:
    return [
        page("GET", "/learn/saved", "learn.saved", show_saved, READ),
        page("POST", "/learn/saved", "learn.save", take_search, READ),
        page("POST", r"/learn/saved/{id:\d+}/digest", "learn.saved_digest", take_digest, READ),
        page("POST", r"/learn/saved/{id:\d+}/feed", "learn.saved_feed", take_feed, READ),
        page("POST", r"/learn/saved/{id:\d+}/remove", "learn.saved_remove", take_removal, READ),
        document("/learn/feed.atom", "learn.feed", send_feed, READ),
        document("/feeds/{token}", "learn.own_feed", send_own_feed, PUBLIC),
    ]


async def show_saved(request: web.Request) -> web.Response:
    return await _saved_page(request)


async def _saved_page(request: web.Request, *, new_feed: str = "") -> web.Response:
    async with database(request).reading() as session:
        kept = await saved_searches(session, person_id_of(request))
    catalogue = i18n.translations(language_of(request))
    values = {
        "kept": [(each, search_label(each.search, catalogue)) for each in kept],
        "new_feed": new_feed,
        "mails": config(request).smtp is not None,
    }
    return await render(request, "commons/saved/index.html", values)


async def take_search(request: web.Request) -> web.Response:
    form = await read_form(request, SaveForm(), max_bytes=FORM_BYTES)
    if not form.ok:
        raise InvalidInput({}, N_("Give the search a name of up to 120 characters. Go back and keep it again."))
    async with database(request).writing() as session:
        await save_search(
            session,
            request.config_dict[SHELF],
            person_id=person_id_of(request),
            name=form.data["name"],
            query=form.data["query"],
            has_digest=form.data["digest"],
            now=now(request),
        )
    return flash.say(see_other(request, "learn.saved"), KEPT)


async def take_digest(request: web.Request) -> web.Response:
    form = await read_form(request, DigestForm(), max_bytes=FORM_BYTES)
    if not form.ok:
        raise InvalidInput({}, NO_SUCH_SEARCH)
    wanted: bool = form.data["digest"]
    async with database(request).writing() as session:
        await set_digest(session, person_id=person_id_of(request), saved_id=_id(request), has_digest=wanted)
    return flash.say(see_other(request, "learn.saved"), HEARD if wanted else QUIET)


async def take_feed(request: web.Request) -> web.Response:
    await read_form(request, EmptyForm(), max_bytes=FORM_BYTES)
    async with database(request).writing() as session:
        token = await make_feed(session, person_id=person_id_of(request), saved_id=_id(request))
    return await _saved_page(request, new_feed=f"{config(request).public_url}/feeds/{token}")


async def take_removal(request: web.Request) -> web.Response:
    await read_form(request, EmptyForm(), max_bytes=FORM_BYTES)
    async with database(request).writing() as session:
        await remove_search(session, person_id=person_id_of(request), saved_id=_id(request))
    return flash.say(see_other(request, "learn.saved"), REMOVED)


async def send_feed(request: web.Request) -> web.Response:
    """Of any search, for whoever is signed in, a program by its access token."""
    form = load_form(request.query, SearchForm())
    if not form.ok:
        raise InvalidInput({}, NO_SUCH_SEARCH)
    search = search_of(form.data)
    title = search_label(search, i18n.translations(language_of(request)))
    address = f"{config(request).public_url}{request.rel_url}"
    return await _feed(request, search=search, title=title, feed_id=address, address=address)


async def send_own_feed(request: web.Request) -> web.Response:
    """Of a search that somebody keeps, for whoever has its address."""
    async with database(request).reading() as session:
        saved, _ = await saved_by_feed(session, request.match_info["token"])
    feed_id = f"{config(request).public_url}/learn/saved#{saved.id}"
    return await _feed(request, search=saved.search, title=saved.name, feed_id=feed_id, address=None)


async def _feed(request: web.Request, **values: Any) -> web.Response:
    async with database(request).reading() as session:
        shelf, public_url = request.config_dict[SHELF], config(request).public_url
        body = await build_feed(session, shelf, public_url=public_url, now=now(request), **values)
    response = web.Response(body=body, content_type=CONTENT_TYPE, charset="utf-8")
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _id(request: web.Request) -> int:
    return int(request.match_info["id"])
