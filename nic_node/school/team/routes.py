"""Where the leadership team is found."""

from pathlib import Path

from nic_node.school.team import pages
from nic_node.school.team.api import api_routes
from nic_node.web.routes import Route, page

__all__ = ["TEMPLATES", "api_routes", "page_routes"]

TEMPLATES = Path(__file__).parent / "templates"
READ, WRITE = "team.read", "team.write"


def page_routes() -> list[Route]:
    return [
        page("GET", "/team", "team.show", pages.show_team, READ),
        page("POST", "/team/norms", "team.norms", pages.take_norms, WRITE),
        page("GET", "/team/members/new", "team.new_member", pages.new_member, WRITE),
        page("POST", "/team/members/new", "team.new_member", pages.take_new_member, WRITE),
        page("GET", "/team/members/{id}", "team.member", pages.edit_member, WRITE),
        page("POST", "/team/members/{id}", "team.member", pages.take_member, WRITE),
        page("POST", "/team/days-off", "team.day_off", pages.take_day_off, WRITE),
        page("POST", "/team/days-off/{id}/remove", "team.no_day_off", pages.take_day_off_removal, WRITE),
        page("POST", "/team/meetings", "team.series", pages.take_series, "meetings.write"),
    ]
