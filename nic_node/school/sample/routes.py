"""Where sample data is put in and taken away."""

from pathlib import Path

from nic_node.school.sample.api import api_routes
from nic_node.school.sample.pages import take_load, take_removal
from nic_node.web.routes import Route, page

__all__ = ["TEMPLATES", "api_routes", "page_routes"]

TEMPLATES = Path(__file__).parent / "templates"


def page_routes() -> list[Route]:
    return [
        page("POST", "/sample/load", "sample.load", take_load, "plan.write"),
        page("POST", "/sample/remove", "sample.remove", take_removal, "plan.write"),
    ]
