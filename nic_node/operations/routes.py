"""Where this room answers."""

from pathlib import Path

from nic_node.operations.pages import OPERATE, api_routes, show_status
from nic_node.web.routes import Route, page

__all__ = ["TEMPLATES", "api_routes", "page_routes"]

TEMPLATES = Path(__file__).parent / "templates"


def page_routes() -> list[Route]:
    return [page("GET", "/node", "operations.status", show_status, OPERATE)]
