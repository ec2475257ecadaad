"""People of this school: who is here, in which roles; inviting, changing, closing and opening accounts."""

from aiohttp import web

from nic_node.accounts.actor import actor_of
from nic_node.accounts.change_people import change_roles, deactivate, reactivate, rename_person
from nic_node.accounts.choose_password import create_reset_link
from nic_node.accounts.forms import EmptyForm, InviteForm, PersonForm
from nic_node.accounts.invite import invite_person, renew_invitation
from nic_node.accounts.links import INVITATION, RESET, IssuedLink
from nic_node.accounts.people import PersonView, people_of, person_of
from nic_node.accounts.permissions import ROLES
from nic_node.errors import Conflict, InvalidInput
from nic_node.i18n import N_
from nic_node.web import context, flash
from nic_node.web.forms import Form, blank_form, read_form
from nic_node.web.problems import status_and_code
from nic_node.web.routes import FORM_BYTES
from nic_node.web.templating import render, see_other

LINK_ROUTES = {INVITATION: "accounts.invitation", RESET: "accounts.reset"}


def link_address(request: web.Request, link: IssuedLink) -> str:
    """The whole address that goes into a message."""
    path = request.app.router[LINK_ROUTES[link.purpose]].url_for(token=link.token)
    return f"{context.config(request).public_url}{path}"


async def show_people(request: web.Request) -> web.Response:
    return await _people_page(request, blank_form())


async def _people_page(request: web.Request, form: Form) -> web.Response:
    async with context.database(request).reading() as session:
        people = await people_of(session, include_inactive=True)
    values = {"people": people, "form": form, "roles": ROLES}
    status = 200 if form.ok else status_and_code(InvalidInput(form.errors))[0]
    return await render(request, "accounts/people.html", values, status=status)


async def take_invite(request: web.Request) -> web.Response:
    """Invite somebody; the answer shows the link, once."""
    form = await read_form(request, InviteForm(), max_bytes=FORM_BYTES)
    if form.ok:
        try:
            async with context.database(request).writing() as session:
                link = await invite_person(
                    session,
                    actor=actor_of(request),
                    name=form.data["name"],
                    email=form.data["email"],
                    roles=form.data["roles"],
                    now=context.now(request),
                    config=context.config(request),
                )
        except InvalidInput as error:
            form.refuse(error)
        else:
            context.wake_worker(request)
            return await _link_page(request, link)
    return await _people_page(request, form)


async def _link_page(request: web.Request, link: IssuedLink) -> web.Response:
    assert link.person_id is not None
    async with context.database(request).reading() as session:
        owner = await person_of(session, link.person_id)
    is_mailed = link.purpose == INVITATION and context.config(request).smtp is not None
    values = {"link": link, "address": link_address(request, link), "owner": owner, "is_mailed": is_mailed}
    return await render(request, "accounts/link_made.html", values)


async def show_person(request: web.Request) -> web.Response:
    async with context.database(request).reading() as session:
        shown = await person_of(session, _person_id(request))
    form = blank_form({"name": shown.name, "roles": sorted(shown.roles), "version": shown.version})
    return await _person_page(request, shown, form)


async def _person_page(
    request: web.Request, shown: PersonView, form: Form, refusal: InvalidInput | Conflict | None = None
) -> web.Response:
    status = 200 if refusal is None else status_and_code(refusal)[0]
    values = {"shown": shown, "form": form, "roles": ROLES}
    return await render(request, "accounts/person.html", values, status=status)


async def take_person(request: web.Request) -> web.Response:
    """Name and roles, saved together."""
    form = await read_form(request, PersonForm(), max_bytes=FORM_BYTES)
    refusal: InvalidInput | Conflict = InvalidInput(form.errors)
    if form.ok:
        try:
            await _save_person(request, form)
            said = N_("Saved.")
            return flash.say(see_other(request, "accounts.person", id=_person_id(request)), said)
        except InvalidInput as error:
            refusal = error
            form.refuse(error)
        except Conflict as error:
            refusal = error
            form.errors[""] = [error.sentence]
    async with context.database(request).reading() as session:
        shown = await person_of(session, _person_id(request))
    return await _person_page(request, shown, form, refusal)


async def _save_person(request: web.Request, form: Form) -> None:
    async with context.database(request).writing() as session:
        await change_roles(
            session,
            actor=actor_of(request),
            person_id=_person_id(request),
            roles=form.data["roles"],
            version=form.data["version"],
            now=context.now(request),
        )
        await rename_person(
            session,
            actor=actor_of(request),
            person_id=_person_id(request),
            name=form.data["name"],
            now=context.now(request),
        )


async def take_deactivate(request: web.Request) -> web.Response:
    await read_form(request, EmptyForm(), max_bytes=FORM_BYTES)
    person_id = _person_id(request)
    async with context.database(request).writing() as session:
        await deactivate(session, actor=actor_of(request), person_id=person_id, now=context.now(request))
    undo = str(request.app.router["accounts.reactivate"].url_for(id=str(person_id)))
    response = see_other(request, "accounts.person", id=person_id)
    return flash.say(response, N_("The account was closed. What this person did here keeps its name."), undo_url=undo)


async def take_reactivate(request: web.Request) -> web.Response:
    await read_form(request, EmptyForm(), max_bytes=FORM_BYTES)
    async with context.database(request).writing() as session:
        await reactivate(session, actor=actor_of(request), person_id=_person_id(request), now=context.now(request))
    return flash.say(see_other(request, "accounts.person", id=_person_id(request)), N_("The account is open again."))


async def take_renew_invitation(request: web.Request) -> web.Response:
    await read_form(request, EmptyForm(), max_bytes=FORM_BYTES)
    async with context.database(request).writing() as session:
        link = await renew_invitation(
            session,
            actor=actor_of(request),
            person_id=_person_id(request),
            now=context.now(request),
            config=context.config(request),
        )
    context.wake_worker(request)
    return await _link_page(request, link)


async def take_reset_link(request: web.Request) -> web.Response:
    await read_form(request, EmptyForm(), max_bytes=FORM_BYTES)
    async with context.database(request).writing() as session:
        link = await create_reset_link(
            session, actor=actor_of(request), person_id=_person_id(request), now=context.now(request)
        )
    return await _link_page(request, link)


def _person_id(request: web.Request) -> int:
    return int(request.match_info["id"])
