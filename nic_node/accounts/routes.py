"""Where this room answers, and who may call it there."""

from pathlib import Path

from nic_node.accounts.account_pages import (
    show_account,
    take_end_session,
    take_language,
    take_name,
    take_password,
    take_revoke_token,
    take_token,
)
from nic_node.accounts.api import api_routes
from nic_node.accounts.audit_pages import show_audit
from nic_node.accounts.door_pages import show_sign_in, take_sign_in, take_sign_out
from nic_node.accounts.link_pages import INVITATION_PAGE, RESET_PAGE, SET_UP_PAGE
from nic_node.accounts.mail_pages import show_mail, show_mails, take_all, take_mail
from nic_node.accounts.people_pages import (
    show_people,
    show_person,
    take_deactivate,
    take_invite,
    take_person,
    take_reactivate,
    take_renew_invitation,
    take_reset_link,
)
from nic_node.web.routes import Route, page
from nic_node.web.visitor import PUBLIC, SIGNED_IN

__all__ = ["TEMPLATES", "api_routes", "page_routes"]

TEMPLATES = Path(__file__).parent / "templates"


def page_routes() -> list[Route]:
    return [*_door_routes(), *_account_routes(), *_people_routes(), *_mail_routes()]


def _door_routes() -> list[Route]:
    return [
        page("GET", "/sign-in", "accounts.sign_in", show_sign_in, PUBLIC),
        page("POST", "/sign-in", "accounts.sign_in", take_sign_in, PUBLIC),
        page("POST", "/sign-out", "accounts.sign_out", take_sign_out, PUBLIC),
        page("GET", "/setup/{token}", "accounts.setup", SET_UP_PAGE.show, PUBLIC),
        page("POST", "/setup/{token}", "accounts.setup", SET_UP_PAGE.take, PUBLIC),
        page("GET", "/invitation/{token}", "accounts.invitation", INVITATION_PAGE.show, PUBLIC),
        page("POST", "/invitation/{token}", "accounts.invitation", INVITATION_PAGE.take, PUBLIC),
        page("GET", "/reset/{token}", "accounts.reset", RESET_PAGE.show, PUBLIC),
        page("POST", "/reset/{token}", "accounts.reset", RESET_PAGE.take, PUBLIC),
    ]


def _account_routes() -> list[Route]:
    return [
        page("GET", "/account", "accounts.account", show_account, SIGNED_IN),
        page("POST", "/account/name", "accounts.account_name", take_name, SIGNED_IN),
        page("POST", "/account/language", "accounts.account_language", take_language, SIGNED_IN),
        page("POST", "/account/password", "accounts.account_password", take_password, SIGNED_IN),
        page("POST", "/account/sessions/{id}/end", "accounts.end_session", take_end_session, SIGNED_IN),
        page("POST", "/account/tokens", "accounts.new_token", take_token, SIGNED_IN),
        page("POST", "/account/tokens/{id}/revoke", "accounts.revoke_token", take_revoke_token, SIGNED_IN),
    ]


def _people_routes() -> list[Route]:
    return [
        page("GET", "/people", "accounts.people", show_people, "people.read"),
        page("POST", "/people", "accounts.people", take_invite, "people.manage"),
        page("GET", "/people/{id}", "accounts.person", show_person, "people.read"),
        page("POST", "/people/{id}", "accounts.person", take_person, "people.manage"),
        page("POST", "/people/{id}/close", "accounts.deactivate", take_deactivate, "people.manage"),
        page("POST", "/people/{id}/open", "accounts.reactivate", take_reactivate, "people.manage"),
        page("POST", "/people/{id}/invitation", "accounts.renew_invitation", take_renew_invitation, "people.manage"),
        page("POST", "/people/{id}/reset-link", "accounts.reset_link", take_reset_link, "people.manage"),
        page("GET", "/audit", "accounts.audit", show_audit, "audit.read"),
    ]


def _mail_routes() -> list[Route]:
    return [
        page("GET", "/mail", "accounts.mails", show_mails, "mail.manage"),
        page("POST", "/mail/all/send", "accounts.mails_send", take_all, "mail.manage"),
        page("GET", "/mail/{mail_id}", "accounts.mail", show_mail, "mail.manage"),
        page("POST", "/mail/{mail_id}", "accounts.mail", take_mail, "mail.manage"),
    ]
