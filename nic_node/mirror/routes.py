"""Where this room answers, and who may call it there."""

from pathlib import Path

from nic_node.mirror.api import api_routes
from nic_node.mirror.pages import OPERATE, show_log, take_pull
from nic_node.web.routes import Route, page

__all__ = ["TEMPLATES", "api_routes", "page_routes"]

TEMPLATES = Path(__file__).parent / "templates"


def page_routes() -> list[Route]:
    return [
        page("GET", "/log", "log.show", show_log, "practices.read"),
        page("POST", "/log/{id}/pull", "log.pull", take_pull, OPERATE),
    ]
