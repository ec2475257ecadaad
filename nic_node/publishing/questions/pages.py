"""Ask, answer, and change one's words: each ends at the draft's page, where everything else happens."""

from typing import Any

from aiohttp import web
from marshmallow import fields, validate

from nic_node import i18n
from nic_node.accounts.actor import actor_of
from nic_node.commons.threads.pages import thread_words
from nic_node.commons.threads.read import thread_of
from nic_node.errors import InvalidInput, NotFound
from nic_node.i18n import N_
from nic_node.membership.local import local_node
from nic_node.membership.read import current_memberships
from nic_node.publishing.drafts import NO_DRAFT, draft_of
from nic_node.publishing.questions.subject import answerable_question, askable_record
from nic_node.publishing.questions.write import LENGTHS, change_words, start_answer, start_question
from nic_node.publishing.roster import days_old, roster_age
from nic_node.publishing.states import DraftKind
from nic_node.school.today import school_day
from nic_node.web import flash
from nic_node.web.context import database, now
from nic_node.web.forms import Form, FormSchema, blank_form, load_form, read_form
from nic_node.web.language import language_of
from nic_node.web.routes import FORM_BYTES, Route, page
from nic_node.web.templating import render, see_other
from schemas.fields import record_id_field
from schemas.practice import ANSWER_LENGTH, QUESTION_LENGTH
from schemas.vocab import GRADE_BANDS, IDEAS, PROBLEMS, SUBJECTS

DRAFT = "share.draft"
LONGEST_PASTED = 2_000
DRAFTED = N_("A draft is made. Nothing has left: look at what would, then send it to a second person.")
NO_SUCH = N_("This address asks for something that can't be asked. Open the practice, and ask from there.")
CHIP_FIELDS = {
    "problem": ("problem", N_("Kind of problem"), PROBLEMS),
    "idea": ("idea", N_("Kind of idea"), IDEAS),
    "grade_band": ("grade-band", N_("Grades"), GRADE_BANDS),
    "subject": ("subject", N_("Subject"), SUBJECTS),
}
"""Field of the form -> facet, label, its closed list."""


class AskQuery(FormSchema):
    about = record_id_field(load_default=None)
    words = fields.String(load_default="", validate=validate.Length(max=200))


class AskForm(FormSchema):
    about = record_id_field(load_default=None)
    network = fields.String(load_default=None, allow_none=True)
    text = fields.String(load_default="")
    problem = fields.String(load_default="")
    idea = fields.String(load_default="")
    grade_band = fields.String(load_default="")
    subject = fields.String(load_default="")


class AnswerQuery(FormSchema):
    question = record_id_field(required=True)


class AnswerForm(AnswerQuery):
    text = fields.String(load_default="")
    practice = fields.String(load_default="", validate=validate.Length(max=LONGEST_PASTED))


class WordsForm(FormSchema):
    version = fields.Integer(required=True)
    text = fields.String(load_default="")


def question_pages() -> list[Route]:
    return [
        page("GET", "/share/questions/new", "share.ask", show_ask, DRAFT),
        page("POST", "/share/questions/new", "share.ask", take_ask, DRAFT),
        page("GET", "/share/answers/new", "share.answer", show_answer, DRAFT),
        page("POST", "/share/answers/new", "share.answer", take_answer, DRAFT),
        page("GET", "/share/{id}/words", "share.words", show_words, DRAFT),
        page("POST", "/share/{id}/words", "share.words", take_words, DRAFT),
    ]


async def show_ask(request: web.Request) -> web.Response:
    query = load_form(request.query, AskQuery())
    if not query.ok:
        raise InvalidInput({}, NO_SUCH)
    words = query.data["words"].strip()
    text = i18n.translations(language_of(request)).gettext(N_("Who has tried {what}?")).format(what=words)
    return await _ask_page(request, blank_form({"text": text if words else ""}), query.data["about"])


