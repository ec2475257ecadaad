"""Every address of a node, from the rooms that answer there."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from nic_node import web
from nic_node.accounts import routes as accounts
from nic_node.app import pages as own
from nic_node.commons import routes as commons
from nic_node.district import routes as district
from nic_node.membership import routes as membership
from nic_node.mirror import routes as mirror
from nic_node.network import routes as network
from nic_node.operations import routes as operations
from nic_node.publishing import routes as publishing
from nic_node.school import routes as school
from nic_node.today import routes as today
from nic_node.web.routes import Api, Route


def all_pages() -> list[Route]:
    """Pages, documents and routes between nodes."""
    return [
        *own.page_routes(),
        *accounts.page_routes(),
        *today.page_routes(),
        *school.page_routes(),
        *commons.page_routes(),
        *publishing.page_routes(),
        *publishing.peer_routes(),
        *membership.page_routes(),
        *membership.peer_routes(),
        *mirror.page_routes(),
        *mirror.peer_routes(),
        *network.page_routes(),
        *network.peer_routes(),
        *district.page_routes(),
        *district.peer_routes(),
        *operations.page_routes(),
        *operations.probe_routes(),
    ]


@cache
def all_operations() -> Sequence[Api]:
    """The JSON API. Its schemas keep nothing of a call, and weigh 3 MiB: nodes of one process share them."""
    return (
        *accounts.api_routes(),
        *today.api_routes(),
        *school.api_routes(),
        *commons.api_routes(),
        *publishing.api_routes(),
        *membership.api_routes(),
        *mirror.api_routes(),
        *network.api_routes(),
        *district.api_routes(),
        *operations.api_routes(),
    )


def all_templates() -> dict[str, Path]:
    """Template prefix -> folder."""
    own_folder = Path(web.__file__).parent / "templates"
    found = {"web": own_folder, "app": own.TEMPLATES, "accounts": accounts.TEMPLATES, "today": today.TEMPLATES}
    found |= {"commons": commons.TEMPLATES, "publishing": publishing.TEMPLATES, "membership": membership.TEMPLATES}
    found |= {"mirror": mirror.TEMPLATES, "network": network.TEMPLATES, "operations": operations.TEMPLATES}
    found["district"] = district.TEMPLATES
    return found | school.TEMPLATES
