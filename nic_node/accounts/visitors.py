"""From a request to its visitor: the cookie of a browser, or the access token of a program."""

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.people import roles_of
from nic_node.accounts.permissions import permissions_of
from nic_node.accounts.services import FurtherPermissions, accounts
from nic_node.accounts.sessions import COOKIE, find_session, is_due_to_be_seen, mark_seen
from nic_node.accounts.tables import Person
from nic_node.accounts.tokens import find_token, is_due_to_be_used, mark_used
from nic_node.errors import SignInNeeded
from nic_node.i18n import N_
from nic_node.web import context
from nic_node.web.visitor import Visitor

BEARER = "bearer "
BAD_TOKEN = N_("This access token is unknown, expired or revoked. Make a new one on the account page.")


async def load_visitor(request: web.Request) -> Visitor | None:
    """Who makes this request; None for nobody.

    Raises:
        SignInNeeded: a bearer token came that is no live access token. Other kinds of Authorization are a proxy's.
    """
    header = request.headers.get("Authorization", "")
    if header.lower().startswith(BEARER):
        return await _by_token(request, header[len(BEARER) :].strip())
    cookie = request.cookies.get(COOKIE)
    return await _by_cookie(request, cookie) if cookie else None


async def _by_cookie(request: web.Request, cookie: str) -> Visitor | None:
    database, now = context.database(request), context.now(request)
    async with database.reading() as session:
        found = await find_session(session, cookie, now=now)
        if found is None:
            return None
        row, person = found
        roles, permissions = await _rights(session, person, accounts(request).further_permissions)
    if is_due_to_be_seen(row, now):
        async with database.writing() as session:
            await mark_seen(session, row.id, now)
    return Visitor(person_id=person.id, name=person.name, roles=roles, permissions=permissions, session_id=row.id)


async def _by_token(request: web.Request, text: str) -> Visitor:
    database, now = context.database(request), context.now(request)
    async with database.reading() as session:
        found = await find_token(session, text, now=now)
        if found is None:
            raise SignInNeeded(BAD_TOKEN)
        row, person = found
        roles, permissions = await _rights(session, person, accounts(request).further_permissions)
    if is_due_to_be_used(row, now):
        async with database.writing() as session:
            await mark_used(session, row.id, now)
    return Visitor(
        person_id=person.id, name=person.name, roles=roles, permissions=permissions & set(row.scopes), by_token=True
    )


async def _rights(
    session: AsyncSession, person: Person, further_permissions: FurtherPermissions
) -> tuple[frozenset[str], frozenset[str]]:
    roles = (await roles_of(session, [person.id])).get(person.id, frozenset())
    return roles, permissions_of(roles) | await further_permissions(session, person.id)
