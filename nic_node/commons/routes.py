"""Where practices are found."""

from pathlib import Path

from nic_node.commons import pages
from nic_node.commons.api import api_routes
from nic_node.web.routes import Route, page

__all__ = ["TEMPLATES", "api_routes", "page_routes"]

TEMPLATES = Path(__file__).parent / "templates"
READ, ADOPT = "practices.read", "practices.adopt"


def page_routes() -> list[Route]:
    return [
        page("GET", "/learn", "learn.index", pages.show_learn, READ),
        # A record id holds slashes: it begins with the log's address.
        page("GET", "/learn/practices/{record:.+}", "learn.show", pages.show_practice, READ),
        page("POST", "/learn/start", "learn.start", pages.take_start, ADOPT),
    ]
