"""Where Share is found."""

from pathlib import Path

from nic_node.publishing import correct_pages, leave_pages, pages, review_pages, roster_pages, withdraw_pages
from nic_node.publishing.api import api_routes as own_api_routes
from nic_node.publishing.directory_pages import directory_api_routes, directory_pages
from nic_node.publishing.flags import pages as flag_pages
from nic_node.publishing.flags.api import flag_api_routes
from nic_node.publishing.incidents.api import incident_api_routes
from nic_node.publishing.incidents.pages import incident_pages
from nic_node.publishing.leave_api import leave_api_routes
from nic_node.publishing.oversight.api import oversight_api_routes
from nic_node.publishing.oversight.pages import oversight_pages
from nic_node.publishing.questions.api import question_operations
from nic_node.publishing.questions.pages import question_pages
from nic_node.publishing.records_pages import records_api_routes, records_pages
from nic_node.publishing.relays.pages import relay_api_routes, relay_pages
from nic_node.publishing.relays.pass_on import take_relay
from nic_node.publishing.withdrawals_pages import withdrawals_api, withdrawals_pages
from nic_node.web.routes import KIB, Api, Route, page, peer
from nic_node.web.visitor import PEER

__all__ = ["TEMPLATES", "api_routes", "page_routes", "peer_routes"]

TEMPLATES = Path(__file__).parent / "templates"
READ, DRAFT, REVIEW, LEAVE = "share.read", "share.draft", "share.review", "network.join"


def page_routes() -> list[Route]:
    return [
        page("GET", "/share", "share.index", pages.show_index, READ),
        page("GET", "/share/roster", "share.roster", roster_pages.show_roster, DRAFT),
        page("POST", "/share/roster", "share.roster", roster_pages.take_roster, DRAFT, roster_pages.ROSTER_BYTES),
        *relay_pages(),
        *records_pages(),
        page("GET", "/share/flags/{record:.+}", "share.flag", flag_pages.show_flag, DRAFT),
        page("POST", "/share/unflag/{record:.+}", "share.unflag", flag_pages.take_unflag, DRAFT),
        page("POST", "/share/flags/{record:.+}", "share.flag", flag_pages.take_flag, DRAFT),
        *directory_pages(),
        *incident_pages(),
        *oversight_pages(),
        *withdrawals_pages(),
        *question_pages(),
        page("POST", "/share/projects/{project_id}", "share.start", pages.take_start, DRAFT),
        page("GET", "/network/memberships/{id}/leaving", "share.leave", leave_pages.show_leave, LEAVE),
        page("POST", "/network/memberships/{id}/leaving", "share.leave", leave_pages.take_leave, LEAVE),
        page("GET", "/share/{id}", "share.show", pages.show_draft, READ),
        page("POST", "/share/{id}/send", "share.send", pages.take_send, DRAFT),
        page("POST", "/share/{id}/renew", "share.renew", pages.take_renew, DRAFT),
        page("POST", "/share/{id}/drop", "share.drop", pages.take_drop, DRAFT),
        page("GET", "/share/{id}/reword", "share.reword", pages.show_reword, READ),
        page("POST", "/share/{id}/reword", "share.reword", pages.take_reword, READ),
        page("POST", "/share/{id}/left-out", "share.leave_out", pages.take_left_out, READ),
        page("GET", "/share/{id}/review", "share.review", review_pages.show_review, READ),
        page("POST", "/share/{id}/decide", "share.decide", review_pages.take_decision, REVIEW),
        page("POST", "/share/{id}/approve", "share.approve", review_pages.take_approval, REVIEW),
        page("POST", "/share/{id}/return", "share.send_back", review_pages.take_return, REVIEW),
        page("POST", "/share/{id}/undo", "share.undo", pages.take_undo, REVIEW),
        page("POST", "/share/{id}/correct", "share.correct", correct_pages.take_correct, DRAFT),
        page("GET", "/share/{id}/withdraw", "share.withdraw", withdraw_pages.show_withdraw, DRAFT),
        page("POST", "/share/{id}/withdraw", "share.withdraw", withdraw_pages.take_withdraw, DRAFT),
    ]


def api_routes() -> list[Api]:
    return [
        *own_api_routes(),
        *leave_api_routes(),
        *flag_api_routes(),
        *relay_api_routes(),
        *records_api_routes(),
        *withdrawals_api(),
        *question_operations(),
        *directory_api_routes(),
        *incident_api_routes(),
        *oversight_api_routes(),
    ]


def peer_routes() -> list[Route]:
    return [peer("POST", "/v1/relay", "share.relay", take_relay, PEER, 64 * KIB)]
