"""Where the school's own work is searched."""

from pathlib import Path

from nic_node.school.search.api import api_routes
from nic_node.school.search.pages import show_search
from nic_node.web.routes import Route, page

__all__ = ["TEMPLATES", "api_routes", "page_routes"]

TEMPLATES = Path(__file__).parent / "templates"


def page_routes() -> list[Route]:
    return [page("GET", "/search", "search.show", show_search, "school.read")]
