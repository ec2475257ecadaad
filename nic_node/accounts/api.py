"""The same acts for programs. Programs sign in with an access token; tokens themselves are made by people."""

from typing import Any

from marshmallow import fields, validate

from nic_node.accounts.account_pages import person_at_the_screen
from nic_node.accounts.actor import actor_of
from nic_node.accounts.audit import audit_entries
from nic_node.accounts.change_people import change_roles, choose_language, deactivate, reactivate
from nic_node.accounts.invite import invite_person
from nic_node.accounts.mail_api import node_mail_operations
from nic_node.accounts.own_api import own_operations
from nic_node.accounts.people import PersonView, people_after, person_of
from nic_node.accounts.people_pages import link_address
from nic_node.accounts.permissions import ROLES
from nic_node.accounts.tables import EMAIL_LENGTH, NAME_LENGTH
from nic_node.accounts.tokens import LONGEST_DAYS, create_token, list_tokens, revoke_token
from nic_node.i18n import LANGUAGES, N_
from nic_node.web import context
from nic_node.web.api import BIGGEST_ID, ApiSchema, PageQuery
from nic_node.web.routes import Api, Call
from nic_node.web.visitor import SIGNED_IN, visitor

TAG = "accounts"


def _role_list() -> fields.List[str]:
    return fields.List(fields.String(validate=validate.OneOf(list(ROLES))), required=True)


def _name() -> fields.String:
    is_something = validate.Regexp(r"\s*\S", error=N_("Write a name."))
    return fields.String(required=True, validate=[is_something, validate.Length(max=NAME_LENGTH)])


class PersonSchema(ApiSchema):
    id = fields.Integer(required=True)
    name = fields.String(required=True)
    email = fields.String(required=True)
    roles = _role_list()
    active = fields.Boolean(required=True)
    joined = fields.Boolean(required=True, metadata={"description": "False while the invitation waits."})
    version = fields.Integer(required=True)


class MeSchema(PersonSchema):
    permissions = fields.List(fields.String(), required=True)
    language = fields.String(required=True)


class LanguageSchema(ApiSchema):
    language = fields.String(
        required=True,
        validate=validate.OneOf(["", *LANGUAGES]),
        metadata={"description": "Of pages and e-mails: en, es, or '' for what the browser asks for."},
    )


class PeopleSchema(ApiSchema):
    items = fields.List(fields.Nested(PersonSchema), required=True)
    next = fields.Integer(required=True, allow_none=True)


class PersonInvitationSchema(ApiSchema):
    """The body of an invitation."""

    name = _name()
    email = fields.Email(required=True, validate=validate.Length(max=EMAIL_LENGTH))
    roles = _role_list()


class InvitedPersonSchema(ApiSchema):
    person = fields.Nested(PersonSchema, required=True)
    link = fields.String(required=True, metadata={"description": "Works once; shown now and never again."})
    expires_at = fields.AwareDateTime(required=True)


class RolesChangeSchema(ApiSchema):
    roles = _role_list()
    version = fields.Integer(required=True, strict=True)


class ActiveChangeSchema(ApiSchema):
    active = fields.Boolean(required=True, truthy={True}, falsy={False})


class AccessTokenSchema(ApiSchema):
    id = fields.Integer(required=True)
    name = fields.String(required=True)
    scopes = fields.List(fields.String(), required=True)
    created_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)
    last_used_at = fields.AwareDateTime(required=True, allow_none=True)


class AccessTokensSchema(ApiSchema):
    items = fields.List(fields.Nested(AccessTokenSchema), required=True)


class NewAccessTokenSchema(ApiSchema):
    name = _name()
    scopes = fields.List(fields.String(), required=True)
    days = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=LONGEST_DAYS))


class IssuedAccessTokenSchema(ApiSchema):
    id = fields.Integer(required=True)
    token = fields.String(required=True, metadata={"description": "Shown now and never again."})
    expires_at = fields.AwareDateTime(required=True)


class AuditEntrySchema(ApiSchema):
    id = fields.Integer(required=True)
    at = fields.AwareDateTime(required=True)
    actor_kind = fields.String(required=True)
    actor_id = fields.Integer(required=True, allow_none=True)
    actor_name = fields.String(required=True)
    action = fields.String(required=True)
    subject = fields.String(required=True)
    subject_id = fields.String(required=True, allow_none=True)
    before = fields.Dict(required=True, allow_none=True)
    after = fields.Dict(required=True, allow_none=True)


class AuditEntriesQuery(PageQuery):
    by = fields.Integer(
        load_default=None,
        validate=validate.Range(min=1, max=BIGGEST_ID),
        metadata={"description": "the person who did it"},
    )


class AuditEntriesSchema(ApiSchema):
    items = fields.List(fields.Nested(AuditEntrySchema), required=True)
    next = fields.Integer(required=True, allow_none=True)


async def show_me(call: Call) -> dict[str, Any]:
    person = visitor(call.request)
    assert person is not None
    async with context.database(call.request).reading() as session:
        me = await person_of(session, person.person_id)
    return {**_document(me), "permissions": sorted(person.permissions), "language": me.language}


async def put_language(call: Call) -> dict[str, Any]:
    person = visitor(call.request)
    assert person is not None
    async with context.database(call.request).writing() as session:
        await choose_language(
            session,
            actor=actor_of(call.request),
            person_id=person.person_id,
            language=call.body["language"],
            now=context.now(call.request),
        )
    return await show_me(call)


