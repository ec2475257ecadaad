"""From a request to its visitor: the cookie of a browser, or the access token of a program."""

from aiohttp import web

from nic_node.accounts.services import accounts
from nic_node.accounts.sessions import COOKIE, is_due_to_be_seen, mark_seen
from nic_node.accounts.tokens import is_due_to_be_used, mark_used
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
    known = await accounts(request).who.by_cookie(database, cookie, now=now)
    if known is None:
        return None
    if is_due_to_be_seen(known.seen_at, now):
        async with database.writing() as session:
            await mark_seen(session, known.way_id, now)
    return Visitor(
        person_id=known.person_id,
        name=known.name,
        roles=known.roles,
        permissions=known.permissions,
        session_id=known.way_id,
        language=known.language,
        beside=known.beside,
    )


async def _by_token(request: web.Request, text: str) -> Visitor:
    database, now = context.database(request), context.now(request)
    known = await accounts(request).who.by_token(database, text, now=now)
    if known is None:
        raise SignInNeeded(BAD_TOKEN)
    if is_due_to_be_used(known.seen_at, now):
        async with database.writing() as session:
            await mark_used(session, known.way_id, now)
    return Visitor(
        person_id=known.person_id,
        name=known.name,
        roles=known.roles,
        permissions=known.permissions & known.scopes,
        by_token=True,
        language=known.language,
        beside=known.beside,
    )
