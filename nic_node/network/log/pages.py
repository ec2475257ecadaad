"""Two pages for coordinators: the epochs, with who takes part; and the log, with what it refused."""

from typing import Any

from aiohttp import web

from federation.epochs import Phase
from nic_node.accounts.actor import actor_of
from nic_node.errors import Conflict
from nic_node.i18n import N_
from nic_node.membership.local import local_node
from nic_node.network.coordinators import verify_coordinator
from nic_node.network.log.announce import announce_epoch, plan_announcement
from nic_node.network.log.forks import count_told, forks_to_see
from nic_node.network.log.queue import log_of
from nic_node.network.log.read import epoch_views, log_status, refusals_of, supplement_standing
from nic_node.network.shell import coordinated_network, coordinator_shell
from nic_node.web import flash
from nic_node.web.context import database, now
from nic_node.web.forms import FormSchema, read_form
from nic_node.web.routes import FORM_BYTES
from nic_node.web.templating import render, see_other

SHOWN_REFUSALS = 20
SHOWN_FORKS = 5
PHASES: dict[Phase, tuple[str, str]] = {
    Phase.ANNOUNCED: (N_("Announced"), ""),
    Phase.ISSUING: (N_("Issuing credentials"), "acc"),
    Phase.REGISTERING: (N_("Registering pseudonyms"), "acc"),
    Phase.OPEN: (N_("Open"), "good"),
    Phase.CLOSED: (N_("Closed"), ""),
    Phase.VOID: (N_("Void"), "warn"),
}
"""Phase -> its name and the kind of its tag."""
KINDS: dict[str, str] = {
    "record": N_("A record"),
    "pseudonym": N_("A pseudonym"),
    "retract": N_("A retraction"),
    "envelope": N_("An envelope"),
    "unreadable": N_("Something unreadable"),
}
ANNOUNCED = N_("The epoch is announced. Members’ nodes take part by themselves.")


def _network_id(request: web.Request) -> int:
    return int(request.match_info["id"])


async def show_epochs(request: web.Request) -> web.Response:
    network_id, moment = _network_id(request), now(request)
    async with database(request).reading() as session:
        network = await coordinated_network(request, session)
        views = await epoch_views(session, network_id, moment)
        log = await log_of(session, network_id)
        try:
            number, hindrance = (await plan_announcement(session, log, issue_from=moment)).number, None
        except Conflict as error:
            number, hindrance = 0, error.sentence
        supplement = await supplement_standing(session, network_id, moment)
    values: dict[str, Any] = {
        "newest": views[0] if views else None,
        "earlier": views[1:],
        "next_number": number,
        "hindrance": hindrance,
        "supplement": supplement,
        "phases": PHASES,
        **coordinator_shell(request, network, "network.epochs"),
    }
    return await render(request, "network/log/epochs.html", values)


async def take_announce(request: web.Request) -> web.Response:
    network_id, actor = _network_id(request), actor_of(request)
    await read_form(request, FormSchema(), max_bytes=FORM_BYTES)
    async with database(request).reading() as session:
        await verify_coordinator(session, network_id, actor)
    await announce_epoch(local_node(request), network_id=network_id, actor=actor, now=now(request))
    response = see_other(request, "network.epochs", id=network_id)
    return flash.say(response, ANNOUNCED)


async def show_log(request: web.Request) -> web.Response:
    network_id = _network_id(request)
    async with database(request).reading() as session:
        network = await coordinated_network(request, session)
        log = await log_status(session, network_id)
        refusals = await refusals_of(session, network_id, limit=SHOWN_REFUSALS)
        forks = await forks_to_see(session, network_id, limit=SHOWN_FORKS)
        alerts, told_by = await count_told(session, network_id)
    values = {
        "forks": forks,
        "more_told_by": told_by if alerts > len(forks) else 0,
        "log": log,
        "refusals": refusals,
        "kinds": KINDS,
        **coordinator_shell(request, network, "network.log"),
    }
    return await render(request, "network/log/log.html", values)
