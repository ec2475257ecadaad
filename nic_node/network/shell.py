"""What stands around a coordinator's page: the network's name and its own doors."""

from typing import Any, Final

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import actor_of
from nic_node.i18n import N_
from nic_node.network.coordinators import verify_coordinator
from nic_node.network.read import network_of
from nic_node.network.tables import Network

DOORS: Final = (
    # label, short label, route, icon, on the phone's tab bar
    (N_("Applications"), N_("Queue"), "network.applications", "applications", True),
    (N_("Members"), N_("Members"), "network.members", "members", True),
    (N_("Renewals and appeals"), N_("Renewals"), "network.due", "calendar", False),
    (N_("Moderation"), N_("Flags"), "network.moderation", "alert", False),
    (N_("Epochs"), N_("Epochs"), "network.epochs", "epochs", True),
    (N_("Log"), N_("Log"), "network.log", "health", True),
    (N_("Coordinators"), N_("Coordinators"), "network.coordinators", "people", False),
    (N_("Theory"), N_("Theory"), "network.theory", "learn", False),
    (N_("Syntheses"), N_("Syntheses"), "network.syntheses", "book", False),
    (N_("Policy and charter"), N_("Policy"), "network.policy", "policy", False),
    (N_("Directory"), N_("Directory"), "network.directory", "search", False),
    (N_("Invite"), N_("Invite"), "network.invite", "mail", False),
)


def coordinator_shell(request: web.Request, network: Network, current: str) -> dict[str, Any]:
    """Values that take the place of the school's shell; `current` is the route name of the page's door."""
    router = request.app.router
    doors = [
        {
            "label": label,
            "short": short,
            "url": str(router[route].url_for(id=str(network.id))),
            "icon": icon,
            "tab": tab,
            "current": route == current,
        }
        for label, short, route, icon, tab in DOORS
        if route in router
    ]
    home = str(router["network.index"].url_for())
    doors.append({"label": N_("All networks"), "short": N_("Networks"), "url": home, "icon": "network", "tab": False})
    return {
        "network": network,
        "school_name": network.name,
        "school_year": N_("Coordinator"),
        "doors": doors,
        "home_url": str(router["network.applications"].url_for(id=str(network.id))),
    }


async def coordinated_network(request: web.Request, session: AsyncSession) -> Network:
    """The network of an address /network/{id}/..., for those who coordinate it.

    Raises:
        NotFound: there is none. NotAllowed: somebody else coordinates it.
    """
    network = await network_of(session, int(request.match_info["id"]))
    await verify_coordinator(session, network.id, actor_of(request))
    return network
