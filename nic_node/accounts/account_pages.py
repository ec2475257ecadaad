"""One's own account: name, password, sessions, access tokens."""

from dataclasses import dataclass

from aiohttp import web

from nic_node.accounts.actor import actor_of
from nic_node.accounts.change_people import choose_language, rename_person
from nic_node.accounts.choose_password import change_password
from nic_node.accounts.forms import ChangePasswordForm, EmptyForm, LanguageForm, NameForm, TokenForm
from nic_node.accounts.people import PersonView, person_of
from nic_node.accounts.permissions import PERMISSIONS
from nic_node.accounts.services import accounts
from nic_node.accounts.sessions import end_session, list_sessions
from nic_node.accounts.tokens import IssuedToken, create_token, list_tokens, revoke_token
from nic_node.errors import InvalidInput, NotAllowed, SignInNeeded
from nic_node.i18n import LANGUAGES, N_
from nic_node.web import context, flash
from nic_node.web.address import address_of
from nic_node.web.forms import Form, blank_form, read_form
from nic_node.web.problems import status_and_code
from nic_node.web.routes import FORM_BYTES
from nic_node.web.templating import render, see_other
from nic_node.web.visitor import Visitor, visitor

TOKEN_DAYS = ((30, N_("30 days")), (90, N_("90 days")), (366, N_("A year")))
ONLY_PEOPLE = N_("An account is looked after by its owner in a browser, not with an access token.")


def person_at_the_screen(request: web.Request) -> tuple[Visitor, int]:
    """The visitor and their session.

    Raises:
        NotAllowed: a program asks, with an access token: a token must not make itself another.
    """
    person = visitor(request)
    if person is None:
        raise SignInNeeded(N_("Sign in, then try again."))
    if person.session_id is None:
        raise NotAllowed(ONLY_PEOPLE)
    return person, person.session_id


@dataclass(slots=True, kw_only=True)
class AccountForms:
    """The three forms of the page; one of them may have come back with errors."""

    name: Form
    password: Form
    token: Form

    @property
    def ok(self) -> bool:
        return self.name.ok and self.password.ok and self.token.ok


def _blank_forms(person: PersonView) -> AccountForms:
    return AccountForms(name=blank_form({"name": person.name}), password=blank_form(), token=blank_form({"days": "90"}))


async def show_account(request: web.Request) -> web.Response:
    return await _account_page(request, _blank_forms(await _own(request)))


async def _own(request: web.Request) -> PersonView:
    person, _ = person_at_the_screen(request)
    async with context.database(request).reading() as session:
        return await person_of(session, person.person_id)


async def _account_page(
    request: web.Request, forms: AccountForms, *, new_token: IssuedToken | None = None
) -> web.Response:
    person, session_id = person_at_the_screen(request)
    now = context.now(request)
    async with context.database(request).reading() as session:
        values = {
            "me": await person_of(session, person.person_id),
            "sessions": await list_sessions(session, person.person_id, now=now),
            "tokens": await list_tokens(session, person.person_id, now=now),
        }
    values |= {
        "session_id": session_id,
        "account_forms": forms,
        "new_token": new_token,
        "scopes": [item for name, item in PERMISSIONS.items() if name in person.permissions],
        "token_days": TOKEN_DAYS,
        "languages": list(LANGUAGES.items()),
    }
    status = 200 if forms.ok else status_and_code(InvalidInput({}))[0]
    return await render(request, "accounts/account.html", values, status=status)


async def take_name(request: web.Request) -> web.Response:
    me = await _own(request)
    form = await read_form(request, NameForm(), max_bytes=FORM_BYTES)
    if not form.ok:
        forms = _blank_forms(me)
        forms.name = form
        return await _account_page(request, forms)
    async with context.database(request).writing() as session:
        await rename_person(
            session,
            actor=actor_of(request),
            person_id=me.id,
            name=form.data["name"],
            now=context.now(request),
        )
    return flash.say(see_other(request, "accounts.account"), N_("Your name was saved."))


async def take_language(request: web.Request) -> web.Response:
    me = await _own(request)
    form = await read_form(request, LanguageForm(), max_bytes=FORM_BYTES)
    async with context.database(request).writing() as session:
        await choose_language(
            session,
            actor=actor_of(request),
            person_id=me.id,
            language=form.data.get("language", ""),
            now=context.now(request),
        )
    return flash.say(see_other(request, "accounts.account"), N_("Pages and e-mails come in that language."))


async def take_password(request: web.Request) -> web.Response:
    me = await _own(request)
    _, session_id = person_at_the_screen(request)
    form = await read_form(request, ChangePasswordForm(), max_bytes=FORM_BYTES)
    if form.ok:
        try:
            await change_password(
                context.database(request),
                accounts(request).passwords,
                actor=actor_of(request),
                email=me.email,
                current=form.data["current"],
                new=form.data["password"],
                session_id=session_id,
                address=address_of(request),
                now=context.now(request),
            )
        except InvalidInput as error:
            form.refuse(error)
        else:
            said = N_("Your password was changed, and your other sessions were ended.")
            return flash.say(see_other(request, "accounts.account"), said)
    forms = _blank_forms(me)
    forms.password = form
    return await _account_page(request, forms)


async def take_end_session(request: web.Request) -> web.Response:
    person_at_the_screen(request)
    await read_form(request, EmptyForm(), max_bytes=FORM_BYTES)
    async with context.database(request).writing() as session:
        await end_session(
            session,
            actor=actor_of(request),
            session_id=int(request.match_info["id"]),
            now=context.now(request),
        )
    return flash.say(see_other(request, "accounts.account"), N_("That session was ended."))


async def take_token(request: web.Request) -> web.Response:
    """Make an access token; the answer shows it, once."""
    me = await _own(request)
    person, _ = person_at_the_screen(request)
    form = await read_form(request, TokenForm(), max_bytes=FORM_BYTES)
    forms = _blank_forms(me)
    if form.ok:
        try:
            async with context.database(request).writing() as session:
                issued = await create_token(
                    session,
                    actor=actor_of(request),
                    name=form.data["token_name"],
                    scopes=form.data["scopes"],
                    allowed=person.permissions,
                    days=form.data["days"],
                    now=context.now(request),
                )
        except InvalidInput as error:
            form.refuse(error)
        else:
            return await _account_page(request, forms, new_token=issued)
    forms.token = form
    return await _account_page(request, forms)


async def take_revoke_token(request: web.Request) -> web.Response:
    person_at_the_screen(request)
    await read_form(request, EmptyForm(), max_bytes=FORM_BYTES)
    async with context.database(request).writing() as session:
        await revoke_token(
            session,
            actor=actor_of(request),
            token_id=int(request.match_info["id"]),
            now=context.now(request),
        )
    return flash.say(see_other(request, "accounts.account"), N_("That access token was revoked."))