async def list_people(call: Call) -> dict[str, Any]:
    limit = call.query["limit"]
    async with context.database(call.request).reading() as session:
        people = await people_after(session, call.query["after"], limit=limit + 1)
    more = len(people) > limit
    return {"items": [_document(person) for person in people[:limit]], "next": people[limit - 1].id if more else None}


async def invite(call: Call) -> dict[str, Any]:
    async with context.database(call.request).writing() as session:
        link = await invite_person(
            session,
            actor=actor_of(call.request),
            **call.body,
            now=context.now(call.request),
            config=context.config(call.request),
        )
        assert link.person_id is not None
        person = await person_of(session, link.person_id)
    context.wake_worker(call.request)
    return {"person": _document(person), "link": link_address(call.request, link), "expires_at": link.expires_at}


async def show_person(call: Call) -> dict[str, Any]:
    async with context.database(call.request).reading() as session:
        return _document(await person_of(session, call.path_id()))


async def put_roles(call: Call) -> dict[str, Any]:
    async with context.database(call.request).writing() as session:
        await change_roles(
            session,
            actor=actor_of(call.request),
            person_id=call.path_id(),
            roles=call.body["roles"],
            version=call.body["version"],
            now=context.now(call.request),
        )
        await session.flush()
        return _document(await person_of(session, call.path_id()))


async def put_active(call: Call) -> dict[str, Any]:
    change = reactivate if call.body["active"] else deactivate
    async with context.database(call.request).writing() as session:
        await change(session, actor=actor_of(call.request), person_id=call.path_id(), now=context.now(call.request))
        await session.flush()
        return _document(await person_of(session, call.path_id()))


async def list_own_tokens(call: Call) -> dict[str, Any]:
    person, _ = person_at_the_screen(call.request)
    async with context.database(call.request).reading() as session:
        return {"items": await list_tokens(session, person.person_id, now=context.now(call.request))}


async def make_token(call: Call) -> Any:
    person, _ = person_at_the_screen(call.request)
    async with context.database(call.request).writing() as session:
        return await create_token(
            session,
            actor=actor_of(call.request),
            allowed=person.permissions,
            **call.body,
            now=context.now(call.request),
        )


async def delete_token(call: Call) -> None:
    person_at_the_screen(call.request)
    async with context.database(call.request).writing() as session:
        await revoke_token(
            session, actor=actor_of(call.request), token_id=call.path_id(), now=context.now(call.request)
        )


async def list_audit(call: Call) -> dict[str, Any]:
    limit = call.query["limit"]
    async with context.database(call.request).reading() as session:
        entries = await audit_entries(session, after=call.query["after"], by=call.query["by"], limit=limit + 1)
    return {"items": entries[:limit], "next": entries[limit - 1].id if len(entries) > limit else None}


def _document(person: PersonView) -> dict[str, Any]:
    return {
        "id": person.id,
        "name": person.name,
        "email": person.email,
        "roles": sorted(person.roles),
        "active": person.active,
        "joined": person.joined,
        "version": person.version,
    }


def _operation(method: str, path: str, name: str, handler: Any, permit: str, summary: str, **more: Any) -> Api:
    return Api(
        method=method,
        path=path,
        name=f"accounts.api.{name}",
        handler=handler,
        permit=permit,
        tag=TAG,
        summary=summary,
        **more,
    )


def api_routes() -> list[Api]:
    people, person, tokens = "/accounts/people", "/accounts/people/{id}", "/accounts/tokens"
    return [
        _operation(
            "GET", "/accounts/me", "me", show_me, SIGNED_IN, "Who this is, and what they may do", answer=MeSchema()
        ),
        _operation(
            "PUT", "/accounts/me/language", "language", put_language, SIGNED_IN, "Choose the language of your pages",
            body=LanguageSchema(), answer=MeSchema(),
        ),
        _operation(
            "GET", people, "people", list_people, "people.read", "Everybody, by id",
            query=PageQuery(), answer=PeopleSchema(),
        ),
        _operation(
            "POST", people, "invite", invite, "people.manage", "Invite somebody; answers the link",
            body=PersonInvitationSchema(), answer=InvitedPersonSchema(), status=201,
        ),
        _operation("GET", person, "person", show_person, "people.read", "One person", answer=PersonSchema()),
        _operation(
            "PUT", f"{person}/roles", "roles", put_roles, "people.manage", "Give a person exactly these roles",
            body=RolesChangeSchema(), answer=PersonSchema(),
        ),
        _operation(
            "PUT", f"{person}/active", "active", put_active, "people.manage", "Close an account or open it again",
            body=ActiveChangeSchema(), answer=PersonSchema(),
        ),
        _operation(
            "GET", tokens, "tokens", list_own_tokens, SIGNED_IN, "Your access tokens", answer=AccessTokensSchema()
        ),
        _operation(
            "POST", tokens, "new_token", make_token, SIGNED_IN, "Make an access token; answers it once",
            body=NewAccessTokenSchema(), answer=IssuedAccessTokenSchema(), status=201,
        ),
        _operation("DELETE", f"{tokens}/{{id}}", "delete_token", delete_token, SIGNED_IN, "Revoke an access token"),
        _operation(
            "GET", "/accounts/audit", "audit", list_audit, "audit.read", "The audit log, newest first",
            query=AuditEntriesQuery(), answer=AuditEntriesSchema(),
        ),
        *own_operations(),
        *node_mail_operations(),
    ]  # fmt: skip
