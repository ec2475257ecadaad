"""Where a project's driver diagram is found."""

from pathlib import Path

from nic_node.school.drivers import pages
from nic_node.school.drivers.api import api_routes
from nic_node.web.routes import Route, page

__all__ = ["TEMPLATES", "api_routes", "page_routes"]

TEMPLATES = Path(__file__).parent / "templates"


def page_routes() -> list[Route]:
    at, write = "/projects/{id}/drivers", "projects.write"
    return [
        page("GET", at, "drivers.show", pages.show_drivers, "projects.read"),
        page("POST", at, "drivers.show", pages.take_driver, write),
        page("POST", f"{at}/versions", "drivers.keep", pages.take_version, write),
        page("POST", "/drivers/{id}/try", "drivers.choose", pages.take_try, write),
    ]
