"""Where the pages about networks above answer."""

from nic_node.network.above.again_pages import (
    show_above_appeal,
    show_above_renewal,
    take_above_appeal,
    take_above_renewal,
)
from nic_node.network.above.pages import (
    show_above,
    take_above,
    take_above_check,
    take_above_code,
    take_above_leave,
    take_above_terms,
)
from nic_node.web.routes import Route, page

COORDINATE = "network.coordinate"
ABOVE = "/network/{id}/above"
ONE = ABOVE + "/{superior_id}"


def page_routes() -> list[Route]:
    return [
        page("GET", ABOVE, "network.above", show_above, COORDINATE),
        page("POST", ABOVE, "network.above", take_above, COORDINATE),
        page("POST", ONE + "/code", "network.above_code", take_above_code, COORDINATE),
        page("POST", ONE + "/terms", "network.above_terms", take_above_terms, COORDINATE),
        page("POST", ONE + "/check", "network.above_check", take_above_check, COORDINATE),
        page("GET", ONE + "/renewal", "network.above_renewal", show_above_renewal, COORDINATE),
        page("POST", ONE + "/renewal", "network.above_renewal", take_above_renewal, COORDINATE),
        page("GET", ONE + "/appeal", "network.above_appeal", show_above_appeal, COORDINATE),
        page("POST", ONE + "/appeal", "network.above_appeal", take_above_appeal, COORDINATE),
        page("POST", ONE + "/leave", "network.above_leave", take_above_leave, COORDINATE),
    ]
