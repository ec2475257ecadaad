"""Where moderation answers."""

from nic_node.network.moderation.incidents import incident_page_routes
from nic_node.network.moderation.pages import (
    show_moderation,
    take_block,
    take_dismissal,
    take_moderation,
    take_second,
    take_voice_back,
)
from nic_node.web.routes import Route, page

COORDINATE = "network.coordinate"
MODERATION = "/network/{id}/moderation"


def page_routes() -> list[Route]:
    return [
        page("GET", MODERATION, "network.moderation", show_moderation, COORDINATE),
        page("POST", MODERATION, "network.moderate", take_moderation, COORDINATE),
        page("POST", MODERATION + "/blocks", "network.block", take_block, COORDINATE),
        page("POST", MODERATION + "/dismissals", "network.dismiss", take_dismissal, COORDINATE),
        page("POST", MODERATION + "/{case_id}/second", "network.second", take_second, COORDINATE),
        page("POST", MODERATION + "/{case_id}/undo", "network.unsecond", take_voice_back, COORDINATE),
        *incident_page_routes(),
    ]
