"""Where a project says why it happens."""

from pathlib import Path

from nic_node.school.causes import pages
from nic_node.school.causes.api import api_routes
from nic_node.web.routes import Route, page

__all__ = ["TEMPLATES", "api_routes", "page_routes"]

TEMPLATES = Path(__file__).parent / "templates"


def page_routes() -> list[Route]:
    at, write = "/projects/{id}/why", "projects.write"
    return [
        page("GET", at, "causes.show", pages.show_causes, "projects.read"),
        page("POST", at, "causes.show", pages.take_cause, write),
        page("POST", "/causes/{id}/{act:choose|drop}", "causes.choose", pages.take_choice, write),
        page("POST", f"{at}/process", "causes.process", pages.take_process, write),
        page("POST", f"{at}/talks", "causes.talk", pages.take_talk, pages.TEAM),
        page("POST", f"{at}/consensus", "causes.consensus", pages.take_consensus, write),
    ]
