"""Where pulse surveys are found."""

from pathlib import Path

from nic_node.school.pulse import pages, slip_pages
from nic_node.school.pulse.api import api_routes
from nic_node.web.routes import Route, page
from nic_node.web.visitor import PUBLIC

__all__ = ["TEMPLATES", "api_routes", "page_routes"]

TEMPLATES = Path(__file__).parent / "templates"
READ, WRITE = "pulse.read", "pulse.write"


def page_routes() -> list[Route]:
    return [
        page("GET", "/pulse", "pulse.index", pages.show_surveys, READ),
        page("GET", "/pulse/new", "pulse.new", pages.new_survey, WRITE),
        page("POST", "/pulse/new", "pulse.new", pages.take_new_survey, WRITE),
        page("GET", "/pulse/{id}", "pulse.show", pages.show_survey, READ),
        page("GET", "/pulse/{id}/slips", "pulse.slips", slip_pages.show_slips, WRITE),
        page("GET", "/pulse/{id}/slips.csv", "pulse.slips_csv", slip_pages.send_slips, WRITE),
        page("POST", "/pulse/{id}/close", "pulse.close", pages.take_close, WRITE),
        page("GET", "/pulse/{id}/answer", "pulse.own", pages.show_own_turn, READ),
        page("POST", "/pulse/{id}/answer", "pulse.own", pages.take_own_turn, READ),
        page("GET", "/pulse/answer/{token}", "pulse.answer", pages.show_turn, PUBLIC),
        page("POST", "/pulse/answer/{token}", "pulse.answer", pages.take_turn, PUBLIC),
    ]
