"""Where classroom visits are found."""

from pathlib import Path

from nic_node.school.visits import pages
from nic_node.school.visits.api import api_routes
from nic_node.web.routes import Route, page

__all__ = ["TEMPLATES", "api_routes", "page_routes"]

TEMPLATES = Path(__file__).parent / "templates"


def page_routes() -> list[Route]:
    at = "/projects/{id}/visits"
    return [
        page("GET", at, "visits.show", pages.show_visits, "visits.read"),
        page("POST", at, "visits.show", pages.take_visit, "visits.write"),
        page("POST", "/projects/{id}/look-fors", "visits.look_fors", pages.take_look_fors, "projects.write"),
        page("POST", "/visits/{id}/{act:remove|restore}", "visits.act", pages.take_visit_act, "visits.write"),
    ]