async def take_ask(request: web.Request) -> web.Response:
    form = await read_form(request, AskForm(), max_bytes=FORM_BYTES)
    if form.ok:
        chips = [
            {"facet": facet, "id": form.data[name]} for name, (facet, *_) in CHIP_FIELDS.items() if form.data[name]
        ]
        try:
            async with database(request).writing() as session:
                row = await start_question(
                    session,
                    local_node(request),
                    actor=actor_of(request),
                    text=form.data["text"],
                    about=form.data["about"],
                    chips=chips,
                    network=form.data["network"],
                    now=now(request),
                )
                draft_id = row.id
            return flash.say(see_other(request, "share.show", id=draft_id), DRAFTED)
        except InvalidInput as error:
            form.refuse(error)
    elif "about" in form.errors:
        raise InvalidInput({}, NO_SUCH)
    return await _ask_page(request, form, form.values.get("about") or None, status=422)


async def _ask_page(request: web.Request, form: Form, about: str | None, *, status: int = 200) -> web.Response:
    catalogue = i18n.translations(language_of(request))
    async with database(request).reading() as session:
        record = None
        if about is not None:
            record, _ = await askable_record(session, local_node(request), about, now=now(request))
        networks = await current_memberships(session)
        values = await _values(request, session, form)
    lists = [
        (name, label, [(entry.id, catalogue.gettext(entry.label)) for entry in listed.values()])
        for name, (_, label, listed) in CHIP_FIELDS.items()
    ]
    values |= {"record": record, "lists_of": lists, "most": QUESTION_LENGTH}
    values["networks"] = [(one.network, one.name) for one in networks if one.read_under is None]
    return await render(request, "publishing/questions/ask.html", values, status=status)


async def show_answer(request: web.Request) -> web.Response:
    query = load_form(request.query, AnswerQuery())
    if not query.ok:
        raise InvalidInput({}, NO_SUCH)
    return await _answer_page(request, blank_form(), query.data["question"])


async def take_answer(request: web.Request) -> web.Response:
    form = await read_form(request, AnswerForm(), max_bytes=FORM_BYTES)
    if form.ok:
        try:
            async with database(request).writing() as session:
                row = await start_answer(
                    session,
                    local_node(request),
                    actor=actor_of(request),
                    question=form.data["question"],
                    text=form.data["text"],
                    practice=form.data["practice"] or None,
                    now=now(request),
                )
                draft_id = row.id
            return flash.say(see_other(request, "share.show", id=draft_id), DRAFTED)
        except InvalidInput as error:
            form.refuse(error)
    elif "question" in form.errors:
        raise InvalidInput({}, NO_SUCH)
    return await _answer_page(request, form, form.values["question"], status=422)


async def _answer_page(request: web.Request, form: Form, question: str, *, status: int = 200) -> web.Response:
    async with database(request).reading() as session:
        _, voice = await answerable_question(session, local_node(request), question, now=now(request))
        one = await thread_of(session, question, now=now(request))
        values = await _values(request, session, form)
    values |= {"one": one, "is_bound": voice is not None, "most": ANSWER_LENGTH, **thread_words(request)}
    return await render(request, "publishing/questions/answer.html", values, status=status)


async def show_words(request: web.Request) -> web.Response:
    return await _words_page(request, None)


async def take_words(request: web.Request) -> web.Response:
    form = await read_form(request, WordsForm(), max_bytes=FORM_BYTES)
    draft_id = int(request.match_info["id"])
    if form.ok:
        try:
            async with database(request).writing() as session:
                await change_words(
                    session,
                    actor=actor_of(request),
                    draft_id=draft_id,
                    text=form.data["text"],
                    version=form.data["version"],
                    now=now(request),
                )
            return flash.say(see_other(request, "share.show", id=draft_id), N_("The new words are in."))
        except InvalidInput as error:
            form.refuse(error)
    return await _words_page(request, form, status=422)


async def _words_page(request: web.Request, form: Form | None, *, status: int = 200) -> web.Response:
    async with database(request).reading() as session:
        row = await draft_of(session, int(request.match_info["id"]))
        if row.kind == DraftKind.PROJECT:
            raise NotFound(NO_DRAFT)
        form = form or blank_form({"text": row.snapshot["text"], "version": row.version})
        values = await _values(request, session, form)
    values |= {"row": row, "most": LENGTHS[row.kind]}
    return await render(request, "publishing/questions/words.html", values, status=status)


async def _values(request: web.Request, session: Any, form: Form) -> dict[str, Any]:
    today = school_day(request)
    age = await roster_age(session, today=today)
    return {"form": form, "roster": age, "roster_days": days_old(age, today)}
