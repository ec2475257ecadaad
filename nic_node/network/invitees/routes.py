"""Where the list answers."""

from nic_node.network.invitees.pages import ADD_BYTES, show_add, show_invitees, take_act, take_add, take_all
from nic_node.web.routes import Route, page

COORDINATE = "network.coordinate"
LIST = "/network/{id}/invitees"


def page_routes() -> list[Route]:
    return [
        page("GET", LIST, "network.invitees", show_invitees, COORDINATE),
        page("GET", LIST + "/add", "network.invitees_add", show_add, COORDINATE),
        page("POST", LIST + "/add", "network.invitees_add", take_add, COORDINATE, ADD_BYTES),
        page("POST", LIST + "/all", "network.invitees_all", take_all, COORDINATE),
        page("POST", LIST + "/{invitee_id}", "network.invitee", take_act, COORDINATE),
    ]
