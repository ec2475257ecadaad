"""Where messages are found."""

from pathlib import Path

from nic_node.school.communication import pages
from nic_node.school.communication.api import api_routes
from nic_node.web.routes import Route, page

__all__ = ["TEMPLATES", "api_routes", "page_routes"]

TEMPLATES = Path(__file__).parent / "templates"
READ, WRITE = "communication.read", "communication.write"


def page_routes() -> list[Route]:
    at = "/messages/{id}"
    return [
        page("GET", "/messages", "communication.index", pages.show_messages, READ),
        page("GET", "/messages/new", "communication.new", pages.new_message, WRITE),
        page("POST", "/messages/new", "communication.new", pages.take_new_message, WRITE),
        page("GET", at, "communication.show", pages.show_message, READ),
        page("GET", f"{at}/edit", "communication.edit", pages.edit_message, WRITE),
        page("POST", f"{at}/edit", "communication.edit", pages.take_message, WRITE),
        page("POST", f"{at}/send", "communication.send", pages.take_sending, WRITE),
    ]
