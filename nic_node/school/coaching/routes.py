"""Where coaching is found: by the pair, and by nobody else."""

from pathlib import Path

from nic_node.school.coaching import pages
from nic_node.school.coaching.api import api_routes
from nic_node.web.routes import Route, page

__all__ = ["TEMPLATES", "api_routes", "page_routes"]

TEMPLATES = Path(__file__).parent / "templates"
OWN = "coaching.own"


def page_routes() -> list[Route]:
    at, note = "/coaching/{id}", "/coaching/notes/{id}"
    return [
        page("GET", "/coaching", "coaching.index", pages.show_coaching, OWN),
        page("POST", "/coaching", "coaching.index", pages.take_beginning, OWN),
        page("GET", "/coaching/count", "coaching.count", pages.show_count, "coaching.count"),
        page("GET", at, "coaching.show", pages.show_cycle, OWN),
        page("POST", f"{at}/goal", "coaching.goal", pages.take_goal, OWN),
        page("POST", f"{at}/notes", "coaching.notes", pages.take_note, OWN),
        page("POST", at + "/{act:end|open}", "coaching.end", pages.take_end, OWN),
        page("POST", f"{at}/erase", "coaching.erase", pages.take_erasure, OWN),
        page("GET", note, "coaching.note", pages.edit_note, OWN),
        page("POST", note, "coaching.note", pages.take_edited_note, OWN),
        page("POST", note + "/{state:done|open}", "coaching.step", pages.take_step, OWN),
    ]
