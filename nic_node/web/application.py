"""From routes to an aiohttp application: errors become pages or problems, strangers stop at the door."""

import asyncio
import html
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

import structlog
from aiohttp import web

from federation.errors import FederationError
from nic_node.config import Config
from nic_node.db.machine import is_of_the_machine
from nic_node.errors import NicError, NotAllowed, NotFound, SignInNeeded, TooLarge
from nic_node.i18n import N_, translations
from nic_node.web import context, csrf
from nic_node.web.api import PREFIX, api_handler
from nic_node.web.language import HEADER as LANGUAGE_HEADER
from nic_node.web.language import language_asked
from nic_node.web.problems import problem_of, problem_response, status_and_code
from nic_node.web.routes import Api, Route
from nic_node.web.templating import STATIC, STATIC_URL, install_templates, render
from nic_node.web.visitor import PEER, PUBLIC, SIGNED_IN, VISITOR, Visitor
from schemas.problem import Code

log = structlog.get_logger()
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Observe = Callable[[str, str, int, float], None]
"""What is told of a request that was answered: what kind it was, its method, the status, the seconds."""
SIGN_IN_ROUTE = "accounts.sign_in"
LONGEST_WAY_BACK = 1_000  # of an address that signing in leads back to

# A key in a path has up to 15 digits, so that none overflows a database's 64 bits.
ID_IN_PATH = re.compile(r"\{((?:\w+_)?id)\}")

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}

ROUTES: web.AppKey[dict[tuple[str, str], "Route | Api"]] = web.AppKey("routes")

TITLES = {
    401: N_("Sign in first"),
    403: N_("This is not yours to do"),
    404: N_("Nothing is here"),
    409: N_("That can't be done as things stand"),
    413: N_("That is too large"),
    422: N_("Something needs another value"),
    429: N_("Too many tries"),
    500: N_("Something went wrong here"),
    502: N_("The other side did not answer as it should"),
    503: N_("Not ready yet"),
}
UNEXPECTED = N_(
    "Nothing you did caused this, and nothing was half-saved. Try again; if it stays, tell whoever runs this node."
)
NO_ROOM = N_(
    "This node has no room to write, or does not reach its database. Nothing was half-saved, and it goes on by itself"
    " once there is room again. Tell whoever runs it: nic doctor says what is missing."
)
TRY_AGAIN_SECONDS = "60"
NO_PAGE = N_("The address may be mistyped, or the page was moved or is not open to you.")
NOT_YOURS = N_("Your role does not include this. An administrator of your school can change that.")
SIGN_IN = N_("Sign in, then try again.")


def build_application(
    config: Config,
    *,
    pages: Iterable[Route],
    operations: Iterable[Api],
    rooms: Mapping[str, Path],
    services: Callable[[web.Application], None],
    observe: Observe | None = None,
) -> web.Application:
    """Put an application together.

    Args:
        rooms: template prefix -> folder.
        services: stores what `context` names, and the rooms' own services, in the application.
        observe: is told of each request.
    """
    app = build_bare_application(config, routes=pages, services=services, observe=observe)
    table = app[ROUTES]
    for operation in operations:
        added = app.router.add_route(operation.method, limit_ids(PREFIX + operation.path), api_handler(operation))
        table[operation.method, _canonical(added)] = operation
    app.router.add_static(STATIC_URL, STATIC, append_version=False)
    install_templates(app, rooms, config)
    return app


def build_bare_application(
    config: Config,
    *,
    routes: Iterable[Route],
    services: Callable[[web.Application], None],
    observe: Observe | None = None,
) -> web.Application:
    """An application without an API, templates and a shell; by itself it is for programs alone."""
    told = [] if observe is None else [observing(observe)]
    app = web.Application(middlewares=[*told, guard_middleware, error_middleware, door_middleware])
    app[context.CONFIG] = config
    services(app)
    table: dict[tuple[str, str], Route | Api] = {}
    for route in routes:
        added = app.router.add_route(
            route.method, limit_ids(route.path), route.handler, name=_own_name(app, route.name)
        )
        table[route.method, _canonical(added)] = route
    app[ROUTES] = table
    return app


