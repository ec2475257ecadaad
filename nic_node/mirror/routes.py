"""Where this room answers, and who may call it there."""

from pathlib import Path

from nic_node.mirror.api import api_routes as log_routes
from nic_node.mirror.hints import HINT_BYTES, take_hint
from nic_node.mirror.own_rules_pages import own_rules_api, own_rules_pages
from nic_node.mirror.pages import OPERATE, show_log, take_pull
from nic_node.web.routes import Api, Route, page, peer
from nic_node.web.visitor import PEER

__all__ = ["TEMPLATES", "api_routes", "page_routes", "peer_routes"]

TEMPLATES = Path(__file__).parent / "templates"


def page_routes() -> list[Route]:
    return [
        page("GET", "/log", "log.show", show_log, "practices.read"),
        page("POST", "/log/{id}/pull", "log.pull", take_pull, OPERATE),
        *own_rules_pages(),
    ]


def api_routes() -> list[Api]:
    return [*log_routes(), *own_rules_api()]


def peer_routes() -> list[Route]:
    return [peer("POST", "/v1/hints", "log.hints", take_hint, PEER, HINT_BYTES)]
