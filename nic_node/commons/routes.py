"""Where practices are found."""

from pathlib import Path

from nic_node.commons import pages
from nic_node.commons.api import api_routes as practice_operations
from nic_node.commons.likeness.pages import likeness_operations, likeness_pages
from nic_node.commons.saved.api import saved_operations
from nic_node.commons.saved.pages import saved_pages
from nic_node.commons.theory_pages import theory_operations, theory_pages
from nic_node.commons.threads.api import thread_operations
from nic_node.commons.threads.pages import thread_pages
from nic_node.web.routes import Api, Route, page

__all__ = ["TEMPLATES", "api_routes", "page_routes"]

TEMPLATES = Path(__file__).parent / "templates"
READ, ADOPT = "practices.read", "practices.adopt"


def page_routes() -> list[Route]:
    return [
        page("GET", "/learn", "learn.index", pages.show_learn, READ),
        page("GET", "/learn/compare", "learn.compare", pages.show_comparison, READ),
        page("GET", r"/learn/research/{id:[a-z0-9-]+}", "learn.entry", pages.show_entry, READ),
        # A record id holds slashes: it begins with the log's address.
        page("GET", "/learn/practices/{record:.+}", "learn.show", pages.show_practice, READ),
        *thread_pages(),
        *saved_pages(),
        *likeness_pages(),
        *theory_pages(),
        page("POST", "/learn/start", "learn.start", pages.take_start, ADOPT),
    ]


def api_routes() -> list[Api]:
    return [
        *practice_operations(),
        *thread_operations(),
        *saved_operations(),
        *likeness_operations(),
        *theory_operations(),
    ]
