"""Where measures are found."""

from pathlib import Path

from nic_node.school.measures.api import api_routes
from nic_node.school.measures.import_pages import (
    UPLOAD_BYTES,
    new_import,
    show_preview,
    take_discard,
    take_preview,
    take_undo,
    take_upload,
)
from nic_node.school.measures.link_pages import (
    BY_LINK,
    show_links,
    show_number_by_link,
    take_link,
    take_link_closing,
    take_number_by_link,
)
from nic_node.school.measures.mark_pages import show_limits, take_mark, take_mark_removal
from nic_node.school.measures.number_pages import (
    edit_number,
    new_number,
    take_new_number,
    take_number,
    take_number_removal,
)
from nic_node.school.measures.pages import (
    edit_measure,
    new_measure,
    send_csv,
    show_measures,
    take_measure,
    take_new_measure,
    take_removal,
)
from nic_node.school.measures.show import show_measure
from nic_node.school.measures.wall import show_wall
from nic_node.web.routes import Route, page
from nic_node.web.visitor import PUBLIC

__all__ = ["TEMPLATES", "api_routes", "page_routes"]

TEMPLATES = Path(__file__).parent / "templates"
READ, WRITE = "measures.read", "measures.write"
BY_LINK_PATH = "/number/{token}"


def page_routes() -> list[Route]:
    one = "/measures/{id}"
    number = one + "/observations/{observation_id}"
    upload = one + "/imports/{import_id}"
    return [
        page("GET", "/measures", "measures.index", show_measures, READ),
        page("GET", "/measures/new", "measures.new", new_measure, WRITE),
        page("POST", "/measures/new", "measures.new", take_new_measure, WRITE),
        page("GET", "/measures/wall", "measures.wall", show_wall, READ),
        page("GET", one, "measures.show", show_measure, READ),
        page("GET", one + "/edit", "measures.edit", edit_measure, WRITE),
        page("POST", one + "/edit", "measures.edit", take_measure, WRITE),
        page("POST", one + "/remove", "measures.remove", take_removal, WRITE),
        page("GET", one + "/links", "measures.links", show_links, WRITE),
        page("POST", one + "/links", "measures.links", take_link, WRITE),
        page("POST", one + "/links/{link_id}/close", "measures.close_link", take_link_closing, WRITE),
        page("GET", BY_LINK_PATH, BY_LINK, show_number_by_link, PUBLIC),
        page("POST", BY_LINK_PATH, BY_LINK, take_number_by_link, PUBLIC),
        page("GET", one + "/limits", "measures.limits", show_limits, WRITE),
        page("POST", one + "/limits", "measures.limits", take_mark, WRITE),
        page("POST", one + "/limits/{mark_id}/remove", "measures.unmark", take_mark_removal, WRITE),
        page("GET", one + "/numbers.csv", "measures.csv", send_csv, READ),
        page("GET", one + "/add", "measures.add", new_number, WRITE),
        page("POST", one + "/add", "measures.add", take_new_number, WRITE),
        page("GET", number, "measures.observation", edit_number, WRITE),
        page("POST", number, "measures.observation", take_number, WRITE),
        page("POST", number + "/remove", "measures.remove_number", take_number_removal, WRITE),
        page("GET", one + "/import", "measures.upload", new_import, WRITE),
        page("POST", one + "/import", "measures.upload", take_upload, WRITE, max_bytes=UPLOAD_BYTES),
        page("GET", upload, "measures.preview", show_preview, WRITE),
        page("POST", upload, "measures.preview", take_preview, WRITE),
        page("POST", upload + "/discard", "measures.discard", take_discard, WRITE),
        page("POST", upload + "/undo", "measures.undo_import", take_undo, WRITE),
    ]
