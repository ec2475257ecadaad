"""Where projects are found."""

from pathlib import Path

from nic_node.school.projects import pages
from nic_node.school.projects.api import api_routes
from nic_node.school.projects.show import show_project
from nic_node.web.routes import Handler, Route, page

__all__ = ["TEMPLATES", "api_routes", "page_routes"]

TEMPLATES = Path(__file__).parent / "templates"
READ, WRITE = "projects.read", "projects.write"


def page_routes() -> list[Route]:
    def form(path: str, name: str, show: Handler, take: Handler) -> list[Route]:
        shown = page("GET", path, name, show, WRITE)
        return [shown, page("POST", path, name, take, WRITE, pages.FORM_BYTES)]

    return [
        page("GET", "/projects", "projects.index", pages.show_projects, READ),
        *form("/projects/new", "projects.new", pages.new_project, pages.take_new_project),
        page("GET", "/projects/{id}", "projects.show", show_project, READ),
        *form("/projects/{id}/edit", "projects.edit", pages.edit_project, pages.take_project),
        *form("/projects/{id}/steps", "projects.steps", pages.edit_steps, pages.take_steps),
        *form("/projects/{id}/close", "projects.close", pages.show_close, pages.take_close),
        *form("/projects/{id}/extend", "projects.extend", pages.show_extension, pages.take_extension),
        *form("/projects/{id}/midway", "projects.midway", pages.show_midway, pages.take_midway),
        page("POST", "/projects/{id}/reopen", "projects.reopen", pages.take_reopen, WRITE),
        page(
            "POST", "/projects/{id}/steps/{step_id}/{mark:done|open}", "projects.mark_step", pages.take_step_mark, WRITE
        ),
    ]
