"""A network's outgoing e-mail, for who coordinates it: the pages and operations of the node's, over this desk alone."""

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.mail_api import mail_operations
from nic_node.accounts.mail_pages import Desk, mail_page, mails_page, take_mail_act, take_send_all
from nic_node.network.letters import desk_of
from nic_node.network.shell import coordinated_network, coordinator_shell
from nic_node.web.context import database
from nic_node.web.routes import Api, Route, page

COORDINATE = "network.coordinate"
MAIL = "/network/{id}/mail"
ROUTES = {"list": "network.mails", "one": "network.mail", "all": "network.mails_send"}


def mail_page_routes() -> list[Route]:
    return [
        page("GET", MAIL, "network.mails", show_mails, COORDINATE),
        page("POST", MAIL + "/all/send", "network.mails_send", take_all, COORDINATE),
        page("GET", MAIL + "/{mail_id}", "network.mail", show_mail, COORDINATE),
        page("POST", MAIL + "/{mail_id}", "network.mail", take_mail, COORDINATE),
    ]


def mail_api_routes() -> list[Api]:
    return mail_operations("/networks/{id}", "api.networks.mails", "network", COORDINATE, _find_desk)


async def show_mails(request: web.Request) -> web.Response:
    return await mails_page(request, await _desk(request))


async def show_mail(request: web.Request) -> web.Response:
    return await mail_page(request, await _desk(request))


async def take_mail(request: web.Request) -> web.Response:
    return await take_mail_act(request, await _desk(request))


async def take_all(request: web.Request) -> web.Response:
    return await take_send_all(request, await _desk(request))


async def _desk(request: web.Request) -> Desk:
    async with database(request).reading() as session:
        network = await coordinated_network(request, session)
    return Desk(
        name=desk_of(network.id),
        routes=ROUTES,
        parts={"id": network.id},
        shell=coordinator_shell(request, network, "network.invite"),
    )


async def _find_desk(request: web.Request, session: AsyncSession) -> str:
    return desk_of((await coordinated_network(request, session)).id)
