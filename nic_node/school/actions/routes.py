"""Where action items are found."""

from pathlib import Path

from nic_node.school.actions import pages
from nic_node.school.actions.api import api_routes
from nic_node.web.routes import Route, page

__all__ = ["TEMPLATES", "api_routes", "page_routes"]

TEMPLATES = Path(__file__).parent / "templates"
READ, WRITE = "actions.read", "actions.write"


def page_routes() -> list[Route]:
    return [
        page("GET", "/actions", "actions.index", pages.show_actions, READ),
        page("POST", "/actions", "actions.index", pages.take_action_line, WRITE),
        page("GET", "/actions/{id}", "actions.edit", pages.edit_action, WRITE),
        page("POST", "/actions/{id}", "actions.edit", pages.take_action, WRITE),
        page("POST", "/actions/{id}/{state:open|done|dropped}", "actions.settle", pages.take_settled, WRITE),
    ]