def limit_ids(path: str) -> str:
    return ID_IN_PATH.sub(r"{\1:[0-9]{1,15}}", path)


def _own_name(app: web.Application, name: str) -> str | None:
    """aiohttp names resources: the first route of a name gives it, its other methods share it."""
    return None if name in app.router.named_resources() else name


def _canonical(added: web.AbstractRoute) -> str:
    assert added.resource is not None
    return added.resource.canonical


def found_route(request: web.Request) -> Route | Api | None:
    resource = request.match_info.route.resource
    if resource is None:
        return None
    method = "GET" if request.method == "HEAD" else request.method
    return request.app[ROUTES].get((method, resource.canonical))


def observing(observe: Observe) -> Any:
    """A middleware that tells of each answer."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        loop = asyncio.get_running_loop()
        started = loop.time()
        status = int(HTTPStatus.INTERNAL_SERVER_ERROR)
        try:
            response = await handler(request)
        except web.HTTPException as error:
            status = error.status
            raise
        else:
            status = response.status
            return response
        finally:
            observe(told_of(request), request.method, status, loop.time() - started)

    return middleware


def told_of(request: web.Request) -> str:
    """A route's name where only programs come; of people's pages and calls no more than that they were some.

    When somebody reviewed, published or answered a survey is nobody else's to know, also not whoever keeps a monitor's
    numbers (docs/decisions/51-what-is-counted.md).
    """
    route = found_route(request)
    if route is None:
        return "static" if request.path.startswith(STATIC_URL) else "unknown"
    if isinstance(route, Api):
        return "api"
    return route.kind if route.kind in ("page", "document") else route.name


@web.middleware
async def guard_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Headers that every answer carries which brings anything."""
    response = await handler(request)
    config = request.app[context.CONFIG]
    if not response.prepared:
        # To who has an answer already, its headers are known too; of polls they would be the most (RFC 9110, 15.4.5).
        if response.status != HTTPStatus.NOT_MODIFIED:
            for name, value in SECURITY_HEADERS.items():
                response.headers.setdefault(name, value)
            if config.secure_cookies:
                response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if request.path.startswith(STATIC_URL) and "v" in request.query and response.status == 200:
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        csrf.keep_token(request, response, config)
        if config.secure_cookies:
            # Whoever sets one: none ever goes over http, where a node is reached by https.
            for cookie in response.cookies.values():
                cookie["secure"] = True
    return response


@web.middleware
async def error_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whatever is raised becomes a page for people or a problem document for programs."""
    try:
        return await _translated(request, handler)
    except web.HTTPException:
        raise
    except Exception as error:
        # The last door: a person gets a page, the log gets the kind of error and where it was.
        log.exception("request failed", route=_route_name(request), error=type(error).__name__)
        if is_of_the_machine(error):
            response = await _last_answer(request, 503, Code.MACHINE_TROUBLE, NO_ROOM)
            response.headers["Retry-After"] = TRY_AGAIN_SECONDS
            return response
        return await _last_answer(request, 500, Code.INTERNAL_ERROR, UNEXPECTED)


async def _translated(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except (NicError, FederationError) as error:
        return await _answer(request, error)
    except web.HTTPException as error:
        return await _translate(request, error)


async def _last_answer(request: web.Request, status: int, code: Code, sentence: str) -> web.Response:
    """Where not even the page around a sentence can be made, since the database is gone: the sentence alone."""
    if is_for_programs(request):
        return problem_response(status, code, sentence)
    try:
        return await _error_page(request, status, sentence)
    except Exception as error:
        log.exception("error page failed", route=_route_name(request), error=type(error).__name__)
        return _bare_page(request, status, sentence)


def _bare_page(request: web.Request, status: int, sentence: str) -> web.Response:
    language = language_asked(request.headers.get(LANGUAGE_HEADER, "")) or context.config(request).language
    said = translations(language).gettext
    title, text = (html.escape(said(each)) for each in (TITLES[status], sentence))
    page = f'<!doctype html><html lang="{language}"><title>{title}</title><h1>{title}</h1><p>{text}</p></html>'
    return web.Response(status=status, text=page, content_type="text/html")


async def _translate(request: web.Request, error: web.HTTPException) -> web.StreamResponse:
    """aiohttp's own refusals, in our words."""
    if isinstance(error, web.HTTPNotFound):
        return await _answer(request, NotFound(NO_PAGE))
    if isinstance(error, web.HTTPRequestEntityTooLarge):
        return await _answer(request, TooLarge("This is larger than this address takes. Send less at once."))
    if isinstance(error, web.HTTPMethodNotAllowed):
        response = problem_response(405, Code.METHOD_NOT_ALLOWED, "This address does not take that method.")
        response.headers["Allow"] = ", ".join(sorted(error.allowed_methods))
        return response
    raise error


