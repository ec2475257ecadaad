"""Where obstacles are found."""

from pathlib import Path

from nic_node.school.obstacles import pages
from nic_node.school.obstacles.api import api_routes
from nic_node.web.routes import Route, page

__all__ = ["TEMPLATES", "api_routes", "page_routes"]

TEMPLATES = Path(__file__).parent / "templates"
READ, WRITE = "obstacles.read", "obstacles.write"


def page_routes() -> list[Route]:
    return [
        page("GET", "/obstacles", "obstacles.index", pages.show_obstacles, READ),
        page("GET", "/obstacles/new", "obstacles.new", pages.new_obstacle, WRITE),
        page("POST", "/obstacles/new", "obstacles.new", pages.take_new_obstacle, WRITE),
        page("GET", "/obstacles/{id}", "obstacles.edit", pages.edit_obstacle, WRITE),
        page("POST", "/obstacles/{id}", "obstacles.edit", pages.take_obstacle, WRITE),
        page("POST", "/obstacles/{id}/{state:removed|open}", "obstacles.settle", pages.take_state, WRITE),
    ]
