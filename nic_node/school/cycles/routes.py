"""Where cycles are found."""

from pathlib import Path

from nic_node.school.cycles.api import api_routes
from nic_node.school.cycles.pages import new_cycle, show_cycle, take_cycle, take_new_cycle
from nic_node.web.routes import Route, page

__all__ = ["TEMPLATES", "api_routes", "page_routes"]

TEMPLATES = Path(__file__).parent / "templates"


def page_routes() -> list[Route]:
    return [
        page("GET", "/cycles/new", "cycles.new", new_cycle, "cycles.write"),
        page("POST", "/cycles/new", "cycles.new", take_new_cycle, "cycles.write"),
        page("GET", "/cycles/{id}", "cycles.show", show_cycle, "cycles.read"),
        page("POST", "/cycles/{id}", "cycles.show", take_cycle, "cycles.write"),
    ]
