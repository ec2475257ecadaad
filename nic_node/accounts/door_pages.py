"""Signing in and out."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from nic_node.accounts.actor import actor_of
from nic_node.accounts.forms import EmptyForm, SignInForm
from nic_node.accounts.local_paths import local_path
from nic_node.accounts.services import accounts
from nic_node.accounts.sessions import (
    COOKIE,
    OpenedSession,
    end_session,
    forget_session_cookie,
    set_session_cookie,
)
from nic_node.accounts.set_up import is_set_up
from nic_node.accounts.sign_in import sign_in
from nic_node.errors import InvalidInput, NicError, TooMany
from nic_node.web import context
from nic_node.web.address import address_of
from nic_node.web.forms import Form, blank_form, load_form, read_form
from nic_node.web.problems import status_and_code
from nic_node.web.routes import FORM_BYTES
from nic_node.web.templating import render, see_other
from nic_node.web.visitor import visitor


async def show_sign_in(request: web.Request) -> web.Response:
    asked = load_form(request.query, SignInForm(only=("next",)))
    there = local_path(asked.data.get("next"))
    if visitor(request) is not None:
        return go_to(there)
    return await _sign_in_page(request, blank_form({"next": there}))


async def take_sign_in(request: web.Request) -> web.Response:
    form = await read_form(request, SignInForm(), max_bytes=FORM_BYTES)
    refusal: NicError | None = None
    if form.ok:
        try:
            return enter(request, await _sign_in(request, form.data), there=local_path(form.data["next"]))
        except InvalidInput as error:
            refusal = error
            form.refuse(error)
        except TooMany as error:
            refusal = error
            form.errors[""] = [error.sentence]
    return await _sign_in_page(request, form, refusal or InvalidInput(form.errors))


async def _sign_in(request: web.Request, values: Mapping[str, Any]) -> OpenedSession:
    return await sign_in(
        context.database(request),
        accounts(request).passwords,
        email=values["email"],
        password=values["password"],
        address=address_of(request),
        user_agent=user_agent(request),
        earlier_token=request.cookies.get(COOKIE),
        now=context.now(request),
    )


async def _sign_in_page(request: web.Request, form: Form, refusal: NicError | None = None) -> web.Response:
    async with context.database(request).reading() as session:
        set_up = await is_set_up(session)
    status = 200 if refusal is None else status_and_code(refusal)[0]
    response = await render(request, "accounts/sign_in.html", {"form": form, "is_set_up": set_up}, status=status)
    if isinstance(refusal, TooMany):
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response


async def take_sign_out(request: web.Request) -> web.Response:
    """Sign out; doing it twice is fine."""
    await read_form(request, EmptyForm(), max_bytes=FORM_BYTES)
    person = visitor(request)
    if person is not None and person.session_id is not None:
        async with context.database(request).writing() as session:
            await end_session(session, actor=actor_of(request), session_id=person.session_id, now=context.now(request))
    response = see_other(request, "accounts.sign_in")
    forget_session_cookie(response, context.config(request))
    return response


def enter(request: web.Request, opened: OpenedSession, *, there: str) -> web.Response:
    """Hand the new session to the browser and go on."""
    response = go_to(there)
    set_session_cookie(response, opened, context.config(request))
    return response


def go_to(there: str) -> web.Response:
    return web.Response(status=303, headers={"Location": there})


def user_agent(request: web.Request) -> str:
    return request.headers.get("User-Agent", "")
