"""Where advice on a project is found."""

from pathlib import Path

from nic_node.school.advice import pages
from nic_node.school.advice.api import api_routes
from nic_node.web.routes import Route, page

__all__ = ["TEMPLATES", "api_routes", "page_routes"]

TEMPLATES = Path(__file__).parent / "templates"
READ, WRITE = "projects.read", "projects.write"


def page_routes() -> list[Route]:
    at = "/projects/{id}/advice"
    return [
        page("GET", at, "advice.show", pages.show_advice, READ),
        page("POST", at, "advice.show", pages.take_overruling, WRITE),
        page("POST", f"{at}/heed", "advice.heed", pages.take_heeding, WRITE),
        page("POST", "/projects/{id}/follow-up", "advice.follow_up", pages.take_follow_up, WRITE),
    ]
