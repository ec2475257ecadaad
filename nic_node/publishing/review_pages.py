"""The reviewer's page: text before and after, one decision a finding, and the approval."""

from aiohttp import web

from nic_node.accounts.actor import actor_of
from nic_node.errors import InvalidInput, NotFound
from nic_node.i18n import N_
from nic_node.membership.local import local_node
from nic_node.publishing.decide import CONFIRMATION, approve, decide
from nic_node.publishing.drafts import NO_DRAFT, draft_of, send_back
from nic_node.publishing.forms import ApproveForm, DecideForm, ReturnForm
from nic_node.publishing.pages import draft_id, draft_values
from nic_node.publishing.preview import preview
from nic_node.publishing.read import earlier_releases, sharing_of_draft
from nic_node.web import flash
from nic_node.web.context import database, now, wake_worker
from nic_node.web.forms import Form, blank_form, read_form
from nic_node.web.routes import FORM_BYTES
from nic_node.web.templating import render, see_other

ALL = "all"


async def show_review(request: web.Request) -> web.Response:
    return await _review_page(request, blank_form())


async def _review_page(request: web.Request, form: Form, *, status: int = 200) -> web.Response:
    async with database(request).reading() as session:
        row = await draft_of(session, draft_id(request))
        shown = await preview(session, local_node(request), row, now(request))
        sharing = await sharing_of_draft(session, row.id)
        earlier = await earlier_releases(session, local_node(request), shown)
    if sharing is None:
        raise NotFound(NO_DRAFT)
    values = await draft_values(request, shown, sharing)
    acceptable = [item for item in shown.items if item.decided is None and ("accept" in dict(item.choices))]
    values |= {"form": form, "confirmation": CONFIRMATION, "acceptable": len(acceptable), "earlier": earlier}
    return await render(request, "publishing/review.html", values, status=status)


async def take_decision(request: web.Request) -> web.Response:
    """One decision; 'Reword' leads to the words themselves."""
    form = await read_form(request, DecideForm(), max_bytes=FORM_BYTES)
    key, _, choice = form.data.get("choice", "").rpartition(":")
    node = local_node(request)
    async with database(request).writing() as session:
        row = await draft_of(session, draft_id(request))
        items = {item.key: item for item in (await preview(session, node, row, now(request))).items}
        if choice == "reword" and key in items:
            return see_other(request, "share.reword", id=row.id, query={"path": items[key].paths[0]})
        if key == ALL:
            chosen = {
                item.key: "accept" for item in items.values() if item.decided is None and "accept" in dict(item.choices)
            }
        else:
            chosen = {key: choice}
        await decide(
            session,
            node,
            actor=actor_of(request),
            draft_id=row.id,
            decisions=chosen,
            now=now(request),
        )
    number = items[key].number if key in items else None
    anchor = f"finding-{number}" if number else "findings"
    return see_other(request, "share.review", id=draft_id(request), anchor=anchor)


async def take_approval(request: web.Request) -> web.Response:
    form = await read_form(request, ApproveForm(), max_bytes=FORM_BYTES)
    if form.ok:
        try:
            async with database(request).writing() as session:
                await approve(
                    session,
                    local_node(request),
                    actor=actor_of(request),
                    draft_id=draft_id(request),
                    sha256=form.data["sha256"],
                    names_anyone=form.data["names_anyone"] == "yes",
                    confirmation=form.data["confirmation"],
                    now=now(request),
                )
            wake_worker(request)
            undo = request.app.router["share.undo"].url_for(id=str(draft_id(request)))
            back = see_other(request, "share.show", id=draft_id(request))
            return flash.say(back, N_("Approved. It leaves in one of the next slots."), undo_url=str(undo))
        except InvalidInput as error:
            form.refuse(error)
    return await _review_page(request, form, status=422)


async def take_return(request: web.Request) -> web.Response:
    """Give it back to the author."""
    form = await read_form(request, ReturnForm(), max_bytes=FORM_BYTES)
    if not form.ok:
        return await _review_page(request, form, status=422)
    async with database(request).writing() as session:
        await send_back(
            session,
            actor=actor_of(request),
            draft_id=draft_id(request),
            note=form.data["note"],
            version=form.data["version"],
            now=now(request),
        )
    return flash.say(see_other(request, "share.index"), N_("Sent back to its author, with your note."))
