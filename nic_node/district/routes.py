"""Where a school says what its district sees, where a district sees its schools, and what their nodes ask."""

from pathlib import Path

from nic_node.district import pages, schools_pages, serve
from nic_node.district.api import api_routes
from nic_node.web.routes import Route, page, peer
from nic_node.web.visitor import PEER, PUBLIC
from schemas.district import ANSWER_MAX_BYTES, NAMED_MAX_BYTES

__all__ = ["TEMPLATES", "api_routes", "page_routes", "peer_routes"]

TEMPLATES = Path(__file__).parent / "templates"
READ, SHARE = "district.read", "district.share"
SEE, ANSWER = "schools.read", "schools.write"


def page_routes() -> list[Route]:
    one = "/schools/{id}"
    return [
        page("GET", "/district", "district.show", pages.show_district, READ),
        page("POST", "/district/name", "district.name", pages.take_name, SHARE),
        page("POST", "/district/shares", "district.shares", pages.take_shares, SHARE),
        page("POST", "/district/stop", "district.stop", pages.take_stop, SHARE),
        page("GET", "/schools", "schools.index", schools_pages.show_schools, SEE),
        page("POST", "/schools", "schools.add", schools_pages.take_school, ANSWER),
        page("GET", one, "schools.show", schools_pages.show_school, SEE),
        page("POST", f"{one}/keep", "schools.keep", schools_pages.take_keep, ANSWER),
        page("POST", f"{one}/refuse", "schools.refuse", schools_pages.take_refusal, ANSWER),
        page("POST", f"{one}/ask", "schools.ask", schools_pages.take_ask, ANSWER),
        page("POST", f"{one}/obstacles/{{obstacle_id}}", "schools.answer", schools_pages.take_answer, ANSWER),
    ]


def peer_routes() -> list[Route]:
    at = "/v1/district"
    return [
        peer("GET", f"{at}/shared", "district.shared", serve.serve_shared, PEER),
        peer("POST", f"{at}/obstacles/{{id}}", "district.answer", serve.take_obstacle_answer, PEER, ANSWER_MAX_BYTES),
        peer("POST", f"{at}/schools", "district.named", serve.take_named, PUBLIC, NAMED_MAX_BYTES),
    ]
