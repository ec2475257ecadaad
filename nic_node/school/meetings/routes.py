"""Where meetings are found."""

from pathlib import Path

from nic_node.school.meetings import held_pages, pages
from nic_node.school.meetings.api import api_routes
from nic_node.school.meetings.forms import PASTE_BYTES
from nic_node.web.routes import Route, page

__all__ = ["TEMPLATES", "api_routes", "page_routes"]

TEMPLATES = Path(__file__).parent / "templates"
READ, WRITE = "meetings.read", "meetings.write"


def page_routes() -> list[Route]:
    at, item = "/meetings/{id}", "/meetings/items/{id}"
    return [
        page("GET", "/meetings", "meetings.index", pages.show_meetings, READ),
        page("GET", "/meetings/new", "meetings.new", pages.new_meeting, WRITE),
        page("POST", "/meetings/new", "meetings.new", pages.take_new_meeting, WRITE),
        page("GET", at, "meetings.show", held_pages.show_meeting, READ),
        page("GET", f"{at}/edit", "meetings.edit", pages.edit_meeting, WRITE),
        page("POST", f"{at}/edit", "meetings.edit", pages.take_meeting, WRITE),
        page("POST", f"{at}/start", "meetings.start", held_pages.take_start, WRITE),
        page("POST", f"{at}/end", "meetings.end", held_pages.take_end, WRITE),
        page("POST", f"{at}/closing", "meetings.closing", held_pages.take_closing, WRITE),
        page("POST", f"{at}/people", "meetings.people", held_pages.take_people, WRITE),
        page("POST", f"{at}/items", "meetings.items", held_pages.take_item, WRITE),
        page("POST", f"{at}/proposal", "meetings.proposal", held_pages.take_proposal, WRITE),
        page("POST", f"{at}/notes", "meetings.notes", held_pages.take_notes, WRITE),
        page("POST", f"{at}/decisions", "meetings.decisions", held_pages.take_decision, WRITE),
        page("POST", f"{at}/actions", "meetings.actions", held_pages.take_action, WRITE),
        page("GET", f"{at}/minutes", "meetings.minutes", pages.show_minutes, READ),
        page("POST", f"{at}/minutes", "meetings.minutes", pages.take_minutes, WRITE),
        page("GET", f"{at}/paste", "meetings.paste", pages.show_paste, WRITE),
        page("POST", f"{at}/paste", "meetings.paste", pages.take_paste, WRITE, PASTE_BYTES),
        page("POST", f"{at}/pasted", "meetings.pasted", pages.take_pasted, WRITE, PASTE_BYTES),
        page("GET", item, "meetings.item", held_pages.edit_item, WRITE),
        page("POST", item, "meetings.item", held_pages.take_edited_item, WRITE),
        page("POST", f"{item}/carry", "meetings.carry", held_pages.take_carry, WRITE),
        page(
            "POST", item + "/{act:start|up|down|remove|restore}", "meetings.item_act", held_pages.take_item_act, WRITE
        ),
        page(
            "POST",
            "/meetings/decisions/{id}/{act:remove|restore}",
            "meetings.decision",
            held_pages.take_decision_act,
            WRITE,
        ),
    ]