@web.middleware
async def door_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Who is it, may they, and does the form come from here?"""
    route = found_route(request)
    if route is None:
        return await handler(request)
    if isinstance(route, Route) and route.kind in ("peer", "probe"):
        return await handler(request)
    visitor = await request.app[context.LOAD_VISITOR](request)
    request[VISITOR] = visitor
    if request.method not in csrf.SAFE_METHODS and not (visitor and visitor.by_token):
        csrf.verify_origin(request, request.app[context.CONFIG])
        if isinstance(route, Api):
            csrf.verify_token(request, request.headers.get(csrf.HEADER))
    _admit(route, visitor)
    return await handler(request)


def _admit(route: Route | Api, visitor: Visitor | None) -> None:
    if route.permit in (PUBLIC, PEER):
        return
    if visitor is None:
        raise SignInNeeded(SIGN_IN)
    if route.permit != SIGNED_IN and route.permit not in visitor.permissions:
        raise NotAllowed(NOT_YOURS)


def is_for_programs(request: web.Request) -> bool:
    route = found_route(request)
    if isinstance(route, Route):
        return route.kind != "page"
    if context.SHELL not in request.app:
        return True
    return isinstance(route, Api) or "text/html" not in request.headers.get("Accept", "")


async def _answer(request: web.Request, error: NicError | FederationError) -> web.StreamResponse:
    status, _ = status_and_code(error)
    if is_for_programs(request):
        return problem_of(error)
    if isinstance(error, SignInNeeded) and request.method == "GET":
        back = request.path_qs if len(request.path_qs) <= LONGEST_WAY_BACK else "/"
        there = request.app.router[SIGN_IN_ROUTE].url_for().with_query({"next": back})
        return web.Response(status=303, headers={"Location": str(there)})
    sentence = error.sentence if isinstance(error, NicError) else error.detail
    if isinstance(error, csrf.FormOfAnotherVisit):
        return await _offer_again(request, error, status)
    fields = getattr(error, "fields", {})
    said = [sentence, *(line for lines in fields.values() for line in lines)]
    response = await _error_page(request, status, *said)
    retry_after = getattr(error, "retry_after", None)
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


async def _error_page(request: web.Request, status: int, *sentences: str) -> web.Response:
    if VISITOR not in request:
        # An address that nobody knows stopped nobody at the door; the page still knows who looks at it.
        is_program = "Authorization" in request.headers
        request[VISITOR] = None if is_program else await request.app[context.LOAD_VISITOR](request)
    title = TITLES.get(status, TITLES[500])
    values = {"status": status, "title": title, "sentences": sentences}
    return await render(request, "web/error.html", values, status=status)


async def _offer_again(request: web.Request, error: csrf.FormOfAnotherVisit, status: int) -> web.Response:
    """The form once more, with a token of this visit: nothing typed is lost, and a person sees what is sent."""
    values = {"sentence": error.sentence, "typed": error.typed, "action": request.path_qs}
    return await render(request, "web/offer_again.html", values, status=status)


def _route_name(request: web.Request) -> str:
    route = found_route(request)
    return route.name if route else "unknown"
