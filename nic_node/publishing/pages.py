"""Share: what can be shared, a draft as its author sees it, and how far each release is."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node import i18n
from nic_node.accounts.actor import actor_of
from nic_node.accounts.people import people_who_may, person_name
from nic_node.errors import Conflict, InvalidInput, NotAllowed, NotFound
from nic_node.i18n import N_
from nic_node.membership.local import local_node
from nic_node.membership.read import memberships
from nic_node.mirror.acks import erasures_of
from nic_node.publishing.decide import take_back
from nic_node.publishing.drafts import (
    NO_DRAFT,
    draft_of,
    drop_draft,
    leave_out,
    renew_snapshot,
    reword,
    send_to_review,
    start_draft,
)
from nic_node.publishing.findings import place_of
from nic_node.publishing.forms import LeftOutForm, RewordForm, StartForm, VersionForm
from nic_node.publishing.marked_text import both_sides
from nic_node.publishing.places import place_of_release
from nic_node.publishing.preview import Preview, preview
from nic_node.publishing.questions.asked import answered_to_us, asked_of_us
from nic_node.publishing.read import (
    Sharing,
    all_sharing,
    record_of_release,
    shareable_projects,
    sharing_of_draft,
)
from nic_node.publishing.relays.ways import all_ways
from nic_node.publishing.roster import days_old, roster_age
from nic_node.publishing.show import (
    cell_rows,
    context_pairs,
    effect_words,
    finding_rows,
    other_rows,
    reader_page,
    way_steps,
)
from nic_node.publishing.standing import standing_in
from nic_node.publishing.states import DraftState, OutboxState
from nic_node.publishing.tables import DraftRow
from nic_node.school.today import school_day
from nic_node.web import flash
from nic_node.web.context import database, now, wake_worker
from nic_node.web.forms import Form, FormSchema, blank_form, read_form
from nic_node.web.language import language_of
from nic_node.web.routes import FORM_BYTES
from nic_node.web.templating import render, see_other
from nic_node.web.visitor import visitor

Verb = Callable[[AsyncSession, Form], Awaitable[object]]
DROPPED = N_("The draft is gone. The project, and what was shared of it, are as they were.")
GROUPS = (
    (DraftState.REVIEW, N_("In review"), (DraftState.REVIEW,)),
    (DraftState.DRAFT, N_("Drafts"), (DraftState.DRAFT,)),
    (
        OutboxState.ON_ITS_WAY,
        N_("On their way"),
        (OutboxState.QUEUED, OutboxState.ON_ITS_WAY, OutboxState.STOPPED),
    ),
    (OutboxState.FINAL, N_("Shared"), (OutboxState.IN_THE_LOG, OutboxState.FINAL)),
    (
        OutboxState.REMOVED,
        N_("Not read by others any more"),
        (OutboxState.REMOVED, OutboxState.BLOCKED, OutboxState.REFUSED),
    ),
)


async def show_index(request: web.Request) -> web.Response:
    """Everything on its way out, and closed projects that nobody drafted."""
    today = school_day(request)
    async with database(request).reading() as session:
        sharing = await all_sharing(session)
        projects = await shareable_projects(session)
        age = await roster_age(session, today=today)
        standing = [await standing_in(session, one, now(request)) for one in await memberships(session)]
        ways = await all_ways(session, local_node(request), now(request))
        asked = await asked_of_us(session, local_node(request), now=now(request))
        answered = await answered_to_us(session, local_node(request), now=now(request))
    groups = [(name, [one for one in sharing if one.state in states]) for _, name, states in GROUPS]
    values = {
        "groups": [(name, found) for name, found in groups if found],
        "projects": projects,
        "roster": age,
        "roster_days": days_old(age, today),
        "standing": standing,
        "ways": ways,
        "asked": [one for one in asked if one.is_open],
        "answered": {one.draft_id: one for one in answered},
        "chosen": request.query.get("project", ""),
    }
    return await render(request, "publishing/index.html", values)


async def take_start(request: web.Request) -> web.Response:
    """Freeze a closed project into a draft."""
    form = await read_form(request, StartForm(), max_bytes=FORM_BYTES)
    async with database(request).writing() as session:
        row = await start_draft(
            session,
            local_node(request),
            actor=actor_of(request),
            project_id=int(request.match_info["project_id"]),
            network=form.data.get("network"),
            now=now(request),
        )
        draft_id = row.id
    said = N_("A draft is made. Nothing has left: look at what would, then send it to a second person.")
    return flash.say(see_other(request, "share.show", id=draft_id), said)


async def show_draft(request: web.Request) -> web.Response:
    """The author's page: what would leave, exactly, and what to do next."""
    async with database(request).reading() as session:
        row = await draft_of(session, draft_id(request))
        shown = await preview(session, local_node(request), row, now(request))
        sharing = await sharing_of_draft(session, row.id)
        if sharing is None:
            raise NotFound(NO_DRAFT)
        reviewers = [
            person.name for person in await people_who_may(session, "share.review") if person.id != row.author_id
        ]
        place, released = None, None
        if sharing.release_id is not None:
            place = await place_of_release(session, local_node(request), sharing.release_id)
        if sharing.release_id is not None and not sharing.shared:
            released = await record_of_release(session, local_node(request), sharing.release_id)
        erasures = await erasures_of(session, place.record_id) if place else None
        standing = await _standing(session, row.network, request)
        asked = await asked_of_us(session, local_node(request), now=now(request)) if place else []
    values = await draft_values(request, shown, sharing, released)
    values |= {"reviewers": reviewers, "place": place, "standing": standing, "erasures": erasures}
    values["asked"] = [one for one in asked if one.practice_draft_id == row.id]
    return await render(request, "publishing/show.html", values)


