"""Where one's notices are found."""

from pathlib import Path

from nic_node.school.notices import pages
from nic_node.school.notices.api import api_routes
from nic_node.web.routes import Route, page

__all__ = ["TEMPLATES", "api_routes", "page_routes"]

TEMPLATES = Path(__file__).parent / "templates"


def page_routes() -> list[Route]:
    return [
        page("GET", "/notices", "notices.show", pages.show_notices, "school.read"),
        page("POST", "/notices", "notices.show", pages.take_choices, "school.read"),
        page("POST", "/notices/read", "notices.read", pages.take_read, "school.read"),
    ]
