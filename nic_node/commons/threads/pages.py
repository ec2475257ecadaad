"""Questions to everybody, the questions about one practice, and one question with its answers."""

from collections.abc import Mapping
from gettext import NullTranslations
from typing import Any

from aiohttp import web
from marshmallow import fields, validate

from nic_node import i18n
from nic_node.commons.practice import readable_record
from nic_node.commons.terms import term_words
from nic_node.commons.threads.read import (
    Thread,
    ThreadPage,
    calls_page,
    readable_question,
    thread_of,
    threads_about,
)
from nic_node.errors import InvalidInput
from nic_node.i18n import N_
from nic_node.web.context import database, now
from nic_node.web.forms import FormSchema, load_form
from nic_node.web.language import language_of
from nic_node.web.routes import Route, page
from nic_node.web.templating import render
from schemas.fields import record_id_field
from schemas.vocab import GRADE_BANDS, IDEAS, MEASURES, PROBLEMS, SUBJECTS

READ = "practices.read"
MOST_PAGES = 10_000
LONGEST_WORDS = 200
NO_SUCH_PAGE = N_("This address asks for something that the list of questions does not know.")
CHIPS: Mapping[str, Mapping[str, Any]] = {
    "problem": PROBLEMS,
    "idea": IDEAS,
    "measure": MEASURES,
    "grade-band": GRADE_BANDS,
    "subject": SUBJECTS,
}


class ListForm(FormSchema):
    page = fields.Integer(load_default=1, validate=validate.Range(1, MOST_PAGES))
    about = record_id_field(load_default=None)
    q = fields.String(load_default="", validate=validate.Length(max=LONGEST_WORDS))


def thread_pages() -> list[Route]:
    return [
        page("GET", "/learn/questions", "learn.questions", show_list, READ),
        page("GET", "/learn/questions/{record:.+}", "learn.question", show_question, READ),
    ]


async def show_list(request: web.Request) -> web.Response:
    form = load_form(request.query, ListForm())
    if not form.ok:
        raise InvalidInput({}, NO_SUCH_PAGE)
    about, number, words = form.data["about"], form.data["page"], form.data["q"]
    is_read_only = False
    async with database(request).reading() as session:
        if about is None:
            found = await calls_page(session, words=words, page=number, now=now(request))
        else:
            record, log = await readable_record(session, about, now=now(request))
            found = await threads_about(session, record, page=number, now=now(request))
            is_read_only = log.is_read_only
    values = {
        "found": found,
        "read_only": is_read_only,
        "words": words,
        "newer": _address(request, found, number - 1, words) if number > 1 else None,
        "older": _address(request, found, number + 1, words) if number < found.pages else None,
        **thread_words(request),
    }
    return await render(request, "commons/threads/index.html", values)


async def show_question(request: web.Request) -> web.Response:
    record_id = request.match_info["record"]
    async with database(request).reading() as session:
        _, log = await readable_question(session, record_id, now=now(request))
        one = await thread_of(session, record_id, now=now(request))
    return await render(request, "commons/threads/show.html", {"one": one, "log": log, **thread_words(request)})


def thread_words(request: web.Request) -> dict[str, Any]:
    """What `commons/threads/parts.html` says by functions: a day as a term, and what a call asks about."""
    catalogue = i18n.translations(language_of(request))
    return {
        "term": lambda starts: term_words(starts, catalogue),
        "chip_labels": lambda thread: chip_labels(thread, catalogue),
    }


def chip_labels(thread: Thread, catalogue: NullTranslations) -> list[str]:
    """Those of vocabularies; what another program says by bands of context is left out."""
    return [
        catalogue.gettext(CHIPS[facet][value].label)
        for facet, value in thread.chips
        if facet in CHIPS and value in CHIPS[facet]
    ]


def _address(request: web.Request, found: ThreadPage, number: int, words: str) -> str:
    query = {"page": str(number)}
    if found.about:
        query["about"] = found.about.record_id
    elif words:
        query["q"] = words
    return str(request.app.router["learn.questions"].url_for().with_query(query))
