"""The pages behind one-time links: set-up, invitation, new password.

Opening such a page uses nothing up (mail programs open links too); sending its form does.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import person_actor
from nic_node.accounts.choose_password import reset_password
from nic_node.accounts.door_pages import enter, user_agent
from nic_node.accounts.forms import InvitationForm, NewPasswordForm, SetUpForm
from nic_node.accounts.invite import accept_invitation
from nic_node.accounts.links import INVITATION, RESET, SETUP, read_link
from nic_node.accounts.local_paths import HOME
from nic_node.accounts.passwords import PasswordHash
from nic_node.accounts.people import PersonView, person_of
from nic_node.accounts.services import accounts
from nic_node.accounts.sessions import COOKIE, OpenedSession, end_session_of, open_session
from nic_node.accounts.set_up import complete_setup
from nic_node.accounts.tables import Person
from nic_node.errors import Conflict, InvalidInput, NotFound
from nic_node.web import context
from nic_node.web.forms import Form, FormSchema, blank_form, read_form
from nic_node.web.problems import status_and_code
from nic_node.web.routes import FORM_BYTES
from nic_node.web.templating import render

Finish = Callable[[web.Request, AsyncSession, Mapping[str, Any], PasswordHash], Awaitable[Person]]


@dataclass(frozen=True, slots=True)
class LinkPage:
    """A form behind a one-time link; whoever sends it is signed in.

    Attributes:
        purpose: of the link.
        finish: uses the link and gives the person who came in.
    """

    purpose: str
    schema: type[FormSchema]
    template: str
    finish: Finish

    async def show(self, request: web.Request) -> web.Response:
        try:
            owner = await self._owner(request)
        except (NotFound, Conflict) as error:
            return await _link_is_over(request, error)
        return await self._render(request, owner, blank_form({"name": owner.name} if owner else {}))

    async def take(self, request: web.Request) -> web.Response:
        form = await read_form(request, self.schema(), max_bytes=FORM_BYTES)
        try:
            owner = await self._owner(request)
            if form.ok:
                return enter(request, await self._come_in(request, owner, form.data), there=HOME)
        except (NotFound, Conflict) as error:
            return await _link_is_over(request, error)
        except InvalidInput as error:
            form.refuse(error)
        return await self._render(request, owner, form)

    async def _owner(self, request: web.Request) -> PersonView | None:
        """Whom a live link is for; None at set-up."""
        async with context.database(request).reading() as session:
            link = await read_link(session, self.purpose, _token(request), now=context.now(request))
            return None if link.person_id is None else await person_of(session, link.person_id)

    async def _come_in(
        self, request: web.Request, owner: PersonView | None, values: Mapping[str, Any]
    ) -> OpenedSession:
        email = values["email"] if owner is None else owner.email
        password_hash = await accounts(request).passwords.new_hash(values["password"], email=email)
        async with context.database(request).writing() as session:
            person = await self.finish(request, session, values, password_hash)
            await end_session_of(session, request.cookies.get(COOKIE, ""))
            return await open_session(
                session, actor=person_actor(person), user_agent=user_agent(request), now=context.now(request)
            )

    async def _render(self, request: web.Request, owner: PersonView | None, form: Form) -> web.Response:
        status = 200 if form.ok else status_and_code(InvalidInput(form.errors))[0]
        return await render(request, self.template, {"form": form, "owner": owner}, status=status)


async def _set_up(
    request: web.Request, session: AsyncSession, values: Mapping[str, Any], password_hash: PasswordHash
) -> Person:
    return await complete_setup(
        session,
        token=_token(request),
        name=values["name"],
        email=values["email"],
        school_name=values["school_name"],
        password_hash=password_hash,
        after_setup=accounts(request).after_setup,
        now=context.now(request),
    )


async def _accept(
    request: web.Request, session: AsyncSession, values: Mapping[str, Any], password_hash: PasswordHash
) -> Person:
    return await accept_invitation(
        session, token=_token(request), name=values["name"], password_hash=password_hash, now=context.now(request)
    )


async def _reset(
    request: web.Request, session: AsyncSession, values: Mapping[str, Any], password_hash: PasswordHash
) -> Person:
    return await reset_password(session, token=_token(request), password_hash=password_hash, now=context.now(request))


async def _link_is_over(request: web.Request, error: NotFound | Conflict) -> web.Response:
    return await render(
        request, "accounts/link_is_over.html", {"sentence": error.sentence}, status=status_and_code(error)[0]
    )


def _token(request: web.Request) -> str:
    return request.match_info["token"]


SET_UP_PAGE = LinkPage(SETUP, SetUpForm, "accounts/set_up.html", _set_up)
INVITATION_PAGE = LinkPage(INVITATION, InvitationForm, "accounts/invitation.html", _accept)
RESET_PAGE = LinkPage(RESET, NewPasswordForm, "accounts/reset.html", _reset)
