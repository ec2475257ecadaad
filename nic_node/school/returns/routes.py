"""Where the board's table is found, and what a project takes."""

from pathlib import Path

from nic_node.school.returns import pages
from nic_node.school.returns.api import api_routes
from nic_node.web.routes import Route, page

__all__ = ["TEMPLATES", "api_routes", "page_routes"]

TEMPLATES = Path(__file__).parent / "templates"
READ = "return.read"


def page_routes() -> list[Route]:
    at, act = "/projects/{id}/inputs", "/inputs/{id}/{act:remove|restore}"
    return [
        page("GET", "/return", "returns.show", pages.show_return, READ),
        page("POST", "/return/staff", "returns.staff", pages.take_staff, "return.write"),
        page("GET", at, "returns.inputs", pages.show_inputs, READ),
        page("POST", at, "returns.inputs", pages.take_input, "projects.write"),
        page("POST", "/projects/{id}/budget", "returns.budget", pages.take_budget, "projects.write"),
        page("POST", act, "returns.input_act", pages.take_input_act, "projects.write"),
    ]
