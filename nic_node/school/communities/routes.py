"""Where learning communities are found."""

from pathlib import Path

from nic_node.school.communities import pages
from nic_node.school.communities.api import api_routes
from nic_node.web.routes import Route, page

__all__ = ["TEMPLATES", "api_routes", "page_routes"]

TEMPLATES = Path(__file__).parent / "templates"
READ, WRITE = "communities.read", "communities.write"


def page_routes() -> list[Route]:
    at, trial = "/communities/{id}", "/communities/trials/{id}"
    return [
        page("GET", "/communities", "communities.index", pages.show_communities, READ),
        page("GET", "/communities/new", "communities.new", pages.new_community, WRITE),
        page("POST", "/communities/new", "communities.new", pages.take_new_community, WRITE),
        page("GET", at, "communities.show", pages.show_community, READ),
        page("GET", f"{at}/edit", "communities.edit", pages.edit_community, WRITE),
        page("POST", f"{at}/edit", "communities.edit", pages.take_community, WRITE),
        page("POST", f"{at}/sessions", "communities.sessions", pages.take_session, WRITE),
        page("POST", f"{at}/artefacts", "communities.artefacts", pages.take_artefact, WRITE),
        page("POST", f"{at}/trials", "communities.trials", pages.take_trial, WRITE),
        page("POST", f"{trial}/cycle", "communities.cycle", pages.take_cycle, "cycles.write"),
        page("POST", f"{trial}/project", "communities.project", pages.take_project, "projects.write"),
    ]
