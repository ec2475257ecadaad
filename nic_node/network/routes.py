"""Where a network answers: its coordinators' pages, its public addresses, the JSON API."""

from pathlib import Path

from nic_node.network import key_pages
from nic_node.network.above import routes as above
from nic_node.network.above.api import above_api_routes
from nic_node.network.api import api_routes as own_api_routes
from nic_node.network.application_pages import (
    show_applications,
    take_approval,
    take_approval_back,
    take_code_wish,
    take_recheck,
    take_reopening,
    take_settlement,
    take_together,
)
from nic_node.network.coordinator_pages import (
    show_coordinators,
    take_coordinator,
    take_removal,
    take_reversal,
)
from nic_node.network.directory_file import DIRECTORY_MAX_BYTES
from nic_node.network.directory_pages import (
    show_directory,
    show_preview,
    take_directory,
    take_discard,
    take_preview,
)
from nic_node.network.due_pages import show_due, take_decline, take_renewals, take_voice
from nic_node.network.federation_endpoints import federation_routes
from nic_node.network.forms import POLICY_BYTES
from nic_node.network.index_pages import show_found, show_index, show_invitation, take_found
from nic_node.network.invitees import routes as invitees
from nic_node.network.invitees.api import invitee_api_routes
from nic_node.network.log import routes as log
from nic_node.network.mail_pages import mail_api_routes, mail_page_routes
from nic_node.network.member_pages import show_member, show_members, take_decision
from nic_node.network.moderation import routes as moderation
from nic_node.network.moderation.api import moderation_api_routes
from nic_node.network.moderation.incidents import incident_peer_routes
from nic_node.network.peers import member_routes
from nic_node.network.policy_pages import show_policy, take_policy
from nic_node.network.role_pages import take_roles
from nic_node.network.settings_pages import (
    show_invite,
    take_invite,
    take_revocation,
)
from nic_node.network.terms_pages import show_charter_version, show_policy_version, show_terms
from nic_node.network.theory import pages as theory
from nic_node.network.theory.api import theory_api_routes
from nic_node.web.routes import Api, Route, page
from nic_node.web.visitor import PUBLIC, SIGNED_IN

TEMPLATES = Path(__file__).parent / "templates"
COORDINATE = "network.coordinate"
ONE = "/network/{id}"


def page_routes() -> list[Route]:
    return [
        page("GET", "/network", "network.index", show_index, SIGNED_IN),
        page("GET", "/network/found", "network.found", show_found, "network.found"),
        page("POST", "/network/found", "network.found", take_found, "network.found", POLICY_BYTES),
        page("GET", "/net/{slug}", "network.terms", show_terms, PUBLIC),
        page("GET", "/net/{slug}/policy/{version}", "network.policy_version", show_policy_version, PUBLIC),
        page("GET", "/net/{slug}/charter/{version}", "network.charter_version", show_charter_version, PUBLIC),
        page("GET", "/net/{slug}/join", "network.invitation", show_invitation, PUBLIC),
        *_application_routes(),
        *_settings_routes(),
        *above.page_routes(),
        *invitees.page_routes(),
        *mail_page_routes(),
        *log.page_routes(),
        *moderation.page_routes(),
        *theory.page_routes(),
    ]


def _application_routes() -> list[Route]:
    one = ONE + "/applications/{member_id}"
    member = ONE + "/members/{member_id}"
    return [
        page("GET", ONE + "/applications", "network.applications", show_applications, COORDINATE),
        page("POST", one + "/approval", "network.approve", take_approval, COORDINATE),
        page("POST", ONE + "/applications/approvals", "network.approve_together", take_together, COORDINATE),
        page("POST", one + "/approval/undo", "network.take_back_approval", take_approval_back, COORDINATE),
        page("POST", one + "/settle/undo", "network.reopen_check", take_reopening, COORDINATE),
        page("POST", one + "/code", "network.code", take_code_wish, COORDINATE),
        page("POST", one + "/settle", "network.settle", take_settlement, COORDINATE),
        page("POST", one + "/recheck", "network.recheck", take_recheck, COORDINATE),
        page("GET", ONE + "/members", "network.members", show_members, COORDINATE),
        page("GET", member, "network.member", show_member, COORDINATE),
        page("POST", member, "network.member", take_decision, COORDINATE),
        page("POST", member + "/roles", "network.roles", take_roles, COORDINATE),
        page("GET", ONE + "/due", "network.due", show_due, COORDINATE),
        page("POST", ONE + "/renewals", "network.renew", take_renewals, COORDINATE),
        page("POST", member + "/decline", "network.decline_renewal", take_decline, COORDINATE),
        page("POST", member + "/appeal", "network.voice_appeal", take_voice, COORDINATE),
    ]


def _settings_routes() -> list[Route]:
    revoke = ONE + "/invitations/{invitation_id}/revoke"
    return [
        page("GET", ONE + "/invite", "network.invite", show_invite, COORDINATE),
        page("POST", ONE + "/invite", "network.invite", take_invite, COORDINATE),
        page("POST", revoke, "network.revoke_invitation", take_revocation, COORDINATE),
        page("GET", ONE + "/policy", "network.policy", show_policy, COORDINATE),
        page("POST", ONE + "/policy", "network.policy", take_policy, COORDINATE, POLICY_BYTES),
        page("GET", ONE + "/keys", "network.keys", key_pages.DESK.show, COORDINATE),
        page("POST", ONE + "/keys", "network.keys", key_pages.DESK.take, COORDINATE),
        page("GET", ONE + "/coordinators", "network.coordinators", show_coordinators, COORDINATE),
        page("POST", ONE + "/coordinators", "network.coordinators", take_coordinator, COORDINATE),
        page("POST", ONE + "/coordinators/{person_id}/remove", "network.remove_coordinator", take_removal, COORDINATE),
        page("POST", ONE + "/reversals", "network.reverse", take_reversal, COORDINATE),
        *_directory_routes(),
    ]


def _directory_routes() -> list[Route]:
    at, preview = ONE + "/directory", "network.directory_preview"
    return [
        page("GET", at, "network.directory", show_directory, COORDINATE),
        page("POST", at, "network.directory", take_directory, COORDINATE, DIRECTORY_MAX_BYTES),
        page("POST", at + "/discard", "network.directory_discard", take_discard, COORDINATE),
        page("GET", at + "/{sha256}", preview, show_preview, COORDINATE),
        page("POST", at + "/{sha256}", preview, take_preview, COORDINATE),
    ]


def peer_routes() -> list[Route]:
    return [*federation_routes(), *member_routes(), *log.peer_routes(), *incident_peer_routes()]


def api_routes() -> list[Api]:
    return [
        *own_api_routes(),
        *key_pages.DESK.api_routes(),
        *above_api_routes(),
        *moderation_api_routes(),
        *theory_api_routes(),
        *invitee_api_routes(),
        *mail_api_routes(),
        *log.api_routes(),
    ]
