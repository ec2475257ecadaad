"""Kept searches for programs."""

from typing import Any

from marshmallow import fields, validate

from nic_node.accounts.actor import person_id_of
from nic_node.commons.saved.keep import Saved, make_feed, remove_search, save_search, saved_searches, set_digest
from nic_node.commons.saved.tables import NAME_LENGTH, QUERY_LENGTH
from nic_node.commons.shelf import SHELF
from nic_node.web.api import ApiSchema
from nic_node.web.context import config, database, now
from nic_node.web.routes import Api, Call, api_of

READ = "practices.read"


class SavedSearchSchema(ApiSchema):
    """`query` is that of /learn."""

    id = fields.Integer()
    name = fields.String()
    query = fields.String()
    digest = fields.Boolean()
    has_feed = fields.Boolean()


class SavedSearchesSchema(ApiSchema):
    items = fields.List(fields.Nested(SavedSearchSchema()))


class SaveSearchSchema(ApiSchema):
    name = fields.String(required=True, validate=validate.Length(1, NAME_LENGTH))
    query = fields.String(load_default="", validate=validate.Length(max=QUERY_LENGTH))
    digest = fields.Boolean(load_default=False)


class DigestSchema(ApiSchema):
    digest = fields.Boolean(required=True)


class FeedAddressSchema(ApiSchema):
    """Told once: whoever has the address can read the feed."""

    address = fields.String()


def saved_operations() -> list[Api]:
    operation = api_of("search", "/practices/saved-searches", read=READ, write=READ, answer=SavedSearchSchema())
    one = r"/{id:\d+}"
    return [
        operation("GET", "", "saved", list_saved, "The searches that you keep", answer=SavedSearchesSchema()),
        operation("POST", "", "save", post_saved, "Keep a search", body=SaveSearchSchema(), status=201),
        operation("PUT", f"{one}/digest", "saved_digest", put_digest, "Hear of it once a week, or no more",
                  body=DigestSchema(), answer=SavedSearchesSchema()),
        operation("POST", f"{one}/feed", "saved_feed", post_feed, "Make an address for its feed; an earlier one ends",
                  answer=FeedAddressSchema(), status=201),
        operation("DELETE", one, "saved_remove", delete_saved, "Keep it no more", answer=None, status=204),
    ]  # fmt: skip


def saved_document(saved: Saved) -> dict[str, Any]:
    return {
        "id": saved.id,
        "name": saved.name,
        "query": saved.query,
        "digest": saved.has_digest,
        "has_feed": saved.has_feed,
    }


async def list_saved(call: Call) -> Any:
    async with database(call.request).reading() as session:
        kept = await saved_searches(session, person_id_of(call.request))
    return {"items": [saved_document(each) for each in kept]}


async def post_saved(call: Call) -> Any:
    async with database(call.request).writing() as session:
        saved = await save_search(
            session,
            call.request.config_dict[SHELF],
            person_id=person_id_of(call.request),
            name=call.body["name"],
            query=call.body["query"],
            has_digest=call.body["digest"],
            now=now(call.request),
        )
    return saved_document(saved)


async def put_digest(call: Call) -> Any:
    async with database(call.request).writing() as session:
        await set_digest(
            session,
            person_id=person_id_of(call.request),
            saved_id=call.path_id(),
            has_digest=call.body["digest"],
        )
    return await list_saved(call)


async def post_feed(call: Call) -> Any:
    async with database(call.request).writing() as session:
        token = await make_feed(session, person_id=person_id_of(call.request), saved_id=call.path_id())
    return {"address": f"{config(call.request).public_url}/feeds/{token}"}


async def delete_saved(call: Call) -> Any:
    async with database(call.request).writing() as session:
        await remove_search(session, person_id=person_id_of(call.request), saved_id=call.path_id())
