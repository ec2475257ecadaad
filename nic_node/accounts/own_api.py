"""One's own account for programs, and the links that an administrator makes for others.

An access token opens none of the first: an account is looked after by its owner, with the session of a browser.
"""

from typing import Any

from marshmallow import fields, validate

from nic_node.accounts.account_pages import person_at_the_screen
from nic_node.accounts.actor import actor_of
from nic_node.accounts.change_people import rename_person
from nic_node.accounts.choose_password import change_password, create_reset_link
from nic_node.accounts.invite import renew_invitation
from nic_node.accounts.links import IssuedLink
from nic_node.accounts.people import person_of
from nic_node.accounts.people_pages import link_address
from nic_node.accounts.services import accounts
from nic_node.accounts.sessions import end_session, list_sessions
from nic_node.accounts.tables import NAME_LENGTH
from nic_node.web import context
from nic_node.web.address import address_of
from nic_node.web.api import ApiSchema
from nic_node.web.routes import Api, Call
from nic_node.web.visitor import SIGNED_IN

TAG = "accounts"
LONGEST_PASSWORD = 1_000


class NewNameSchema(ApiSchema):
    name = fields.String(required=True, validate=validate.Length(min=1, max=NAME_LENGTH))


class PersonNameSchema(ApiSchema):
    id = fields.Integer(required=True)
    name = fields.String(required=True)


class PasswordChangeSchema(ApiSchema):
    current = fields.String(required=True, load_only=True, validate=validate.Length(max=LONGEST_PASSWORD))
    password = fields.String(required=True, load_only=True, validate=validate.Length(max=LONGEST_PASSWORD))


class SignInSessionSchema(ApiSchema):
    id = fields.Integer(required=True)
    browser = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)
    last_seen_at = fields.AwareDateTime(required=True)
    is_this_one = fields.Boolean(required=True)


class SignInSessionsSchema(ApiSchema):
    items = fields.List(fields.Nested(SignInSessionSchema), required=True)


class PersonLinkSchema(ApiSchema):
    """A link that works once; shown now and never again."""

    link = fields.String(required=True)
    expires_at = fields.AwareDateTime(required=True)


async def rename_me(call: Call) -> Any:
    person, _ = person_at_the_screen(call.request)
    return await _rename(call, person.person_id)


async def rename(call: Call) -> Any:
    return await _rename(call, call.path_id())


async def _rename(call: Call, person_id: int) -> Any:
    async with context.database(call.request).writing() as session:
        await rename_person(
            session,
            actor=actor_of(call.request),
            person_id=person_id,
            name=call.body["name"],
            now=context.now(call.request),
        )
        await session.flush()
        return await person_of(session, person_id)


async def put_password(call: Call) -> None:
    person, session_id = person_at_the_screen(call.request)
    async with context.database(call.request).reading() as session:
        me = await person_of(session, person.person_id)
    await change_password(
        context.database(call.request),
        accounts(call.request).passwords,
        actor=actor_of(call.request),
        email=me.email,
        current=call.body["current"],
        new=call.body["password"],
        session_id=session_id,
        address=address_of(call.request),
        now=context.now(call.request),
    )


async def list_own_sessions(call: Call) -> dict[str, Any]:
    person, session_id = person_at_the_screen(call.request)
    async with context.database(call.request).reading() as session:
        rows = await list_sessions(session, person.person_id, now=context.now(call.request))
    names = ("id", "browser", "created_at", "last_seen_at")
    return {
        "items": [{**{name: getattr(row, name) for name in names}, "is_this_one": row.id == session_id} for row in rows]
    }


async def delete_session(call: Call) -> None:
    person_at_the_screen(call.request)
    async with context.database(call.request).writing() as session:
        await end_session(
            session, actor=actor_of(call.request), session_id=call.path_id(), now=context.now(call.request)
        )


async def make_invitation_anew(call: Call) -> dict[str, Any]:
    async with context.database(call.request).writing() as session:
        link = await renew_invitation(
            session,
            actor=actor_of(call.request),
            person_id=call.path_id(),
            now=context.now(call.request),
            config=context.config(call.request),
        )
    context.wake_worker(call.request)
    return _link(call, link)


async def make_reset_link(call: Call) -> dict[str, Any]:
    async with context.database(call.request).writing() as session:
        link = await create_reset_link(
            session, actor=actor_of(call.request), person_id=call.path_id(), now=context.now(call.request)
        )
    return _link(call, link)


def _link(call: Call, link: IssuedLink) -> dict[str, Any]:
    return {"link": link_address(call.request, link), "expires_at": link.expires_at}


def _operation(method: str, path: str, name: str, handler: Any, permit: str, summary: str, **more: Any) -> Api:
    return Api(
        method=method,
        path=f"/accounts{path}",
        name=f"accounts.api.{name}",
        handler=handler,
        permit=permit,
        tag=TAG,
        summary=summary,
        **more,
    )


def own_operations() -> list[Api]:
    named = {"body": NewNameSchema(), "answer": PersonNameSchema()}
    sessions, link = SignInSessionsSchema(), {"answer": PersonLinkSchema(), "status": 201}
    person, manage = "/people/{id}", "people.manage"
    return [
        _operation("PATCH", "/me", "rename_me", rename_me, SIGNED_IN, "Change your name", **named),
        _operation(
            "PUT", "/me/password", "password", put_password, SIGNED_IN,
            "Change your password; your other sessions end", body=PasswordChangeSchema(),
        ),
        _operation("GET", "/sessions", "sessions", list_own_sessions, SIGNED_IN, "Your sessions", answer=sessions),
        _operation("DELETE", "/sessions/{id}", "end_session", delete_session, SIGNED_IN, "End one of your sessions"),
        _operation("PATCH", person, "rename", rename, manage, "Change a person's name", **named),
        _operation(
            "POST", f"{person}/invitation", "renew_invitation", make_invitation_anew, manage,
            "A new link for somebody whose invitation waits", **link,
        ),
        _operation(
            "POST", f"{person}/reset-link", "reset_link", make_reset_link, manage,
            "A link with which somebody chooses a new password", **link,
        ),
    ]  # fmt: skip