async def _standing(session: AsyncSession, network: str | None, request: web.Request) -> Any:
    found = [one for one in await memberships(session) if one.network == network]
    return await standing_in(session, found[0], now(request)) if found else None


def _is_corrected_now(row: DraftRow) -> bool:
    """Whatever left is open to be said better, also where nothing was found."""
    return row.corrects is not None and row.state == DraftState.DRAFT


async def draft_values(
    request: web.Request, shown: Preview, sharing: Sharing, released: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """What both the author's and the reviewer's page are made from; `released`: the approved bytes, once there are."""
    catalogue = i18n.translations(language_of(request))
    who = visitor(request)
    review_at = str(request.app.router["share.review"].url_for(id=str(shown.row.id)))
    is_author = who is not None and who.person_id == shown.row.author_id
    reviews = (
        not is_author and who is not None and "share.review" in who.permissions and shown.row.state == DraftState.REVIEW
    )
    return {
        "row": shown.row,
        "sharing": sharing,
        "shown": shown,
        "draft": shown.draft,
        "is_author": is_author,
        "may_review": reviews,
        "sides": both_sides(shown.draft, shown.items, findings_at=review_at, every=_is_corrected_now(shown.row)),
        "others": other_rows(shown.items, catalogue),
        "findings": finding_rows(shown.items, catalogue, may_decide=reviews),
        "decided": sum(not item.open for item in shown.items),
        "cells": cell_rows(shown.draft.cells, catalogue),
        "context": context_pairs(shown, catalogue),
        "effect": effect_words(shown.draft),
        "page": reader_page(released or shown.draft.record, catalogue),
        "way": way_steps(sharing.state, catalogue),
        "roster": shown.roster,
        "roster_days": days_old(shown.roster, school_day(request)),
        "policy": shown.terms.policy,
    }


async def take_send(request: web.Request) -> web.Response:
    async def send(session: AsyncSession, form: Form) -> None:
        await send_to_review(session, local_node(request), **_of(request, form))

    return await _take(request, send, N_("Sent. A second person decides now; you will see it here."))


async def take_renew(request: web.Request) -> web.Response:
    async def renew(session: AsyncSession, form: Form) -> None:
        await renew_snapshot(session, local_node(request), **_of(request, form))

    return await _take(request, renew, N_("The project's facts were taken anew."))


async def take_drop(request: web.Request) -> web.Response:
    async def drop(session: AsyncSession, form: Form) -> None:
        await drop_draft(session, **_of(request, form))

    return await _take(request, drop, DROPPED, then="share.index")


async def take_left_out(request: web.Request) -> web.Response:
    """Keep a measure's numbers or the context here, or let them leave again."""
    form = await read_form(request, LeftOutForm(), max_bytes=FORM_BYTES)
    verify_may_reword(request)
    async with database(request).writing() as session:
        row = await leave_out(
            session,
            local_node(request),
            path=form.data["path"],
            stays=form.data["stays"] == "yes",
            **_of(request, form),
        )
        name = "share.review" if row.state == DraftState.REVIEW else "share.show"
    said = N_("It stays here; the rest leaves without it.") if form.data["stays"] == "yes" else N_("It leaves again.")
    return flash.say(see_other(request, name, id=draft_id(request)), said)


async def take_undo(request: web.Request) -> web.Response:
    """Take an approval back, as long as nothing was sent."""
    await read_form(request, FormSchema(), max_bytes=FORM_BYTES)
    async with database(request).writing() as session:
        await take_back(session, actor=actor_of(request), draft_id=draft_id(request), now=now(request))
    said = N_("The approval is taken back. Nothing has left.")
    return flash.say(see_other(request, "share.review", id=draft_id(request)), said)


def _of(request: web.Request, form: Form) -> dict[str, Any]:
    return {
        "actor": actor_of(request),
        "draft_id": draft_id(request),
        "version": form.data.get("version", 0),
        "now": now(request),
    }


async def _take(request: web.Request, verb: Verb, said: str, *, then: str = "share.show") -> web.Response:
    """One button: its version travels along, so that nobody acts on a draft that changed under them."""
    form = await read_form(request, VersionForm(), max_bytes=FORM_BYTES)
    async with database(request).writing() as session:
        await verb(session, form)
    wake_worker(request)
    back = see_other(request, then) if then == "share.index" else see_other(request, then, id=draft_id(request))
    return flash.say(back, said)


async def show_reword(request: web.Request) -> web.Response:
    return await _reword_page(request, None, request.query.get("path", ""))


async def take_reword(request: web.Request) -> web.Response:
    form = await read_form(request, RewordForm(), max_bytes=FORM_BYTES)
    verify_may_reword(request)
    path = form.values.get("path", "")
    if form.ok:
        try:
            async with database(request).writing() as session:
                row = await reword(
                    session,
                    local_node(request),
                    path=path,
                    text=form.data["text"],
                    **_of(request, form),
                )
                state = row.state
            name = "share.review" if state == DraftState.REVIEW else "share.show"
            return flash.say(see_other(request, name, id=draft_id(request)), N_("The new words are in."))
        except InvalidInput as error:
            form.refuse(error)
        except Conflict as error:
            form.errors[""] = [error.sentence]
    return await _reword_page(request, form, path, status=422)


async def _reword_page(request: web.Request, form: Form | None, path: str, *, status: int = 200) -> web.Response:
    verify_may_reword(request)
    async with database(request).reading() as session:
        row = await draft_of(session, draft_id(request))
        shown = await preview(session, local_node(request), row, now(request))
        author = await person_name(session, row.author_id)
    change = next((one for one in shown.draft.texts if one.path == path), None)
    if change is None:
        raise NotFound(N_("There is no text at this place of the draft."))
    form = form or blank_form({"text": change.before, "path": path, "version": row.version})
    values = {"row": row, "form": form, "change": change, "place": place_of(path), "author": author}
    return await render(request, "publishing/reword.html", values, status=status)


def verify_may_reword(request: web.Request) -> None:
    """Two permissions open this door, so the route asks for the reading one and this for either.

    Raises:
        NotAllowed.
    """
    who = visitor(request)
    if who is None or not who.permissions & {"share.draft", "share.review"}:
        raise NotAllowed(N_("Rewording is for whoever drafts or reviews. Ask one of them."))


def draft_id(request: web.Request) -> int:
    return int(request.match_info["id"])
