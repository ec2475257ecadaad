"""Where reflections and the stop-list are found."""

from pathlib import Path

from nic_node.school.reflection import pages
from nic_node.school.reflection.api import api_routes
from nic_node.web.routes import Route, page

__all__ = ["TEMPLATES", "api_routes", "page_routes"]

TEMPLATES = Path(__file__).parent / "templates"
READ, WRITE = "reflection.read", "reflection.write"


def page_routes() -> list[Route]:
    return [
        page("GET", "/reflection", "reflection.index", pages.show_reflections, READ),
        page("GET", "/reflection/new", "reflection.new", pages.new_reflection, WRITE),
        page("POST", "/reflection/new", "reflection.new", pages.take_new_reflection, WRITE),
        page("GET", "/reflection/{id}", "reflection.edit", pages.edit_reflection, WRITE),
        page("POST", "/reflection/{id}", "reflection.edit", pages.take_reflection, WRITE),
        page("POST", "/reflection/stops", "reflection.stop", pages.take_stop, WRITE),
        page("POST", "/reflection/stops/{id}/{act:remove|restore}", "reflection.stop_act", pages.take_stop_act, WRITE),
    ]
