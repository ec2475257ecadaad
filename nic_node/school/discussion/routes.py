"""Where comments and files are found."""

from pathlib import Path

from nic_node.school.discussion import pages
from nic_node.school.discussion.api import api_routes
from nic_node.web.routes import Route, document, page

__all__ = ["TEMPLATES", "api_routes", "page_routes"]

TEMPLATES = Path(__file__).parent / "templates"
READ, WRITE = "discussion.read", "discussion.write"


def page_routes() -> list[Route]:
    at = "/beside/{kind}/{id}"
    return [
        page("GET", at, "discussion.show", pages.show_beside, READ),
        page("POST", f"{at}/comments", "discussion.comment", pages.take_comment, WRITE),
        page("POST", f"{at}/files", "discussion.attach", pages.take_file, WRITE, pages.UPLOAD_BYTES),
        document("/files/{id}", "discussion.file", pages.send_file, READ),
    ]
