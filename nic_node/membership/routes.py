"""Where this room answers: joining, the membership's page, and the node's own entity configuration."""

from pathlib import Path

from nic_node.membership import again_pages, key_pages
from nic_node.membership.across.pages import across_api_routes, across_page_routes
from nic_node.membership.api import api_routes as own_api_routes
from nic_node.membership.configuration import serve_configuration
from nic_node.membership.pages import (
    show_join,
    show_membership,
    take_check,
    take_code,
    take_join,
    take_leave,
    take_terms,
)
from nic_node.web.routes import Api, Route, document, page
from nic_node.web.visitor import PUBLIC
from schemas.entity import WELL_KNOWN_PATH

__all__ = ["TEMPLATES", "api_routes", "page_routes", "peer_routes"]

TEMPLATES = Path(__file__).parent / "templates"


def page_routes() -> list[Route]:
    one = "/network/memberships/{id}"
    return [
        page("GET", "/network/join", "network.join", show_join, "network.join"),
        page("POST", "/network/join", "network.join", take_join, "network.join"),
        page("GET", one, "membership.show", show_membership, "network.read"),
        page("POST", one + "/code", "membership.code", take_code, "network.join"),
        page("POST", one + "/check", "membership.check", take_check, "network.read"),
        page("POST", one + "/terms", "membership.terms", take_terms, "network.join"),
        page("GET", one + "/renewal", "membership.renewal", again_pages.show_renewal, "network.join"),
        page("POST", one + "/renewal", "membership.renewal", again_pages.take_renewal, "network.join"),
        page("GET", one + "/appeal", "membership.appeal", again_pages.show_appeal, "network.join"),
        page("POST", one + "/appeal", "membership.appeal", again_pages.take_appeal, "network.join"),
        page("POST", one + "/leave", "membership.leave", take_leave, "network.join"),
        *across_page_routes(),
        page("GET", "/node/keys", "membership.keys", key_pages.DESK.show, key_pages.OPERATE),
        page("POST", "/node/keys", "membership.keys", key_pages.DESK.take, key_pages.OPERATE),
    ]


def api_routes() -> list[Api]:
    return [*own_api_routes(), *key_pages.DESK.api_routes(), *across_api_routes()]


def peer_routes() -> list[Route]:
    return [document(WELL_KNOWN_PATH, "membership.configuration", serve_configuration, PUBLIC)]
