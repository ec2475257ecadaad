"""One field over all that the school wrote."""

from typing import Any

from aiohttp import web
from marshmallow import fields, validate

from nic_node.accounts.actor import actor_of
from nic_node.errors import InvalidInput
from nic_node.school.search.find import Found, find_own_work
from nic_node.school.search.sources import KINDS
from nic_node.web.context import config, database
from nic_node.web.forms import FormSchema, load_form
from nic_node.web.templating import render
from nic_node.web.visitor import visitor


class SearchQuery(FormSchema):
    q = fields.String(load_default="")
    kind = fields.String(load_default="")
    page = fields.Integer(load_default=1, validate=validate.Range(1, 10_000))


async def show_search(request: web.Request) -> web.Response:
    actor_of(request)
    who = visitor(request)
    assert who is not None
    form = load_form(request.query, SearchQuery())
    found: Found | None = None
    if form.ok:
        try:
            async with database(request).reading() as session:
                found = await find_own_work(
                    session,
                    form.data["q"],
                    person_id=who.person_id,
                    permissions=who.permissions,
                    zone=config(request).time_zone,
                    kind=form.data["kind"],
                    page=form.data["page"],
                )
        except InvalidInput as error:
            form.refuse(error)
    values: dict[str, Any] = {
        "form": form,
        "found": found,
        "kinds": {kind: label for kind, (label, _permit) in KINDS.items()},
        "query": form.values.get("q", ""),
        "kind": form.values.get("kind", ""),
    }
    return await render(request, "search/show.html", values, status=200 if form.ok else 422)
