"""Where the handover is found."""

from pathlib import Path

from nic_node.school.handover import pages
from nic_node.school.handover.api import api_routes
from nic_node.web.routes import Route, page

__all__ = ["TEMPLATES", "api_routes", "page_routes"]

TEMPLATES = Path(__file__).parent / "templates"


def page_routes() -> list[Route]:
    return [
        page("GET", "/handover", "handover.show", pages.show_handover, "handover.read"),
        page("POST", "/handover", "handover.show", pages.take_handover, "handover.write"),
    ]
